"""Children without a Latvian personal code: a provisional identity first, later joined with the register's."""

"""What stewards do: explain access, search the audit log, look after accounts. Never a dossier."""

"""PDF documents: embedded type with all Latvian letters, and text that is never markup."""

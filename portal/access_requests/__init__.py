"""Asking for access to a dossier, and deciding about it (piekļuves pieprasījumi)."""

"""Who else may read a dossier, and who may not: grants (atļaujas) and denials (liegumi)."""

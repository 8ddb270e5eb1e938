"""A child's dossier as its readers see it."""

"""Contacts and base data as people who work with the child know them."""

"""Reporting a concern, and deciding about reports."""

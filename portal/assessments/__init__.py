"""Assessments (novērtējumi): made with a tool, read as far as rights go, put together in the needs triangle."""

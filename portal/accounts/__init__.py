"""Accounts: who works where, in which position, from when to when; given by stewards, never by oneself."""

"""Messages: a head's question to one of the staff, the family's talk with whoever leads the case. All sealed."""

"""The support plan: written by the case manager, agreed with the family, done by everybody named in it."""

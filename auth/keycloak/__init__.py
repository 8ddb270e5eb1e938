"""Keycloak, the identity provider: the realm it imports, the copy that is run here, starting and stopping it."""

"""The technical level: one read interface for other systems, `/api/v1`, an application of its own beside the pages.

A client proves itself by a token of the identity provider (client credentials), asks about one child by personal code
in the body, and is told its named fields if it has a ground for the child (classifier technical_clients).
"""

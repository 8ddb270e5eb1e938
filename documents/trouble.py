"""What a command may meet and end with: one sentence that says what to do."""


class Trouble(Exception):
    """Expected, and no mistake of ours; its text is for whoever gave the command."""

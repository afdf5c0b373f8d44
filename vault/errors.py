class Damaged(Exception):
    """Say that kept bytes are gone, altered, or not what their row promises; the message is for people."""


class Destroyed(Damaged):
    """Say that kept bytes were given up on purpose, together with their key."""

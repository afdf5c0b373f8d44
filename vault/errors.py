class Damaged(Exception):
    """Say that kept bytes are gone, altered, or not what their row promises; the message is for people."""

"""What stops the embedded stack, in words for the person who started it."""


class StackFailed(Exception):
    """Say in Japanese why the embedded stack cannot run."""

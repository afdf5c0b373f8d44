class ExportRefused(Exception):
    """Say why an export cannot be made; the message is for people."""

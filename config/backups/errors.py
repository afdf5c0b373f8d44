"""What may go wrong with a backup, and is told in words instead of a trace."""

from botocore.exceptions import BotoCoreError, ClientError

from vault.errors import Damaged


class BackupFailed(Exception):
    """Say why a backup could not be made, restored or proved; the message is for people."""


TROUBLES = (BackupFailed, Damaged, OSError, BotoCoreError, ClientError)

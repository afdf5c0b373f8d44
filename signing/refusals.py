"""封印できないときの断り。文はそのまま人に見せる。"""


class SealingUnavailable(Exception):
    """Say that a timestamp or revocation data could not be had now; the same call may succeed later."""


class SealingRefused(Exception):
    """Say that this document cannot be sealed, now or later."""

"""Count what becomes of mails: sent, failed, bounced, cancelled, or put back to be tried again."""

from prometheus_client import Counter

MAILS = Counter("musubi_mails", "メールがどうなったか", ["state"])
AGAIN = "again"


def count(state: str) -> None:
    """Count one mail."""
    MAILS.labels(state).inc()

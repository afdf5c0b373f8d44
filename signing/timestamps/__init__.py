"""RFC 3161 のタイムスタンプを取り、自分で確かめてから受け取る。確かめられない答えは使わない。"""

from signing.timestamps.authorities import TimestampAuthorities, unavailable
from signing.timestamps.authority import TimestampAuthority
from signing.timestamps.entries import Entry, read_entries
from signing.timestamps.tokens import TimestampUnusable, Token

__all__ = [
    "Entry",
    "TimestampAuthorities",
    "TimestampAuthority",
    "TimestampUnusable",
    "Token",
    "read_entries",
    "unavailable",
]

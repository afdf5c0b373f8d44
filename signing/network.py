"""外への問いと、その答えを量る時計。"""

import time
from datetime import UTC, datetime

from outgoing.client import Answer, Unreachable, ask

__all__ = ["Answer", "Unreachable", "ask", "now"]


def now() -> datetime:
    """Read this machine's clock, against which answers from the network are judged."""
    return datetime.fromtimestamp(time.time(), UTC)

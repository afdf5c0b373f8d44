"""Count how each time authority answers, and how fast."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Histogram

SECONDS = Histogram(
    "musubi_tsa_seconds",
    "時刻認証局に尋ねて、答えを確かめるまでの秒数",
    ["tsa", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


@contextmanager
def asked(name: str) -> Iterator[None]:
    """Time one question; an exception is its failure."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "stamped"
    finally:
        SECONDS.labels(name, outcome).observe(time.perf_counter() - began)

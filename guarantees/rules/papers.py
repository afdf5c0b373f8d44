"""Which papers a city asks for with a guarantee, and which were handed in (R115)."""

from collections.abc import Iterable


def missing(required: Iterable[str], received: Iterable[str]) -> tuple[str, ...]:
    """List the papers that are required but were not handed in, in the order of the rules."""
    there = set(received)
    return tuple(paper for paper in required if paper not in there)

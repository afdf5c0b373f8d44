"""In which order guarantees are locked."""

from accounts.querysets import lock
from guarantees.models import Guarantee


def lock_in_case(guarantee: Guarantee, *related: str) -> Guarantee:
    """Read a guarantee again, locked together with its case until the transaction ends.

    The case comes first, as where its contract changes or its works are completed: all that is decided about the
    guarantees of one case is decided one after the other.
    """
    lock(guarantee.case)
    return lock(guarantee, *related)

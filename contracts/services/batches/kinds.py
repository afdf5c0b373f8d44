"""The kinds of deeds that can be asked for many times at once."""

from datetime import datetime

from accounts.actors import Actor
from contracts.models import BatchKind
from contracts.services.batches import decisions, invitations, reminders, signatures, submissions
from contracts.services.batches.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (signatures.KIND, decisions.KIND, submissions.KIND, invitations.KIND, reminders.KIND)
}
assert set(KINDS) == set(BatchKind)  # noqa: S101 - 種類を足したら、することも足す


def open_to(actor: Actor, *, at: datetime) -> list[Kind]:
    """List what this person may ask for, and is offered at a moment."""
    return [kind for kind in KINDS.values() if kind.may(actor) and kind.offered(actor, at)]

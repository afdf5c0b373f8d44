"""The kinds of deeds that can be asked for many times at once."""

from contracts.models import BatchKind
from contracts.services.batches import decisions, invitations, reminders, signatures
from contracts.services.batches.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (signatures.KIND, decisions.KIND, invitations.KIND, reminders.KIND)
}
assert set(KINDS) == set(BatchKind)  # noqa: S101 - 種類を足したら、することも足す

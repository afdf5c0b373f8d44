"""Keys are erased at the city's term after the completion; the record of the check stays (R124)."""

from datetime import datetime

from accounts import actors, tenancy
from contracts.services import evidence
from guarantees.models import Guarantee
from guarantees.services import keeping, revealing


def erase_next(*, tenant_id: int, at: datetime) -> bool:
    """Erase the key that has been due longest in a municipality; False when there is none."""
    with tenancy.acting_for(tenant_id):
        rows = Guarantee.unscoped.select_for_update(of=("self",), no_key=True, skip_locked=True)
        due = rows.filter(key_due_at__lte=at, key_erased_at__isnull=True).select_related("case")
        guarantee = due.order_by("key_due_at", "pk").first()
        if guarantee is None:
            return False
        _erase(guarantee, at=at)
    return True


def _erase(guarantee: Guarantee, *, at: datetime) -> None:
    revealing.forget(guarantee, at=at)
    guarantee.save(update_fields=["sealed_key", "sealed_url", "key_erased_at"])
    keeping.erase_keys(guarantee, at=at)
    evidence.record(
        "guarantee.key_erased",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actors.system(guarantee.tenant_id),
        at=at,
        number=guarantee.number,
    )

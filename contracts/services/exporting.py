"""Hand the register out as a file that can be taken in again."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions, tables
from contracts.models import Contractor
from contracts.services import evidence
from contracts.services.enlisting import THREAD
from contracts.services.import_register import COLUMNS, STANDINGS


@transaction.atomic
def export_register(*, actor: Actor, at: datetime, encoding: str) -> bytes:
    """Write every firm of the register (joint ventures are made of members, and stay on the screen)."""
    doors.check(permissions.can_keep_register, actor)
    rows = [_cells(firm) for firm in firms(actor)]
    content = tables.write(encoding, COLUMNS, rows)
    evidence.record_in(
        THREAD, "register.exported", subject="register", actor=actor, at=at, rows=len(rows), encoding=encoding
    )
    return content


def unwritable(actor: Actor) -> list[tuple[Contractor, str]]:
    """List the firms whose entries hold characters that CP932 lacks, with these characters."""
    found = ((firm, tables.unwritable("".join(_cells(firm)))) for firm in firms(actor))
    return [(firm, lost) for firm, lost in found if lost]


def firms(actor: Actor) -> list[Contractor]:
    rows = Contractor.objects.visible_to(actor).filter(is_joint_venture=False)
    return list(rows.order_by("name_key", "pk"))


def _cells(firm: Contractor) -> list[str]:
    words = {flag: word for word, flag in STANDINGS.items()}
    return [words[firm.active] if column.field == "active" else getattr(firm, column.field) for column in COLUMNS]

"""Hand the register out as a file that can be taken in again."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions, tables
from contracts.models import Contractor
from contracts.services import evidence
from contracts.services.register.enlisting import THREAD
from contracts.services.register.import_register import COLUMNS, STANDINGS
from contracts.streams import cells

EXAMPLES = 3


@dataclass(frozen=True)
class Lost:
    """A character that CP932 lacks, with its code point, how many entries hold it, and a few of their names."""

    char: str
    code: str
    count: int
    examples: list[str]

    @property
    def is_mark(self) -> bool:
        """Tell whether it only changes the shape of the character before it (IVS) and has none of its own."""
        return unicodedata.category(self.char) == "Mn"


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


def unwritable(actor: Actor) -> list[Lost]:
    """List the characters of the register that CP932 lacks."""
    found: dict[str, list[str]] = defaultdict(list)
    for firm in firms(actor):
        for char in cells.unwritable("".join(_cells(firm))):
            found[char].append(firm.full_name)
    return [Lost(char, f"U+{ord(char):04X}", len(names), names[:EXAMPLES]) for char, names in sorted(found.items())]


def firms(actor: Actor) -> list[Contractor]:
    rows = Contractor.objects.visible_to(actor).filter(is_joint_venture=False)
    return list(rows.order_by("name_key", "pk"))


def _cells(firm: Contractor) -> list[str]:
    words = {flag: word for word, flag in STANDINGS.items()}
    return [words[firm.active] if column.field == "active" else getattr(firm, column.field) for column in COLUMNS]

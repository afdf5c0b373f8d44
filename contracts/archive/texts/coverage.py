"""Which documents cannot be found by their text, or only in part: said wherever texts are searched."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from accounts.actors import Actor
from contracts.models import DocumentText, Reading


@dataclass(frozen=True)
class Coverage:
    """How many documents still wait to be read, have pictures nobody read, cannot be read, or were read in part."""

    waiting: int
    scanned: int
    unreadable: int
    cut: int

    def __bool__(self) -> bool:
        return any((self.waiting, self.scanned, self.unreadable, self.cut))


def coverage(actor: Actor) -> Coverage:
    """Count what is lacking in a municipality."""
    counted = lacking(actor).aggregate(
        waiting=Count("pk", filter=Q(state=Reading.WAITING)),
        scanned=Count("pk", filter=Q(state=Reading.SCANNED)),
        unreadable=Count("pk", filter=Q(state=Reading.UNREADABLE)),
        cut=Count("pk", filter=Q(is_cut=True)),
    )
    return Coverage(**counted)


def lacking(actor: Actor) -> Any:
    """Return the query of the documents whose text is not, or not wholly, searched."""
    return DocumentText.objects.visible_to(actor).filter(~Q(state=Reading.READ) | Q(is_cut=True))

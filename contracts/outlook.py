"""The radar of long life: when what proves the concluded documents ends, what was renewed, and what would not be."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min
from django.db.models.functions import ExtractYear

from accounts.actors import Actor
from contracts.models import Certificate, ConclusionCertificate, DocumentKind, Renewal, Revision

MOST = 50


@dataclass(frozen=True)
class Year:
    """How many documents' evidence ends in a year (JST), how many carry a signing certificate that ends in it, and
    how many renewals were made in it."""

    number: int
    stamps: int
    keys: int
    renewals: int


@dataclass(frozen=True)
class Outlook:
    """What keeps a city's concluded documents provable; lists are cut after 50, their numbers are not."""

    years: tuple[Year, ...]
    watched: int
    unknown: int
    due: int
    ended: int
    next_end: datetime | None
    failing: int
    failures: tuple[Renewal, ...]
    certificates: tuple[ConclusionCertificate, ...]


def outlook(actor: Actor, *, at: datetime) -> Outlook:
    """Look at everything a city has concluded."""
    rows = Renewal.objects.visible_to(actor)
    failing = rows.exclude(last_error="")
    waiting = ConclusionCertificate.objects.visible_to(actor).filter(document__isnull=True)
    return Outlook(
        years=tuple(_years(actor, rows)),
        watched=rows.count(),
        unknown=rows.filter(evidence_until__isnull=True).count(),
        due=rows.filter(due_at__lte=at).count(),
        ended=rows.filter(evidence_until__lte=at).count(),
        next_end=rows.aggregate(first=Min("evidence_until"))["first"],
        failing=failing.count(),
        failures=tuple(
            failing.select_related("document__version__contract__case").order_by("evidence_until", "pk")[:MOST]
        ),
        certificates=tuple(waiting.select_related("version__contract__case").order_by("pk")[:MOST]),
    )


def _years(actor: Actor, rows: Any) -> Iterator[Year]:
    stamps = _by_year(rows, "evidence_until")
    keys = _keys(actor)
    renewals = _by_year(_renewals(actor), "made_at")
    for number in sorted({*stamps, *keys, *renewals}):
        yield Year(number, stamps[number], keys[number], renewals[number])


def _by_year(rows: Any, moment: str) -> Counter[int]:
    known = rows.filter(**{f"{moment}__isnull": False}).annotate(year=ExtractYear(moment))
    return Counter(dict(known.order_by().values_list("year").annotate(n=Count("pk"))))


def _keys(actor: Actor) -> Counter[int]:
    """Count the concluded documents per year in which a certificate that signed them ends."""
    signed = Revision.objects.visible_to(actor).filter(document__renewal__isnull=False).exclude(key_fingerprint="")
    found = signed.order_by().values_list("key_fingerprint").annotate(n=Count("document", distinct=True))
    return _summed(found)


def _summed(found: Iterable[tuple[str, int]]) -> Counter[int]:
    counted = dict(found)
    ends = Certificate.objects.filter(fingerprint__in=counted).annotate(year=ExtractYear(F("ends_at")))
    years: Counter[int] = Counter()
    for fingerprint, year in ends.values_list("fingerprint", "year"):
        years[year] += counted[fingerprint]
    return years


def _renewals(actor: Actor) -> Any:
    """Find what only put a newer timestamp over a document (Revision.is_renewal)."""
    rows = Revision.objects.visible_to(actor).filter(number__gt=0, step__isnull=True, key_fingerprint="")
    return rows.exclude(document__kind=DocumentKind.CERTIFICATE, number=1)

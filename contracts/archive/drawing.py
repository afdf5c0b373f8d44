"""Draw entries for an audit so that anyone can draw the same ones again: all that answer, or some by a seed.

Entries are only ever added, and one that is corrected names its follower: up to the number of the last entry that was
there, the archive reads as it stood then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BinaryField, CharField, F, Func, Max, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts.archive.asking import Wanted, asked
from contracts.models import ArchiveEntry

MOST = 5_000
LONGEST_SEED = 40


@dataclass(frozen=True)
class Draw:
    """What is drawn of a question: `size` by a seed, or all where there is none; of the entries up to a number."""

    wanted: Wanted
    upto: int
    size: int | None = None
    seed: str = ""


def last_entry(actor: Actor) -> int:
    """Return the number of the newest entry of the asker's city; 0 when there is none."""
    newest = ArchiveEntry.objects.visible_to(actor).aggregate(last=Max("id"))["last"]
    return int(newest or 0)


def drawn(draw: Draw, *, actor: Actor) -> list[int]:
    """Return the ids of what is drawn: by seed in the order of SHA-256("seed:id"), else the newest contract first.

    Raises Refusal for more than MOST.
    """
    rows = _as_it_stood(draw.wanted, upto=draw.upto, actor=actor)
    if draw.size is not None:
        ids = list(rows.order_by(_lot(draw.seed), "id").values_list("id", flat=True)[: min(draw.size, MOST)])
    else:
        ids = list(rows.order_by("-concluded_date", "-id").values_list("id", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise Refusal(f"一度に抽出できるのは{MOST:,}件までです。条件をしぼるか、無作為に抽出してください。")
    return ids


def population(draw: Draw, *, actor: Actor) -> int:
    """Count the entries among which is drawn."""
    return int(_as_it_stood(draw.wanted, upto=draw.upto, actor=actor).count())


def entries(ids: Sequence[int], *, actor: Actor) -> list[ArchiveEntry]:
    """Read entries in the order of their ids as given."""
    rows = ArchiveEntry.objects.visible_to(actor).select_related("department").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _as_it_stood(wanted: Wanted, *, upto: int, actor: Actor) -> Any:
    archive = ArchiveEntry.objects.visible_to(actor)
    corrected_since = archive.filter(pk__gt=upto, corrects__lte=upto).values("corrects")
    return archive.filter(Q(is_current=True) | Q(pk__in=corrected_since), asked(wanted), pk__lte=upto)


def _lot(seed: str) -> Func:
    text = Concat(Value(f"{seed}:"), Cast(F("id"), CharField()), output_field=CharField())
    encoded = Func(text, Value("UTF8"), function="convert_to", output_field=BinaryField())
    return Func(encoded, function="sha256", output_field=BinaryField())

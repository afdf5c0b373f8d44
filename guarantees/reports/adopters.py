"""The orderers who take electronic guarantees (R98): read from a table, counted by class, laid out by area."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts import tenancy
from accounts.models import Organization
from contracts import tables
from contracts.dates import parse_month
from contracts.hooks import CityPage
from guarantees.models import AdopterClass, AdoptionRecord

CLASSES = {str(label): value for value, label in AdopterClass.choices}
# 地域ごとに並べる区分。ほかは、名前だけを並べる。
OF_AREAS = (AdopterClass.PREFECTURE, AdopterClass.CAPITAL, AdopterClass.MUNICIPALITY)
UNSURE = "要確認"


@dataclass(frozen=True)
class Adopter:
    """One row of the table; `started_month` is the first day of the month, None where the list names none."""

    kind: str
    area: str
    orderer: str
    started_month: date | None
    unsure: bool


@dataclass(frozen=True)
class Area:
    """One area with its adopters by the label of their class, in the order of OF_AREAS."""

    name: str
    groups: list[tuple[str, list[AdoptionRecord]]]


@dataclass(frozen=True)
class Listing:
    """The whole list as it stood on a day: how many of each class, bodies without an area, and the areas."""

    as_of_date: date
    counts: list[tuple[str, int]]
    bodies: list[tuple[str, list[AdoptionRecord]]]
    areas: list[Area]
    has_unsure: bool


def _class(text: str) -> str:
    if text not in CLASSES:
        raise ValueError(f"「{text[:20]}」という区分はありません。{'、'.join(CLASSES)}のどれかを書いてください。")
    return CLASSES[text]


def _mark(text: str) -> bool:
    if text != UNSURE:
        raise ValueError(f"「{UNSURE}」と書くか、空にしてください。")
    return True


COLUMNS = (
    tables.Column("kind", "区分", _class, example="市町村"),
    tables.Column("area", "地域", tables.name(20), may_be_empty=True, example="佐賀"),
    tables.Column("orderer", "発注者名", tables.name(100), example="武雄市"),
    tables.Column("started_month", "運用開始", parse_month, may_be_empty=True, example="R7.4"),
    tables.Column("unsure", UNSURE, _mark, required=False, may_be_empty=True),
)


def read(content: bytes) -> list[Adopter]:
    """Read the list from a CSV file with the headings of COLUMNS; raise TableRefused naming every wrong row."""
    rows = tables.read(content, COLUMNS).rows
    if problems := [f"{row.line}行目の{label}: {why}" for row in rows for label, why in row.problems]:
        raise tables.TableRefused(*problems)
    found = [
        Adopter(
            kind=row.values["kind"],
            area=row.values["area"],
            orderer=row.values["orderer"],
            started_month=row.values["started_month"] or None,
            unsure=bool(row.values.get("unsure")),
        )
        for row in rows
    ]
    _refuse_twins(found)
    return found


def _refuse_twins(found: Iterable[Adopter]) -> None:
    times = Counter((each.kind, each.area, each.orderer) for each in found)
    if twins := [orderer for (_, _, orderer), n in times.items() if n > 1]:
        raise tables.TableRefused(f"同じ発注者が二度あります: {'、'.join(twins[:10])}。")


def listing(city: Organization) -> Listing | None:
    """Lay out the list that a city shows; None before there is one."""
    with tenancy.acting_for(city.pk):
        rows = list(AdoptionRecord.unscoped.filter(tenant=city).order_by("pk"))
    if not rows:
        return None
    counts = Counter(row.kind for row in rows)
    return Listing(
        as_of_date=rows[0].as_of_date,
        counts=[(label, counts[value]) for value, label in AdopterClass.choices if counts[value]],
        bodies=[
            (label, [row for row in rows if row.kind == value])
            for value, label in AdopterClass.choices
            if value not in OF_AREAS and counts[value]
        ],
        areas=_areas([row for row in rows if row.kind in OF_AREAS]),
        has_unsure=any(row.unsure for row in rows),
    )


def city_page(city: Organization) -> CityPage | None:
    """Offer the public page of the list, where there is one to show."""
    with tenancy.acting_for(city.pk):
        there = AdoptionRecord.unscoped.filter(tenant=city).exists()
    return CityPage("city_adopters", "導入発注者") if there else None


def _areas(rows: list[AdoptionRecord]) -> list[Area]:
    """Group by area, in the order in which the list names the areas."""
    return [
        Area(
            name,
            [(str(kind.label), [row for row in rows if (row.area, row.kind) == (name, kind)]) for kind in OF_AREAS],
        )
        for name in dict.fromkeys(row.area for row in rows)
    ]

"""What a city says about its rules to the world: its published rules, as values for its public pages (R11, R119)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from contracts import hooks, rules
from contracts.hooks import CityPage
from contracts.law.stamp_duty import Duty, stamp_duty
from contracts.models import RuleSet
from contracts.rules import Rules
from contracts.rules.choices import SIDES, SUBJECTS
from contracts.rules.nodes import as_date

Card = Mapping[str, rules.CardLine]

# 庁内の決裁や文書の管理は外に示さない。版の名と日付は、頁の頭に出す。
UNTOLD = {"approval", "reminders", "retention", "version", "effective_date", "source"}
EXAMPLE_KIND = "construction"
EXAMPLE_WITHOUT_TAX = 10_000_000


@dataclass(frozen=True)
class Published:
    """A city's version in force on a day, and the one that follows it, as far as they are published."""

    current: RuleSet | None
    coming: RuleSet | None


@dataclass(frozen=True)
class Line:
    """One line of the rule card; `coming` and `elsewhere` only where the next version or another city differs."""

    key: str
    topic: str
    text: str
    coming: str
    elsewhere: str


@dataclass(frozen=True)
class Chapter:
    """One chapter of the guide: the city's words, what is worth knowing, and the lines of its rule card."""

    anchor: str
    title: str
    paragraphs: tuple[str, ...]
    tips: tuple[str, ...]
    lines: tuple[rules.CardLine, ...]


@dataclass(frozen=True)
class Preparation:
    """One thing to have ready before an award, with the lines of the rule card that it follows from."""

    title: str
    text: str
    url: str
    lines: tuple[rules.CardLine, ...]


@dataclass(frozen=True)
class Notice:
    """One dated announcement."""

    on: date
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Part:
    """The chapters, merits or questions about one subject."""

    subject: str
    label: str
    entries: tuple[Any, ...]


@dataclass(frozen=True)
class Saving:
    """The stamp duty that a paper contract of this amount would cost, whole yen."""

    amount: int
    without_tax: int
    duty: Duty


def published(city: Organization, *, on: date) -> Published:
    """Read a city's rules as they stand on a day (JST) and as they are announced."""
    with tenancy.acting_for(city.pk):
        try:
            current = RuleSet.in_force(tenant=city, on=on)
        except RuleSet.DoesNotExist:
            current = None
        return Published(current, RuleSet.announced(tenant=city, after=on))


def more_pages(city: Organization) -> list[CityPage]:
    """List the public pages that apps above add to a city's guide."""
    return [page for find in hooks.city_pages if (page := find(city)) is not None]


def neighbours(city: Organization) -> list[Organization]:
    """List the other municipalities on this installation, whose rules may be held beside this city's."""
    others = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).exclude(pk=city.pk)
    return list(others.only("slug", "name").order_by("name"))


def lines(data: Rules, *, coming: Rules | None = None, elsewhere: Rules | None = None) -> list[Line]:
    """Say the rule card, each line beside what differs in the next version and in another city (idea 4)."""
    later, there = _texts(coming), _texts(elsewhere)

    def unlike(found: Mapping[str, str], line: rules.CardLine) -> str:
        return found.get(line.key, "") if found.get(line.key) != line.text else ""

    return [
        Line(line.key, line.topic, line.text, unlike(later, line), unlike(there, line)) for line in rules.card(data)
    ]


def changes(data: Rules, coming: Rules) -> list[rules.Change]:
    """List what the next version changes, without the city's internal routes of approval."""
    return [change for change in rules.differences(data, coming) if change.path.split(".")[0] not in UNTOLD]


def chapters(data: Rules, *, own: Iterable[rules.CardLine] = ()) -> list[Part]:
    """Read the guide: its chapters by subject, filled with the city's rules and with lines of its `own` settings."""
    return _filled(data, "guide", _chapters, own)


def checklist(data: Rules) -> list[Part]:
    """Read what a contractor checks before an award (R99, R119), filled with the city's own values."""
    return _filled(data, "checklist", _preparations)


def notices(data: Rules, *, on: date, subject: str = "") -> list[Notice]:
    """List the announcements that stand on a day (JST), about a subject or all of them, the newest first (R109a)."""
    found = (
        Notice(as_date(each["date"]), each["title"], each.get("text", ""), each.get("url", ""))
        for each in rules.text(data, "notices")
        if subject in {"", each["subject"]} and ("until" not in each or on <= as_date(each["until"]))
    )
    return sorted(found, key=lambda notice: notice.on, reverse=True)


def news(city: Organization, *, on: date, subject: str) -> list[Notice]:
    """List what a city, which must be in view, announces on a day: by its rules of that day, whatever a case began by.

    A case keeps the rules that it began under, but what is announced concerns whoever reads it today.
    """
    try:
        return notices(RuleSet.in_force(tenant=city, on=on).data, on=on, subject=subject)
    except RuleSet.DoesNotExist:
        return []


def by_subject(entries: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Sort texts by what they are about: electronic contracts, then guarantees; empty subjects are left out."""
    every = list(entries)
    parts = (
        Part(key, label, tuple(entry for entry in every if entry["subject"] == key)) for key, label in SUBJECTS.items()
    )
    return [part for part in parts if part.entries]


def merits(data: Rules) -> list[Part]:
    """List the merits by subject and by whose they are, the contractor's first (R12, R93, R94, R110)."""
    parts = []
    for part in by_subject(rules.text(data, "merits")):
        for side, name in SIDES.items():
            entries = tuple(each for each in part.entries if each.get("whose", "contractor") == side)
            parts.append(Part(f"{part.subject}-{side}", f"{part.label}：{name}の利点", entries))
    return [part for part in parts if part.entries]


def links(data: Rules) -> dict[str, list[Mapping[str, Any]]]:
    """Group the links by their topic, in the order in which the topics appear."""
    topics: dict[str, list[Mapping[str, Any]]] = {}
    for link in rules.text(data, "links"):
        topics.setdefault(link["topic"], []).append(link)
    return topics


def topics(city: Organization, *, on: date) -> dict[str, list[Mapping[str, Any]]]:
    """Group the links of the rules that a city has published for a day (JST); none before its first rules."""
    current = published(city, on=on).current
    return links(current.data) if current else {}


def saving(data: Rules, *, on: date) -> Saving | None:
    """Work out the example of stamp duty for works contracted on a day; None where contracts stay on paper."""
    if not data["econtract"]["offered"]:
        return None
    percent = rules.contract_terms(data, kind=EXAMPLE_KIND).tax_percent
    amount = EXAMPLE_WITHOUT_TAX * (100 + percent) // 100
    duty = stamp_duty(kind=EXAMPLE_KIND, amount_without_tax=EXAMPLE_WITHOUT_TAX, on=on)
    return Saving(amount, EXAMPLE_WITHOUT_TAX, duty)


def _texts(data: Rules | None) -> dict[str, str]:
    return {line.key: line.text for line in rules.card(data)} if data else {}


def _filled(
    data: Rules, key: str, fill: Callable[[Part, Card], Iterator[Any]], own: Iterable[rules.CardLine] = ()
) -> list[Part]:
    card = {line.key: line for line in (*rules.card(data), *own)}
    return [Part(part.subject, part.label, tuple(fill(part, card))) for part in by_subject(rules.text(data, key))]


def _chapters(part: Part, card: Card) -> Iterator[Chapter]:
    for number, entry in enumerate(part.entries, start=1):
        paragraphs, tips = tuple(entry["paragraphs"]), tuple(entry.get("tips", ()))
        yield Chapter(f"{part.subject}-{number}", entry["title"], paragraphs, tips, _shown(entry, card))


def _preparations(part: Part, card: Card) -> Iterator[Preparation]:
    for entry in part.entries:
        yield Preparation(entry["title"], entry.get("text", ""), entry.get("url", ""), _shown(entry, card))


def _shown(entry: Mapping[str, Any], card: Card) -> tuple[rules.CardLine, ...]:
    return tuple(card[key] for key in entry.get("shows", ()) if key in card)

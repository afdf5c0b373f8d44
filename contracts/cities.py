"""What several cities say to one contractor, side by side: matters by deadline, rules, notices, what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Organization
from contracts import guide, rules
from contracts.models import AccessLink, Inbox, Purpose
from contracts.services.inboxes.rooms import Room

# 票の六行。対象かどうかは、案件ごとに決まっている
ELIGIBILITY = {"eligibility", "guarantee"}
MOST_NOTICES = 5


@dataclass(frozen=True)
class Matter:
    """One matter of one city; `days_left` until the deadline of the contract, where one binds it."""

    city: Organization
    inbox: Inbox
    link: AccessLink
    days_left: int | None


@dataclass(frozen=True)
class Card:
    """The six lines of a city's rule card; `other` is the city from which they are told apart, if there is one."""

    lines: tuple[guide.Line, ...]
    other: Organization | None

    @property
    def differs(self) -> int:
        return sum(bool(line.elsewhere) for line in self.lines)


@dataclass(frozen=True)
class Hint:
    """Something worth doing now, and the page of the city where it is done or explained."""

    city: Organization
    text: str
    route: str
    label: str


def matters(rooms: Sequence[Room], *, today: date) -> list[Matter]:
    """List what waits in all cities, the nearest deadline first."""
    found = [(room, link) for room in rooms for link in room.waiting]
    found.sort(key=lambda each: (_due(each[1]) or date.max, each[1].expires_at))
    return [
        Matter(room.city, room.inbox, link, rules.days_left(due, today) if (due := _due(link)) else None)
        for room, link in found
        if room.inbox is not None
    ]


def _due(link: AccessLink) -> date | None:
    """Return the day that binds a matter: that of the contract, except for a guarantee, which follows it."""
    return None if link.purpose == Purpose.GUARANTEE else link.case.conclusion_deadline_date


def with_cards(rooms: Sequence[Room]) -> list[tuple[Room, Card | None]]:
    """Pair each city with its rule card, told apart from the city that the contractor dealt with last.

    The rooms come in the order of business: the first is told apart from the next, all others from the first.
    """
    known = [room for room in rooms if room.rules is not None]
    return [(room, _card(room, next((other for other in known if other is not room), None))) for room in rooms]


def _card(room: Room, other: Room | None) -> Card | None:
    if room.rules is None:
        return None
    theirs = other.rules.data if other and other.rules else None
    lines = guide.lines(room.rules.data, elsewhere=theirs)
    return Card(tuple(line for line in lines if line.key not in ELIGIBILITY), other.city if other else None)


def notices(rooms: Sequence[Room], *, on: date) -> list[tuple[str, guide.Notice]]:
    """List the newest dated announcements, each once with the cities that make it (R109a)."""
    names: dict[guide.Notice, list[str]] = {}
    for room in rooms:
        for notice in guide.notices(room.rules.data, on=on) if room.rules else ():
            names.setdefault(notice, []).append(room.city.name)
    newest = sorted(names, key=lambda notice: notice.on, reverse=True)[:MOST_NOTICES]
    return [("、".join(names[notice]), notice) for notice in newest]


def hints(rooms: Sequence[Room]) -> list[Hint]:
    """Suggest what to do beyond what the cities ask for (R109a)."""
    return [hint for room in rooms for hint in _hints(room)]


def _hints(room: Room) -> Iterator[Hint]:
    if room.prepares and room.rules is not None and room.rules.data["guarantee"]["offered"]:
        text = _("契約の前に、保証の申込みをお済ませください。電子証書の登録には、保証契約番号と認証キーが要ります。")
        yield Hint(room.city, text, "city_checklist", _("落札前の確認と必要なもの"))
    if room.untaken:
        text = _("締結した契約のうち%(count)s件を、まだ受け取っていません。期限までにダウンロードしてください。")
        yield Hint(room.city, text % {"count": len(room.untaken)}, "city_records", _("データの保存のしかた"))

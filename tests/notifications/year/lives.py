"""The lives of cases over a year: what happens to each of them, and when, drawn from a seed; no row is made here.

A life is a set of moments. What is missing from `when` never happens.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from tests.notifications.year import closed

JST = timezone(timedelta(hours=9))
Span = tuple[date, date]
YEAR: Span = (date(2027, 4, 1), date(2028, 3, 31))
When = dict[str, datetime]
# 一つの手続きから次までの時間。急ぐ人、普通の人、遅い人
PACES = {"quick": (1, 12), "ordinary": (6, 50), "slow": (30, 170)}
SIGNING, DOWNLOADING = timedelta(days=45), timedelta(days=14)


@dataclass(frozen=True)
class Town:
    """How a city counts the days to the contract (None: it does not), as its guide says."""

    slug: str
    days: int | None
    inclusive: bool = False
    only_open: bool = False

    def counted(self, awarded: date, nth: int) -> date:
        return closed.counted(awarded, nth, inclusive=self.inclusive, only_open=self.only_open)

    def deadline(self, awarded: date) -> date | None:
        return None if self.days is None else self.counted(awarded, self.days)


TOWNS = (
    Town("tosu", 5),
    Town("matsuyama", 7, only_open=True),
    Town("miyakonojo", 7, inclusive=True),
    Town("usuki", None),
)


@dataclass(frozen=True)
class Pace:
    """What a version of the rules says in [reminders]; (first after, then every) in days."""

    deadline_from_day: int = 3
    escalate_days_left: int = 1
    overdue_every_days: int = 7
    unopened: tuple[int, int] = (2, 2)
    consent: tuple[int, int] = (2, 2)
    guarantee: tuple[int, int] = (7, 7)
    download_days_left: tuple[int, ...] = (7, 3, 1)
    authority_days_left: tuple[int, ...] = (30, 7)
    certificate_days_left: tuple[int, ...] = (30, 7, 1)

    @property
    def section(self) -> dict[str, object]:
        """Write it as the rules do."""
        waits = {"unopened": self.unopened, "consent": self.consent, "guarantee": self.guarantee}
        spans = {f"{name}_after_days": first for name, (first, _) in waits.items()}
        spans |= {f"{name}_every_days": every for name, (_, every) in waits.items()}
        rest = {name: value for name, value in asdict(self).items() if name not in waits}
        return spans | {name: list(value) if isinstance(value, tuple) else value for name, value in rest.items()}


# どの市も、年の途中で規程を改める。案件は始まったときの版のまま、任期と証明書はその日の版による
CHANGED = date(2028, 1, 17)
OLD = Pace()
NEW = Pace(
    deadline_from_day=2,
    escalate_days_left=2,
    overdue_every_days=5,
    unopened=(1, 3),
    consent=(3, 1),
    guarantee=(5, 4),
    download_days_left=(5, 2),
    authority_days_left=(20, 3),
    certificate_days_left=(14, 2, 0),
)


def pace_on(day: date) -> Pace:
    return NEW if day >= CHANGED else OLD


@dataclass(frozen=True)
class Clerk:
    """One member of staff with one role; the days are those of the term."""

    key: str
    role: str
    department: int | None = None
    starts: date | None = None
    ends: date | None = None

    def holds(self, day: date) -> bool:
        return (self.starts or day) <= day <= (self.ends or day)


# 課長の交代、課長のいない課、だれも承認者のいない年の瀬が、それぞれ一度は来る
STAFF = (
    Clerk("drafter-a", "drafter", 0),
    Clerk("drafter-b", "drafter", 1),
    Clerk("drafter-c", "drafter", 0, ends=date(2027, 10, 31)),
    Clerk("chief-old", "approver", 0, ends=date(2027, 11, 30)),
    Clerk("chief-new", "approver", 0, starts=date(2028, 1, 1)),
    Clerk("chief-all", "approver", None, ends=date(2027, 12, 20)),
    Clerk("keeper-a", "administrator"),
    Clerk("keeper-b", "administrator"),
    Clerk("mayor-old", "signatory", ends=date(2028, 1, 31)),
    Clerk("mayor-new", "signatory"),
)


@dataclass(frozen=True)
class Deputy:
    """代決: who decides in another's stead, on which days."""

    principal: str
    delegate: str
    first: date
    last: date


DEPUTIES = (
    Deputy("chief-all", "drafter-b", date(2027, 8, 9), date(2027, 8, 27)),
    Deputy("chief-new", "keeper-a", date(2028, 1, 17), date(2028, 2, 29)),
)


@dataclass(frozen=True)
class Seal:
    """A certificate that nobody follows, with the cities that sign by it (none named: all without one of their own)."""

    name: str
    kind: str
    ends: datetime
    owners: tuple[str, ...] = ()

    def serves(self, slug: str) -> bool:
        if self.kind == "timestamp" or self.owners:
            return not self.owners or slug in self.owners
        return not any(slug in each.owners for each in SEALS)


# 終わりの時刻は UTC で前の日。使える最後の日は日本の日付で数える
SEALS = (
    Seal("shared", "signing", datetime(2027, 8, 31, 20, tzinfo=UTC)),
    Seal("tosu", "signing", datetime(2028, 1, 4, 16, tzinfo=UTC), ("tosu",)),
    Seal("tsa", "timestamp", datetime(2028, 3, 2, 3, tzinfo=UTC)),
)
# 名簿にある契約締結権限者の任期の末日。事業者の番号ごと
TERMS = {0: date(2028, 2, 29), 1: date(2028, 3, 30)} | {
    firm: YEAR[0] + timedelta(days=firm * 37 % 365) for firm in range(7, 84, 7)
}


@dataclass
class Answer:
    """One firm's 承諾書: invited, submitted, and perhaps returned and submitted again."""

    firm: int
    when: When = field(default_factory=dict)


@dataclass
class Signer:
    """One firm's place in the order of signatures."""

    firm: int
    email: str
    when: When = field(default_factory=dict)


@dataclass
class Draft:
    """One version of the contract on its way."""

    drafter: str
    mayor: str
    department: int | None
    signers: list[Signer]
    when: When = field(default_factory=dict)


@dataclass
class Life:
    """One case from its award on."""

    number: int
    town: int
    department: int
    registrar: str
    firms: int
    when: When
    awarded: date
    answers: list[Answer] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    @property
    def deadline(self) -> date | None:
        return TOWNS[self.town].deadline(self.awarded)

    @property
    def pace(self) -> Pace:
        return pace_on(self.awarded)

    def firm(self, place: int) -> int:
        """Number the firm, or the member of a joint venture; one firm may have several cases."""
        return (self.number + place) % 400

    def email(self, place: int) -> str:
        return address_of(self.firm(place))


def address_of(firm: int) -> str:
    """Name the address that the register has of a firm."""
    return f"firm{firm}@kensetsu.example.jp"


def heading(about: str) -> str:
    """Name the case that something is about, as mails do; "" for what is no case's."""
    kind, _, number = about.partition(":")
    if kind in {"membership", "authority", "certificate"}:
        return ""
    case = number.partition(".")[0]
    return f"市道{case}号線道路改良工事（工第{case}号）"


def lives(count: int, *, towns: Sequence[int], span: Span = YEAR, seed: int = 1) -> list[Life]:
    """Draw so many lives that begin within a span of days, spread over some towns."""
    chance = random.Random(seed)
    return [_life(number, towns[number % len(towns)], span, chance) for number in range(count)]


def _life(number: int, town: int, span: Span, chance: random.Random) -> Life:
    day = span[0] + timedelta(days=chance.randrange((span[1] - span[0]).days - 5))
    moment = datetime.combine(closed.last_open(day), datetime.min.time(), JST)
    moment += timedelta(minutes=chance.choice((20, 8 * 60 + 3, 10 * 60, 14 * 60, 23 * 60 + 40)))
    life = Life(
        number=number,
        town=town,
        department=chance.randrange(2),
        registrar=chance.choice(("drafter-a", "drafter-b", "drafter-c")),
        firms=chance.choice((1, 1, 1, 2)),
        when={"registered": moment},
        # 落札から日がたって登録される案件もある
        awarded=moment.date() - timedelta(days=chance.choice((0, 0, 0, 1, 3, 6))),
    )
    walk = _Walk(moment, chance, pace=chance.choice(tuple(PACES)), stuck=chance.random() < 0.45)
    _answered(life, walk)
    _drafted(life, walk)
    _closed(life, walk, chance)
    return life


class _Walk:
    """The clock of one life: it goes on by a pace, and for some it stops at any step."""

    def __init__(self, moment: datetime, chance: random.Random, *, pace: str, stuck: bool) -> None:
        self.moment, self.chance, self.pace = moment, chance, PACES[pace]
        self.steps = chance.randrange(1, 14) if stuck else 1000

    @property
    def goes_on(self) -> bool:
        return self.steps > 0

    def next(self, when: When, name: str) -> bool:
        self.steps -= 1
        if self.goes_on:
            self.moment += timedelta(minutes=60 * self.chance.uniform(*self.pace))
            when[name] = self.moment
        return self.goes_on


def _answered(life: Life, walk: _Walk) -> None:
    """Have the firms answer one after the other; now and then the form comes back to them."""
    life.answers = [Answer(firm) for firm in range(life.firms)]
    invited: When = {}
    if not walk.next(invited, "invited"):
        return
    for answer in life.answers:
        answer.when |= invited
    for answer in life.answers:
        walk.next(answer.when, "submitted")
        if walk.chance.random() < 0.25:
            walk.next(answer.when, "returned") and walk.next(answer.when, "resubmitted")
        walk.next(answer.when, "accepted")


def _drafted(life: Life, walk: _Walk) -> None:
    """Draft, approve and sign; now and then a firm declines and a second version follows."""
    for attempt in range(2):
        if not walk.goes_on:
            return
        draft = Draft(
            drafter=walk.chance.choice(("drafter-a", "drafter-b", "drafter-c")),
            mayor=walk.chance.choice(("mayor-old", "mayor-new")),
            department=walk.chance.choice((None, life.department)),
            signers=[Signer(firm, _signer(life, firm, walk.chance)) for firm in range(life.firms)],
        )
        life.drafts.append(draft)
        if not (walk.next(draft.when, "drafted") and walk.next(draft.when, "submitted")):
            return
        if walk.next(draft.when, "sent") and _signed(draft, walk, declines=attempt == 0 and walk.chance.random() < 0.2):
            return


def _signer(life: Life, firm: int, chance: random.Random) -> str:
    return life.email(firm) if chance.random() < 0.5 else f"president.{life.number}.{firm}@kensetsu.example.jp"


def _signed(draft: Draft, walk: _Walk, *, declines: bool) -> bool:
    """Sign one after the other until all have; False when a firm declined."""
    asked = draft.when["sent"]
    for signer in draft.signers:
        signer.when["requested"] = asked
        walk.next(signer.when, "opened")
        if declines:
            walk.next(draft.when, "declined")
            return not walk.goes_on
        if not walk.next(signer.when, "signed"):
            return True
        asked = signer.when["signed"]
    draft.when["mayor_asked"] = asked
    if walk.next(draft.when, "mayor_signed") and walk.next(draft.when, "concluded"):
        for signer in draft.signers:
            _downloaded(signer, draft.when["concluded"], walk.chance)
    return True


def _downloaded(signer: Signer, at: datetime, chance: random.Random) -> None:
    """Have some take their copy at once, some late, some with a new link, and some never."""
    signer.when["given"] = at
    if chance.random() < 0.3:
        signer.when["given_again"] = at + timedelta(hours=chance.uniform(30, 700))
    if chance.random() < 0.5:
        signer.when["downloaded"] = at + timedelta(hours=chance.uniform(1, 330))


def _closed(life: Life, walk: _Walk, chance: random.Random) -> None:
    """Give the case its end, its guarantee after that, and let nothing of the contract happen any more."""
    ended = next((draft.when["concluded"] for draft in life.drafts if "concluded" in draft.when), None)
    if ended is not None:
        life.when["concluded"] = ended
    elif not any("mayor_signed" in draft.when for draft in life.drafts) and chance.random() < 0.6:
        how = "lapsed" if any("drafted" in draft.when for draft in life.drafts) and chance.random() < 0.4 else "paper"
        ended = life.when[how] = walk.moment + timedelta(hours=chance.uniform(0.5, 900))
    if ended is not None and "lapsed" not in life.when and chance.random() < 0.5:
        life.when["expected"] = ended
        if chance.random() < 0.7:
            life.when["settled"] = ended + timedelta(hours=chance.uniform(1, 900))

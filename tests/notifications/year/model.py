"""Who must be told what on which morning, written from the table of docs/reminders.md and from nothing else.

A told thing is (rule, what it is about, planned day, address). It knows lives, not rows, and none of the program.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from tests.notifications.year import closed
from tests.notifications.year.lives import (
    DEPUTIES,
    DOWNLOADING,
    JST,
    SEALS,
    SIGNING,
    STAFF,
    TERMS,
    TOWNS,
    Draft,
    Life,
    Signer,
    When,
    pace_on,
)

# 一台を預かる人は、関わる市がいくつあっても、名の順で初めの市から一度だけ聞く
OPERATORS = frozenset({"unyou@musubi.example.jp"})


class Told(NamedTuple):
    rule: str
    about: str
    planned: date
    to: str


@dataclass(frozen=True)
class Reason:
    """Why somebody is told: the days that are planned for it, and which way a closed day gives."""

    rule: str
    about: str
    to: frozenset[str]
    is_planned: Callable[[date], bool]
    shift: Callable[[date], date]


def planned(reason: Reason, morning: date) -> date | None:
    """Find the latest planned day whose sending day is within the seven days up to this morning."""
    for back in range(-20, 25):
        day = morning - timedelta(days=back)
        if reason.is_planned(day) and morning - timedelta(days=7) < reason.shift(day) <= morning:
            return day
    return None


def expected(lives: list[Life], at: datetime, *, town: int, towns: Collection[int]) -> Iterator[Told]:
    """Tell what is due at a moment of a morning, if nothing of it was told before; nothing on a closed day."""
    morning = at.astimezone(JST).date()
    if not closed.is_open(morning):
        return
    for reason in _all(lives, at, town=town, towns=towns):
        day = planned(reason, morning)
        if day is not None:
            yield from (Told(reason.rule, reason.about, day, to) for to in reason.to)


def holding(told: Iterable[Told], lives: list[Life], at: datetime, *, town: int, towns: Collection[int]) -> set[Told]:
    """Keep of what was told that whose reason still holds at a later moment."""
    known = {(each.rule, each.about): each for each in _all(lives, at, town=town, towns=towns)}

    def holds(each: Told) -> bool:
        reason = known.get((each.rule, each.about))
        return reason is not None and each.to in reason.to and reason.is_planned(each.planned)

    return {each for each in told if holds(each)}


def _all(lives: list[Life], at: datetime, *, town: int, towns: Collection[int]) -> Iterator[Reason]:
    return chain(_of_the_city(town, towns, lives, at), *(reasons(life, at) for life in lives))


def reasons(life: Life, at: datetime) -> Iterator[Reason]:
    """Give every reason to tell somebody something that holds at a moment."""
    if _happened(life.when, "registered", at):
        yield from _of_the_deadline(life, at)
        yield from _of_the_answers(life, at)
        yield from _of_the_signers(life, at)
        yield from _of_the_guarantee(life, at)


def _of_the_city(town: int, towns: Collection[int], lives: list[Life], at: datetime) -> Iterator[Reason]:
    """Give the reasons that are no case's: terms and certificates that end."""
    slug, pace = TOWNS[town].slug, pace_on(_day(at))
    keepers = frozenset(f"{clerk}@{slug}.example.jp" for clerk in _holders("administrator", None, at))
    for clerk in STAFF:
        if clerk.role == "signatory" and clerk.ends:
            yield Reason(
                "authority",
                f"membership:{clerk.key}",
                keepers,
                _before(clerk.ends, pace.authority_days_left),
                closed.last_open,
            )
    for firm, ends in TERMS.items():
        busy = [life for life in lives if _is_with(life, firm, at)]
        to = keepers.union(*(_present(life, {life.registrar}, at) for life in busy))
        yield Reason("authority", f"authority:{firm}", to, _before(ends, pace.authority_days_left), closed.last_open)
    for seal in SEALS:
        served = [name for name in sorted(TOWNS[each].slug for each in towns) if seal.serves(name)]
        if slug in served:
            to = keepers | OPERATORS if slug == served[0] else keepers
            yield Reason(
                "certificate",
                f"certificate:{seal.name}",
                to,
                _before(_day(seal.ends), pace.certificate_days_left),
                closed.last_open,
            )


def _before(ends: date, days: Collection[int]) -> Callable[[date], bool]:
    return lambda day: (ends - day).days in days


def _is_with(life: Life, firm: int, at: datetime) -> bool:
    """Tell whether a case that is under way was won by a firm, alone or with others."""
    firms = {life.firm(place) for place in range(life.firms)}
    return firm in firms and _happened(life.when, "registered", at) and _is_open(life, at)


def _of_the_deadline(life: Life, at: datetime) -> Iterator[Reason]:
    last, about = life.deadline, f"case:{life.number}"
    if last is None or not _is_open(life, at):
        return
    begins = min(TOWNS[life.town].counted(life.awarded, life.pace.deadline_from_day), last)

    def every_day(day: date) -> bool:
        return begins <= day <= last

    def at_the_end(day: date) -> bool:
        return 0 <= (last - day).days <= life.pace.escalate_days_left or later(day)

    def later(day: date) -> bool:
        return _every(day, last + closed.ONE, life.pace.overdue_every_days)

    staff, before, after = _staff(life, at), closed.last_open, closed.next_open
    yield Reason("deadline", about, staff, every_day, before)
    yield Reason("escalation", about, _chiefs(life, at), at_the_end, before)
    yield Reason("overdue", about, staff, later, after)
    for firm, to in _firms(life, at):
        yield Reason("deadline_firm", firm, frozenset({to}), every_day, before)


def _of_the_answers(life: Life, at: datetime) -> Iterator[Reason]:
    for answer in life.answers:
        asked = _asked(life, answer.when, at)
        if asked is not None:
            about = f"consent:{life.number}.{answer.firm}"
            to = _present(life, {life.registrar}, at) | {life.email(answer.firm)}
            yield Reason("consent", about, to, _asking(life, _day(asked)), closed.next_open)


def _asking(life: Life, since: date) -> Callable[[date], bool]:
    again, last = _again(since, life.pace.consent), life.deadline
    return lambda day: again(day) and (last is None or day <= last)


def _again(since: date, waits: tuple[int, int]) -> Callable[[date], bool]:
    first = since + timedelta(days=waits[0])
    return lambda day: _every(day, first, waits[1])


def _of_the_signers(life: Life, at: datetime) -> Iterator[Reason]:
    for number, draft in enumerate(life.drafts):
        for signer in draft.signers:
            about = f"step:{life.number}.{number}.{signer.firm}"
            if _waits(life, draft, signer, at) and not _happened(signer.when, "opened", at):
                yield from _unopened(life, draft, signer, about, at)
            yield from _undownloaded(life, draft, signer, about, at)


def _unopened(life: Life, draft: Draft, signer: Signer, about: str, at: datetime) -> Iterator[Reason]:
    again = _again(_day(signer.when["requested"]), life.pace.unopened)
    if at < draft.when["sent"] + SIGNING:
        to = _present(life, {life.registrar, draft.drafter}, at) | {signer.email}
        yield Reason("unopened", about, to, again, closed.next_open)


def _undownloaded(life: Life, draft: Draft, signer: Signer, about: str, at: datetime) -> Iterator[Reason]:
    given = [signer.when[name] for name in ("given", "given_again") if _happened(signer.when, name, at)]
    if not given or _happened(signer.when, "downloaded", at):
        return
    ends = given[-1] + DOWNLOADING
    last = _day(ends)
    if at < ends:
        yield Reason(
            "download",
            about,
            frozenset({signer.email}),
            _before(last, life.pace.download_days_left),
            closed.last_open,
        )
    else:
        to = _present(life, {life.registrar, draft.drafter}, at)
        yield Reason("download_lapsed", about, to, lambda day: day == last + closed.ONE, closed.next_open)


def _of_the_guarantee(life: Life, at: datetime) -> Iterator[Reason]:
    if _happened(life.when, "expected", at) and not _happened(life.when, "settled", at):
        again = _again(_day(life.when["expected"]), life.pace.guarantee)
        drafters = [draft.drafter for draft in life.drafts if _happened(draft.when, "concluded", at)]
        to = _present(life, {life.registrar, *drafters}, at) | {life.email(0)}
        about = f"guarantee:{life.number}"
        yield Reason("guarantee", about, to, again, closed.next_open)


def _staff(life: Life, at: datetime) -> frozenset[str]:
    """Name who answers for a case: who registered it, who drafted, and whoever's turn it is inside the city."""
    to = {life.registrar}
    for draft in life.drafts:
        if not _lives(life, draft, at):
            continue
        to.add(draft.drafter)
        if _happened(draft.when, "submitted", at) and not _happened(draft.when, "sent", at):
            able = _holders("approver", draft.department, at) - {draft.drafter}
            to |= (able | _deputies(able, at)) - {draft.drafter}
        if _happened(draft.when, "mayor_asked", at) and not _happened(draft.when, "mayor_signed", at):
            to.add(draft.mayor)
    return _present(life, to, at)


def _deputies(able: set[str], at: datetime) -> set[str]:
    day = _day(at)
    return {each.delegate for each in DEPUTIES if each.principal in able and each.first <= day <= each.last}


def _present(life: Life, clerks: set[str], at: datetime) -> frozenset[str]:
    """Keep those who hold a role on the day; where none is left, the chiefs stand in."""
    here = {each.key for each in STAFF if each.key in clerks and each.holds(_day(at))}
    return frozenset(_address(life, clerk) for clerk in here) or _chiefs(life, at)


def _firms(life: Life, at: datetime) -> Iterator[tuple[str, str]]:
    """Name what waits for a firm, and the firm: each form that is owed, and each signature that is asked for."""
    for each in life.answers:
        if _asked(life, each.when, at) is not None:
            yield f"consent:{life.number}.{each.firm}", life.email(each.firm)
    for number, draft in enumerate(life.drafts):
        for signer in draft.signers:
            if _waits(life, draft, signer, at):
                yield f"step:{life.number}.{number}.{signer.firm}", signer.email


def _chiefs(life: Life, at: datetime) -> frozenset[str]:
    """Name the approvers of the case's department, else those of no department, else the administrators."""
    own = _holders("approver", life.department, at)
    every = {clerk.key for clerk in STAFF if clerk.role == "approver" and clerk.department is None}
    of_none = every & _holders("approver", None, at)
    return frozenset(_address(life, clerk) for clerk in own or of_none or _holders("administrator", None, at))


def _holders(role: str, department: int | None, at: datetime) -> set[str]:
    day = _day(at)
    return {
        clerk.key
        for clerk in STAFF
        if clerk.role == role and clerk.holds(day) and department in {None, clerk.department}
    }


def _address(life: Life, clerk: str) -> str:
    return f"{clerk}@{TOWNS[life.town].slug}.example.jp"


def _is_open(life: Life, at: datetime) -> bool:
    return not any(_happened(life.when, end, at) for end in ("concluded", "paper", "lapsed"))


def _lives(life: Life, draft: Draft, at: datetime) -> bool:
    return _happened(draft.when, "drafted", at) and _is_open(life, at) and not _happened(draft.when, "declined", at)


def _waits(life: Life, draft: Draft, signer: Signer, at: datetime) -> bool:
    """Tell whether a firm is asked to sign now."""
    asked = _happened(signer.when, "requested", at) and not _happened(signer.when, "signed", at)
    return asked and _lives(life, draft, at)


def _asked(life: Life, when: When, at: datetime) -> datetime | None:
    """Find since when a firm owes its form; None when it does not."""
    if not _is_open(life, at):
        return None
    for since, until in (("returned", "resubmitted"), ("invited", "submitted")):
        if _happened(when, since, at):
            return None if _happened(when, until, at) else when[since]
    return None


def _happened(when: When, name: str, at: datetime) -> bool:
    return name in when and when[name] <= at


def _day(at: datetime) -> date:
    return at.astimezone(JST).date()


def _every(day: date, first: date, step: int) -> bool:
    return day >= first and (day - first).days % step == 0

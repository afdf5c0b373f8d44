"""A case on one line: what happened, where it stands, and what comes next, each with its day and its people."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from audit.models import Event
from contracts.states import CaseState
from contracts.story.marks import marks
from contracts.story.scene import Scene

# 節目として一つずつ立てる出来事。ほかの出来事は、次の節目の下に畳む
MILESTONES = frozenset(
    {
        "case.registered",
        "case.switched_to_paper",
        "case.changed_on_paper",
        "consent.submitted",
        "consent.accepted",
        "contract.submitted",
        "contract.sent",
        "contract.concluded",
        "step.confirmed",
        "step.instructed",
        "council.passed",
        "custody.disposed",
    }
)
# 節目でもあり、うまくいかなかったもの
SETBACKS = frozenset(
    {
        "step.declined",
        "contract.recalled",
        "contract.expired",
        "contract.returned",
        "contract.dropped",
        "contract.stopped",
        "consent.cancelled",
        "consent.returned",
        "consent.withdrawn",
        "council.rejected",
    }
)
# 節目ではないが、うまくいかなかったもの
FAILURES = SETBACKS | {"code.refused", "code.locked", "document.seal_postponed", "contract.discarded"}
TOLD = ("title", "after", "reason", "to", "authentication")


@dataclass(frozen=True)
class Moment:
    """One place on the line; `by` is the last day for it, `on` its very day, `minor` what happened on the way to it."""

    title: str
    state: str = "done"
    at: datetime | None = None
    by: date | None = None
    on: date | None = None
    who: str = ""
    note: str = ""
    minor: Sequence["Moment"] = ()


def past(
    events: Iterable[Event], *, known: str = "", milestones: Collection[str] = ()
) -> tuple[list[Moment], list[Moment]]:
    """Lay out what happened, oldest first, each milestone with what led to it; and what happened since the last one.

    What the page says anyway (`known`: the title of the case) is not told again.
    """
    line: list[Moment] = []
    since: list[Moment] = []
    for event in events:
        moment = _told(event, known)
        if event.action in MILESTONES | SETBACKS or event.action in milestones:
            line.append(replace(moment, minor=since))
            since = []
        else:
            since.append(moment)
    return line, since


def _told(event: Event, known: str) -> Moment:
    """Tell an event in short: who, a word of explanation, and whether it went well. The log has it in full."""
    data = json.loads(event.data)
    note = "　".join(str(data[key]) for key in TOLD if data.get(key) not in {None, "", known})
    state = "failed" if event.action in FAILURES else "done"
    return Moment(event.label, state, at=event.at, who=event.actor_name.partition(" <")[0], note=note)


def ahead(scene: Scene, days: Iterable[Moment] = ()) -> list[Moment]:
    """Lay out what is awaited now and what follows: the marks still to be made, then the days that are known."""
    open_ = [mark for mark in marks(scene) if mark.state in {"now", "next"}] if _is_told(scene) else []
    to_come = [Moment(mark.label, mark.state, by=mark.by, who=mark.who) for mark in open_]
    known = [(day.on, day) for day in [*_works(scene), *days] if day.on is not None and day.on >= scene.today]
    return to_come + [day for _on, day in sorted(known, key=lambda each: each[0])]


def line(
    happened: Iterable[Event], to_come: Sequence[Moment], *, known: str = "", milestones: Collection[str] = ()
) -> list[Moment]:
    """Join both into one line; what happened since the last milestone stands where the case is now."""
    done, since = past(happened, known=known, milestones=milestones)
    if not since:
        return [*done, *to_come]
    if to_come and to_come[0].state == "now":
        return [*done, replace(to_come[0], minor=since), *to_come[1:]]
    return [*done, Moment("そのあとのできごと", minor=since), *to_come]


def _is_told(scene: Scene) -> bool:
    """Tell whether the case is on its way to an electronic contract, or has been."""
    return scene.case.is_eligible and scene.case.state not in {CaseState.PAPER, CaseState.LAPSED}


def _works(scene: Scene) -> list[Moment]:
    if scene.case.state not in {CaseState.CONCLUDED, CaseState.PAPER}:
        return []
    first, last = scene.case.work_starts_date, scene.case.work_ends_date
    return [Moment("工期の始まり", "next", on=first), Moment("工期の終わり", "next", on=last)]

"""How far a city is on its way out. The journal is the only record of it: it is never rewritten."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from audit.models import Event

THREAD = "departure"
EXPORTS, EXPORTED = "city", "city.exported"
CLOSED, REOPENED, HANDED = "departure.closed", "departure.reopened", "departure.handed_over"
DESTROYED, FINISHED = "departure.keys_destroyed", "departure.finished"
# 渡した相手が、開いて確かめるための日数
WAITING = timedelta(days=30)


@dataclass(frozen=True)
class Step:
    """Something that was done: when, by whom, and what the journal says of it."""

    seq: int
    at: datetime
    by: str
    data: dict[str, Any]
    before: str


@dataclass(frozen=True)
class Departure:
    """What has been done of a departure, and not taken back."""

    closed: Step | None = None
    handed: Step | None = None
    destroyed: Step | None = None
    finished: Step | None = None

    @property
    def due_at(self) -> datetime | None:
        """Tell from when the keys may be destroyed."""
        return self.handed.at + WAITING if self.handed else None


def of(tenant_id: int) -> Departure:
    """Read how far the city in view is."""
    departure = Departure()
    for event in Event.objects.of_thread(tenant_id, THREAD).order_by("seq"):
        departure = _after(departure, event)
    return departure


def _after(departure: Departure, event: Event) -> Departure:
    names = {CLOSED: "closed", HANDED: "handed", DESTROYED: "destroyed", FINISHED: "finished"}
    if event.action == REOPENED:
        return Departure()
    return replace(departure, **{names[event.action]: _step(event)})


def export(tenant_id: int, manifest: str) -> Step | None:
    """Find the last export of the city in view whose manifest has this SHA-256."""
    for event in Event.objects.of_thread(tenant_id, EXPORTS).filter(action=EXPORTED):
        step = _step(event)
        if step.data["manifest_sha256"] == manifest:
            return step
    return None


def _step(event: Event) -> Step:
    return Step(event.seq, event.at, event.actor_name, json.loads(event.data), event.previous_hash)

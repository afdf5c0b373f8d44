"""Write what happened into the journal, in the words and the thread of its case."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from audit import journal
from contracts.models import Case
from contracts.services.integrating import telling


def record(action: str, case: Case, *, subject: str, actor: Actor, at: datetime, **data: Any) -> None:
    """Add one event to the thread of a case (R33): who, when, from where, on what.

    Call it last in a service: the head of the municipality's chain stays locked until commit.
    """
    record_in(case.thread, action, subject=subject, actor=actor, at=at, case=case.number, **data)


def record_in(thread: str, action: str, *, subject: str, actor: Actor, at: datetime, **data: Any) -> None:
    """Add one event to a thread that is no case's: "register", "imports", "city" …; last in a service, too."""
    event = journal.record(
        action,
        tenant_id=actor.tenant_id,
        at=at,
        actor_kind=actor.kind,
        actor_name=f"{actor.name} <{actor.email}>" if actor.email else actor.name,
        ip=actor.ip,
        subject=subject,
        thread=thread,
        data=data,
    )
    telling.tell(event)

"""Who may do what with a guarantee."""

from accounts.actors import Actor, ActorKind
from accounts.models import Role
from contracts.models import Purpose
from guarantees import states
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState


def may_handle(actor: Actor) -> bool:
    """Tell whether this person receives guarantees: 契約検査担当, or the drafters of the 担当課 (R111)."""
    return actor.is_staff and actor.has(Role.GUARANTEE_OFFICER, Role.DRAFTER)


def may_follow(actor: Actor) -> bool:
    """Tell whether guarantees are in this person's menu: those who receive them, the auditors, the administrator."""
    return may_handle(actor) or (actor.is_staff and actor.has(Role.AUDITOR, Role.ADMINISTRATOR))


def can_submit(actor: Actor) -> bool:
    if actor.kind is ActorKind.CONTRACTOR:
        return actor.purpose == Purpose.GUARANTEE
    return may_handle(actor)


def can_keep_papers(actor: Actor) -> bool:
    """Tell whether this person may keep papers of their own beside a guarantee: the contractor alone (R109)."""
    return actor.kind is ActorKind.CONTRACTOR and actor.purpose == Purpose.GUARANTEE


def can_route(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state in states.OPEN


def can_check(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state in states.CHECKABLE


def can_accept(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state == GuaranteeState.CHECKED_OK


def can_reject(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state in states.OPEN


def can_dismiss(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state == GuaranteeState.EXPECTED


def can_release(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.state in states.HELD


def can_reveal(actor: Actor, guarantee: Guarantee) -> bool:
    return may_handle(actor) and guarantee.sealed_key is not None

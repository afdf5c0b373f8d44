"""引継ぎ: in April all that waits for one person's signature goes to their successor, in one transaction (R3).

Approvals (決裁) are asked of a role and drafts may be continued by any drafter, so only signatures are handed over.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts import roles
from accounts.actors import Actor
from accounts.models import Organization, Role, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from accounts.services import evidence as people_evidence
from contracts import messages, permissions
from contracts.models import ContractVersion, Party, SigningStep
from contracts.services import evidence
from contracts.services.signatures.people import signatory_title
from contracts.states import StepState, VersionState

UNSIGNED = (VersionState.DRAFT, VersionState.IN_APPROVAL, VersionState.SENT)
OPEN_STEPS = (StepState.WAITING, StepState.REQUESTED)
GIVEN_STEPS = (StepState.INSTRUCTED, StepState.SIGNED)


class HandoverRefused(Refusal):
    """The work cannot be handed over this way."""


def waiting_for(people: Iterable[int], *, tenant_id: int) -> dict[int, list[ContractVersion]]:
    """Map users, by id, to the versions that wait, or will wait, for their signature; nearest deadline first."""
    found: defaultdict[int, list[ContractVersion]] = defaultdict(list)
    given = SigningStep.unscoped.filter(tenant_id=tenant_id, party=Party.CITY, state__in=GIVEN_STEPS)
    rows = ContractVersion.unscoped.filter(tenant_id=tenant_id, signatory_id__in=list(people), state__in=UNSIGNED)
    rows = rows.exclude(pk__in=given.values("version_id")).select_related("contract__case__contractor")
    for version in rows.order_by("contract__case__conclusion_deadline_date", "pk"):
        found[version.signatory_id].append(version)
    return found


def drafts_of(user: User, *, tenant_id: int) -> list[ContractVersion]:
    """List the drafts that a person began and has not submitted; any other drafter may go on with them."""
    rows = ContractVersion.unscoped.filter(tenant_id=tenant_id, drafted_by=user, state=VersionState.DRAFT)
    return list(rows.select_related("contract__case__contractor").order_by("pk"))


@transaction.atomic
def hand_over(giver: User, *, actor: Actor, at: datetime, to: User) -> list[ContractVersion]:
    """Let another signatory sign everything that waits for one person, from now on; each case's log tells it.

    What is being signed or is signed stays. The new signatory is told by mail where it is their turn.
    Raises HandoverRefused when the successor's term does not cover today (JST) or nothing waits.
    """
    doors.check(permissions.can_administer, actor)
    _check_successor(giver, to=to, actor=actor, at=at)
    moved = _locked(giver, tenant_id=actor.tenant_id)
    if not moved:
        raise HandoverRefused(f"{giver.name}さんの署名を待つ契約はありません。")
    steps = [_move(version, to=to, at=at) for version in moved]
    for version, step in zip(moved, steps, strict=True):
        _record(version, step, giver=giver, to=to, actor=actor, at=at)
    people_evidence.record(
        "people.handed_over",
        actor=actor,
        at=at,
        thread=people_evidence.thread_of(giver),
        subject=f"user:{giver.pk}",
        before=people_evidence.about(giver),
        after=people_evidence.about(to),
        cases=[version.case.number for version in moved],
    )
    return moved


def _check_successor(giver: User, *, to: User, actor: Actor, at: datetime) -> None:
    if giver.pk == to.pk:
        raise HandoverRefused("引き継ぐ人と引き継がれる人が同じです。後任の署名者を選んでください。")
    city = Organization.objects.get(pk=actor.tenant_id)
    if not roles.holders(city, Role.SIGNATORY, on=timezone.localdate(at)).contains(to):
        raise HandoverRefused(f"{to.name}さんの署名者としての任期は、今日を含みません。先に任期を登録してください。")


def _locked(giver: User, *, tenant_id: int) -> list[ContractVersion]:
    """Lock what waits for a person, and leave out what they signed in the meantime."""
    waiting = waiting_for([giver.pk], tenant_id=tenant_id)[giver.pk]
    locked = [lock(version) for version in sorted(waiting, key=lambda version: version.pk)]
    still = {version.pk for version in waiting_for([giver.pk], tenant_id=tenant_id)[giver.pk]}
    return [version for version in locked if version.pk in still]


def _move(version: ContractVersion, *, to: User, at: datetime) -> SigningStep | None:
    """Change who signs a version for the city; returns its place in the order, if it has one already."""
    version.signatory = to
    version.edit_number += 1
    version.save(update_fields=["signatory", "edit_number"])
    steps = SigningStep.unscoped.select_for_update().filter(version=version, party=Party.CITY, state__in=OPEN_STEPS)
    step: SigningStep | None = steps.first()
    if step is None:
        return None
    step.user, step.name, step.email, step.opened_at = to, to.name, to.email, None
    step.title = signatory_title(to, tenant_id=version.tenant_id)
    step.save(update_fields=["user", "name", "email", "title", "opened_at"])
    if step.state == StepState.REQUESTED:
        messages.city_signature_requested(step, at=at)
    return step


def _record(
    version: ContractVersion, step: SigningStep | None, *, giver: User, to: User, actor: Actor, at: datetime
) -> None:
    evidence.record(
        "step.reassigned",
        version.case,
        subject=f"step:{step.pk}" if step else f"version:{version.pk}",
        actor=actor,
        at=at,
        before=people_evidence.about(giver),
        after=people_evidence.about(to),
        reason="引継ぎ",
    )

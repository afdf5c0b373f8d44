"""決裁: the version goes through its route, step by step; the last step sends it to be signed.

Each step is passed by as many people as it needs, each acting once in the whole route and never on their own draft.
Someone with a 代決 may act in another's stead on the days it covers.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils import timezone

from accounts import roles
from accounts.actors import Actor
from accounts.models import Delegation, Department, Membership, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions, rules
from contracts.models import ApprovalAct, ApprovalKind, ApprovalStep, ContractVersion, Decision, SigningStep
from contracts.services import evidence
from contracts.services.signatures import signing, timing
from contracts.services.versions import freezing
from contracts.states import ApprovalState, StepState, VersionState


class ApprovalRefused(Refusal):
    """The draft cannot be approved or returned this way."""


def open_route(version: ContractVersion, *, at: datetime) -> None:
    """Write the route of the city's rules down for this version, and ask the people of its first step.

    Raises ApprovalRefused when a step has fewer people than it needs: the draft would wait for ever.
    """
    case = version.contract.case
    route = rules.approval_route(case.rule_set.data, document=version.contract.kind, amount=version.amount)
    for order, step in enumerate(route.steps, start=1):
        made = ApprovalStep.unscoped.create(
            tenant_id=version.tenant_id,
            version=version,
            order=order,
            kind=step.kind,
            label=step.label,
            role=step.role,
            department=_department(step.department, version=version),
            need=step.need,
        )
        able = eligible(made, on=timezone.localdate(at))
        if made.kind != ApprovalKind.VIEW and len(able) < made.need:
            raise ApprovalRefused(
                f"決裁の「{made.label}」に必要な{made.need}人がそろいません（いま{len(able)}人）。"
                "運用管理者に、職員の役割の登録をご依頼ください。"
            )
    _open_next(version, at=at)


def _department(name: str, *, version: ContractVersion) -> Department | None:
    if not name:
        return None
    if name == rules.CASE_DEPARTMENT:
        return version.contract.case.department
    found = Department.unscoped.filter(tenant_id=version.tenant_id, name=name).first()
    if found is None:
        raise ApprovalRefused(f"決裁の経路にある「{name}」という課が登録されていません。運用管理者にご連絡ください。")
    return found  # type: ignore[no-any-return]


def eligible(step: ApprovalStep, *, on: date) -> list[User]:
    """List who holds the step's role on a day (JST), the drafter left out."""
    held = roles.holders(step.tenant, step.role, on=on, department=step.department)
    return list(held.exclude(pk=step.version.drafted_by_id))


def _open_next(version: ContractVersion, *, at: datetime) -> ApprovalStep | None:
    """Open the next step that somebody must pass; steps of mere 閲覧 on the way are told and done."""
    waiting = ApprovalStep.unscoped.filter(version=version, state=ApprovalState.WAITING).order_by("order")
    for step in waiting:
        step.move_to(ApprovalState.OPEN)
        step.opened_at = at
        step.save(update_fields=["state", "opened_at"])
        messages.approval_requested(step, to=_asked(step, on=timezone.localdate(at)), at=at)
        if step.kind != ApprovalKind.VIEW:
            return step  # type: ignore[no-any-return]
        _close(step, at=at)
    return None


def _close(step: ApprovalStep, *, at: datetime) -> None:
    step.move_to(ApprovalState.DONE)
    step.closed_at = at
    step.save(update_fields=["state", "closed_at"])


def _asked(step: ApprovalStep, *, on: date) -> list[User]:
    """List who is asked: the people of the step and whoever stands in for them that day."""
    able = eligible(step, on=on)
    standing_in = Delegation.unscoped.filter(
        tenant_id=step.tenant_id, principal__in=able, first_date__lte=on, last_date__gte=on
    ).exclude(delegate_id=step.version.drafted_by_id)
    people = {user.pk: user for user in able}
    people |= {entry.delegate_id: entry.delegate for entry in standing_in.select_related("delegate")}
    return list(people.values())


def standing(step: ApprovalStep, *, actor: Actor, on: date) -> tuple[bool, User | None]:
    """Tell whether this person may act at an open step, and in whose stead (None: in their own right)."""
    if step.state != ApprovalState.OPEN or actor.user_id is None or step.version.drafted_by_id == actor.user_id:
        return False, None
    if _decisions(actor).filter(step__version_id=step.version_id).exists():
        return False, None
    spoken = ApprovalAct.unscoped.filter(step=step).values_list("user_id", "on_behalf_of_id")
    spoken_for = {pk for pair in spoken for pk in pair}
    able = {user.pk for user in eligible(step, on=on)} - spoken_for
    if actor.user_id in able:
        return True, None
    me = User.objects.get(pk=actor.user_id)
    principals = roles.stands_in_for(me, tenant=step.tenant, on=on)
    principal = next((each for each in principals if each.pk in able), None)
    return principal is not None, principal


def _decisions(actor: Actor) -> Any:
    """Query what a person decided; mere 閲覧 decides nothing and keeps nobody from deciding later."""
    return ApprovalAct.unscoped.filter(user_id=actor.user_id).exclude(decision=Decision.SEEN)


def waiting_for(actor: Actor, *, on: date) -> Any:
    """Query the open steps at which this person may act on a day (JST), as `standing` tells of one of them."""
    decided = _decisions(actor).filter(step__version_id=OuterRef("version_id"))
    steps = ApprovalStep.unscoped.filter(tenant_id=actor.tenant_id, state=ApprovalState.OPEN)
    steps = steps.exclude(version__drafted_by_id=actor.user_id).exclude(Exists(decided))
    return steps.filter(_asked_of(actor, on=on))


def in_own_right(actor: Actor, *, on: date) -> Any:
    """Write, for the rows of `waiting_for`, whether someone acts there in their own right and not as a 代決."""
    return _passable(_posts(actor, on=on).filter(user_id=actor.user_id))


def _asked_of(actor: Actor, *, on: date) -> Any:
    """Ask for steps of one's own roles and of those one stands in for."""
    entries = Delegation.unscoped.filter(tenant_id=actor.tenant_id, delegate_id=actor.user_id)
    principals = entries.filter(first_date__lte=on, last_date__gte=on).values("principal_id")
    return _passable(_posts(actor, on=on).filter(Q(user_id=actor.user_id) | Q(user_id__in=principals)))


def _posts(actor: Actor, *, on: date) -> Any:
    return Membership.unscoped.filter(tenant_id=actor.tenant_id, user__is_active=True).held_on(on)


def _passable(posts: Any) -> Any:
    """Ask for the steps that those who hold some roles may pass; who drafted or was spoken for does not count."""
    place = Q(department_id=OuterRef("department_id")) | IsNull(lhs=OuterRef("department_id"), rhs=True)
    spoken = ApprovalAct.unscoped.filter(Q(user_id=OuterRef("user_id")) | Q(on_behalf_of_id=OuterRef("user_id")))
    able = posts.filter(place, role=OuterRef("role")).exclude(user_id=OuterRef("version__drafted_by_id"))
    return Exists(able.filter(~Exists(spoken.filter(step_id=OuterRef(OuterRef("pk"))))))


@transaction.atomic
def approve(version: ContractVersion, *, actor: Actor, at: datetime, comment: str = "") -> ContractVersion:
    """Pass the open step (確認・承認); when the last one is passed, the request for signature goes out (R58)."""
    version = lock(version)
    act = _act(version, Decision.PASSED, actor=actor, at=at, comment=comment)
    _record("approval.acted", act, actor=actor, at=at)
    step = act.step
    if step.acts.filter(decision=Decision.PASSED).count() < step.need:
        return version
    _close(step, at=at)
    if _open_next(version, at=at) is None:
        _send(version, actor=actor, at=at)
    return version


def _act(version: ContractVersion, decision: Decision, *, actor: Actor, at: datetime, comment: str) -> ApprovalAct:
    if version.drafted_by_id == actor.user_id:
        raise ApprovalRefused("起案した本人は承認できません。別の承認者に依頼してください。")
    step = (
        ApprovalStep.unscoped.select_for_update()
        .filter(version=version, state=ApprovalState.OPEN)
        .order_by("order")
        .first()
    )
    if version.state != VersionState.IN_APPROVAL or step is None:
        raise ApprovalRefused("すでに手続きが進んでいるため、この操作はできません。画面を開き直してご確認ください。")
    may, principal = standing(step, actor=actor, on=timezone.localdate(at))
    if not may:
        raise ApprovalRefused(f"決裁の「{step.label}」を行えるのは、その役割を持ち、まだ決裁していない職員です。")
    return _note(step, decision, actor=actor, at=at, comment=comment, principal=principal)


def _note(
    step: ApprovalStep,
    decision: Decision,
    *,
    actor: Actor,
    at: datetime,
    comment: str = "",
    principal: User | None = None,
) -> ApprovalAct:
    act: ApprovalAct = ApprovalAct.unscoped.create(
        tenant_id=step.tenant_id,
        step=step,
        user_id=actor.user_id,
        on_behalf_of=principal,
        decision=decision,
        comment=comment,
        at=at,
    )
    return act


def _record(action: str, act: ApprovalAct, *, actor: Actor, at: datetime) -> None:
    """Write one act of the route into the log, under the name of what it brought about."""
    step, principal = act.step, act.on_behalf_of
    # 差戻しは、出来事の名がすでに言っている
    said = "" if act.decision == Decision.RETURNED else f": {Decision(act.decision).label}"
    evidence.record(
        action,
        step.version.case,
        subject=f"version:{step.version_id}",
        actor=actor,
        at=at,
        title=step.label + said,
        reason=act.comment,
        on_behalf_of=principal.name if principal else "",
    )


def may_see(step: ApprovalStep, *, actor: Actor, on: date) -> bool:
    """Tell whether a step of 閲覧 still lacks this person's note that they have read it."""
    if step.kind != ApprovalKind.VIEW or step.opened_at is None:
        return False
    asked = any(user.pk == actor.user_id for user in eligible(step, on=on))
    return asked and not ApprovalAct.unscoped.filter(step=step, user_id=actor.user_id).exists()


@transaction.atomic
def see(step: ApprovalStep, *, actor: Actor, at: datetime) -> ApprovalStep:
    """Take the note of someone who was told at a step of 閲覧 that they have read the contract; it decides nothing."""
    lock(step.version)
    if not may_see(step, actor=actor, on=timezone.localdate(at)):
        raise ApprovalRefused(f"「{step.label}」で閲覧を記録できるのは、閲覧を求められ、まだ記録していない職員です。")
    act = _note(step, Decision.SEEN, actor=actor, at=at)
    _record("approval.acted", act, actor=actor, at=at)
    return step


def _send(version: ContractVersion, *, actor: Actor, at: datetime) -> None:
    version.move_to(VersionState.SENT)
    version.approved_by_id, version.approved_at, version.sent_at = actor.user_id, at, at
    version.expires_at = timing.last_moment(version, at=at)
    version.save(update_fields=["state", "approved_by", "approved_at", "sent_at", "expires_at"])
    signing.request_next(version, at=at)
    hashes = [document.revisions.get(number=0).sha256 for document in freezing.current(version)]
    evidence.record(
        "contract.sent", version.case, subject=f"version:{version.pk}", actor=actor, at=at, documents=hashes
    )


@transaction.atomic
def return_(version: ContractVersion, *, actor: Actor, at: datetime, reason: str) -> ContractVersion:
    """Send a draft back to its drafter with the reason; the next version takes over what it says."""
    version = lock(version)
    if not reason.strip():
        raise ApprovalRefused("差戻しの理由を入力してください。")
    act = _act(version, Decision.RETURNED, actor=actor, at=at, comment=reason.strip())
    step = act.step
    step.move_to(ApprovalState.RETURNED)
    step.closed_at = at
    step.save(update_fields=["state", "closed_at"])
    cancel_what_is_left(version)
    version.move_to(VersionState.RETURNED)
    version.return_reason = version.end_reason = reason.strip()
    version.save(update_fields=["state", "return_reason", "end_reason"])
    messages.draft_returned(version, at=at)
    # 差戻しは、決裁の一つの判断であり、版の終わりでもある。記録は一つにする
    _record("contract.returned", act, actor=actor, at=at)
    return version


def cancel_what_is_left(version: ContractVersion) -> None:
    """Cancel what is left of the route, and of the order of signatures, of a version that ended."""
    steps: Any = ApprovalStep.unscoped.filter(version=version, state__in=[ApprovalState.WAITING, ApprovalState.OPEN])
    for step in steps:
        step.move_to(ApprovalState.CANCELLED)
        step.save(update_fields=["state"])
    places: Any = SigningStep.unscoped.filter(version=version, state__in=[StepState.WAITING, StepState.REQUESTED])
    for place in places:
        place.move_to(StepState.CANCELLED)
        place.save(update_fields=["state"])


@transaction.atomic
def allow_late(version: ContractVersion, *, actor: Actor, at: datetime, reason: str) -> ContractVersion:
    """Allow signatures after the deadline, with the section chief's reason (late policy `warn`, R42).

    Raises ApprovalRefused without a reason or where the city's policy does not ask for one.
    """
    version = lock(version)
    if not permissions.can_allow_late(actor, version):
        raise ApprovalRefused("期限後の締結を認められるのは、起案者でない承認者です。")
    if not reason.strip():
        raise ApprovalRefused("期限後の締結を認める理由を入力してください。")
    if rules.late_policy(version.case.rule_set.data) != "warn":
        raise ApprovalRefused("この自治体の規程では、理由による期限後の締結は認められません。")
    version.late_reason, version.late_allowed_by_id, version.late_allowed_at = reason.strip(), actor.user_id, at
    if version.state == VersionState.SENT:
        version.expires_at = at + timing.REQUEST_LIFETIME
    version.save(update_fields=["late_reason", "late_allowed_by", "late_allowed_at", "expires_at"])
    evidence.record(
        "contract.late_allowed",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        reason=version.late_reason,
    )
    return version

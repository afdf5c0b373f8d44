"""What waits for a member of staff, and what the city should keep an eye on: the lists of the first page."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from accounts.actors import Actor
from contracts import permissions
from contracts.hooks import Work, waiting_work
from contracts.models import (
    Case,
    Consent,
    ContractVersion,
    JvMember,
    SignerChange,
    SigningCode,
    SigningJob,
    SigningLevel,
    SigningStep,
)
from contracts.models.codes import MOST_TRIES
from contracts.services.versions import approving
from contracts.states import (
    LIVE_CONSENTS,
    LIVE_VERSIONS,
    CaseState,
    ChangeState,
    ConsentState,
    JobState,
    StepState,
    VersionState,
)

MOST = 50  # 種類ごとの行数。残りは案件の一覧で見る
SOON = timedelta(days=3)


def mine(actor: Actor, *, today: date) -> list[Work]:
    """List what this person can do now, the nearest deadline first."""
    works = _deciders(actor, today=today)
    if permissions.can_register(actor):
        works += _drafters(actor) + _uncoded(actor)
    if permissions.may_sign(actor):
        works += _signatories(actor)
    for ask in waiting_work:
        works += ask(actor)
    return _by_deadline(works)


def watched(actor: Actor, *, today: date, besides: Iterable[Work]) -> list[Work]:
    """List what to keep an eye on `besides` one's own work: 封印待ち, and deadlines close by or passed."""
    works = [Work(v.case, "封印待ち", _page(v.case), v.waiting_reason or v.trouble) for v in _held(actor)[:MOST]]
    shown = {work.case.pk for work in (*works, *besides)}
    near = _open_cases(actor).filter(conclusion_deadline_date__lte=today + SOON, econtract_verdict__eligible=True)
    near = near.exclude(pk__in=shown).order_by("conclusion_deadline_date")[:MOST]
    return _by_deadline([*works, *(Work(case, "締結期限が近い", _page(case)) for case in near)])


_OF_CASE = ("contractor", "department")
_OF_VERSION = ("contract__case__contractor", "contract__case__department")
_OF_STEP = tuple(f"version__{name}" for name in _OF_VERSION)


def _page(case: Case) -> str:
    return reverse("case", args=[case.pk])


def _edit(version: ContractVersion) -> str:
    return reverse("version_edit", args=[version.pk])


def _by_deadline(works: Iterable[Work]) -> list[Work]:
    return sorted(works, key=lambda work: (work.case.conclusion_deadline_date or date.max, work.case.pk))


def _own(actor: Actor, prefix: str = "") -> Q:
    """Keep the cases of this person's department, or all when they belong to none."""
    if actor.department_id is None:
        return Q()
    return Q(**{f"{prefix}department_id": actor.department_id}) | Q(**{f"{prefix}registered_by_id": actor.user_id})


def _open_cases(actor: Actor) -> Any:
    rows = Case.objects.visible_to(actor).filter(_own(actor), state__in=[CaseState.REGISTERED, CaseState.CONTRACTING])
    return rows.select_related(*_OF_CASE)


def _versions(actor: Actor) -> Any:
    return ContractVersion.objects.visible_to(actor).filter(_own(actor, "contract__case__"))


def _held(actor: Actor) -> Any:
    """Find the versions of which a seal, at any step, or the conclusion could not be made yet."""
    failed = SigningJob.unscoped.filter(step__version=OuterRef("pk")).exclude(state=JobState.DONE)
    trouble = Subquery(failed.exclude(last_error="").order_by("pk").values("last_error")[:1])
    rows = _versions(actor).annotate(trouble=trouble).select_related(*_OF_VERSION)
    sent = Q(state__in=[VersionState.SENT, VersionState.ALL_SIGNED], trouble__isnull=False)
    return rows.filter(Q(state=VersionState.SEAL_WAITING) | sent)


def _drafters(actor: Actor) -> list[Work]:
    cases = _open_cases(actor).order_by("conclusion_deadline_date")
    asked = Consent.unscoped.filter(case=OuterRef("pk"), state__in=LIVE_CONSENTS)
    answers = asked.filter(state=ConsentState.SUBMITTED, address_confirmed_at__isnull=False)
    to_accept = cases.filter(Exists(answers))
    uninvited = cases.filter(~Exists(asked), econtract_verdict__eligible=True)
    works = [Work(c, "承諾書を確認する", _page(c)) for c in to_accept[:MOST]]
    works += [Work(c, "承諾書の提出を依頼する", _page(c)) for c in uninvited[:MOST]]
    works += [Work(c, "契約書を起案する", _page(c)) for c in _to_draft(cases)[:MOST]]
    works += _changes(actor)
    drafts = _versions(actor).filter(state=VersionState.DRAFT).select_related(*_OF_VERSION)
    return works + [
        Work(v.case, "条件と文書をそろえ、承認を依頼する", _edit(v), v.contract.label) for v in drafts[:MOST]
    ]


def _changes(actor: Actor) -> list[Work]:
    """List the signers' wishes for another signer that nobody has answered yet."""
    rows = SignerChange.objects.visible_to(actor).filter(_own(actor, "step__version__contract__case__"))
    asked = rows.filter(state=ChangeState.ASKED).select_related(*(f"step__{name}" for name in _OF_STEP))
    return [
        Work(
            c.step.version.case,
            "署名する人の変更に答える",
            reverse("signer_change", args=[c.pk]),
            f"申出: {c.asked_by} 様",
        )
        for c in asked.order_by("asked_at")[:MOST]
    ]


def _to_draft(cases: Any) -> Any:
    """Keep the cases whose firms have all consented and whose original contract has no version under way."""
    consents = Consent.unscoped.filter(case=OuterRef("pk"))
    accepted = consents.filter(state=ConsentState.ACCEPTED)
    pending = consents.filter(state__in=LIVE_CONSENTS).exclude(state=ConsentState.ACCEPTED)
    missing = JvMember.unscoped.filter(joint_venture=OuterRef("contractor_id")).exclude(
        member__in=Consent.unscoped.filter(case=OuterRef(OuterRef("pk")), state=ConsentState.ACCEPTED).values(
            "contractor_id"
        )
    )
    going_on = ContractVersion.unscoped.filter(
        contract__case=OuterRef("pk"), state__in=[*LIVE_VERSIONS, VersionState.CONCLUDED]
    )
    return cases.filter(Exists(accepted), ~Exists(pending), ~Exists(missing), ~Exists(going_on))


def _uncoded(actor: Actor) -> list[Work]:
    """List the signers who wait for an access code, or for another after too many wrong tries."""
    usable = SigningCode.unscoped.filter(step=OuterRef("pk"), revoked_at__isnull=True, wrong_tries__lt=MOST_TRIES)
    steps = SigningStep.objects.visible_to(actor).filter(
        _own(actor, "version__contract__case__"),
        ~Exists(usable),
        level=SigningLevel.ACCESS_CODE,
        state__in=[StepState.WAITING, StepState.REQUESTED],
        version__state=VersionState.SENT,
    )
    ordered = steps.select_related(*_OF_STEP).order_by("version__contract__case__conclusion_deadline_date")[:MOST]
    return [
        Work(s.version.case, "アクセスコードを伝える", reverse("step_code", args=[s.pk]), f"{s.name} 様")
        for s in ordered
    ]


def _deciders(actor: Actor, *, today: date) -> list[Work]:
    """List the steps of the internal approval that ask this person, or someone they stand in for."""
    steps = approving.waiting_for(actor, on=today).select_related("version__drafted_by", *_OF_STEP)
    ordered = steps.order_by("version__contract__case__conclusion_deadline_date")[:MOST]
    return [
        Work(s.version.case, f"決裁する：{s.label}", _page(s.version.case), f"起案: {s.version.drafted_by.name}")
        for s in ordered
    ]


def _signatories(actor: Actor) -> list[Work]:
    steps = SigningStep.objects.visible_to(actor).filter(state=StepState.REQUESTED, user_id=actor.user_id)
    ordered = steps.select_related(*_OF_STEP).order_by("version__contract__case__conclusion_deadline_date")[:MOST]
    return [Work(s.version.case, "署名する", reverse("sign_step", args=[s.pk]), "受注者は署名済み") for s in ordered]

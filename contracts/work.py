"""What waits for a member of staff, and what the city should keep an eye on: the lists of the first page."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.actors import Actor
from contracts import permissions
from contracts.hooks import Work, waiting_work
from contracts.models import Case, ContractVersion, SigningStep
from contracts.states import LIVE_VERSIONS, CaseState, ConsentState, StepState, VersionState

MOST = 50  # 種類ごとの行数。残りは案件の一覧で見る
SOON = timedelta(days=3)


def mine(actor: Actor) -> list[Work]:
    """List what this person can do now, the nearest deadline first."""
    works: list[Work] = []
    if permissions.can_register(actor):
        works += _drafters(actor)
    if permissions.may_approve(actor):
        works += _approvers(actor)
    if permissions.may_sign(actor):
        works += _signatories(actor)
    for ask in waiting_work:
        works += ask(actor)
    return _by_deadline(works)


def watched(actor: Actor, *, today: date, besides: Iterable[Work]) -> list[Work]:
    """List what to keep an eye on `besides` one's own work: 封印待ち, and deadlines close by or passed."""
    sealing = _versions(actor).filter(state=VersionState.SEAL_WAITING).select_related(*_OF_VERSION)
    works = [Work(v.case, "封印待ち", _page(v.case), v.waiting_reason) for v in sealing[:MOST]]
    shown = {work.case.pk for work in (*works, *besides)}
    near = _open_cases(actor).filter(conclusion_deadline_date__lte=today + SOON, econtract_verdict__eligible=True)
    near = near.exclude(pk__in=shown).order_by("conclusion_deadline_date")[:MOST]
    return _by_deadline([*works, *(Work(case, "締結期限が近い", _page(case)) for case in near)])


_OF_CASE = ("contractor", "department")
_OF_VERSION = ("contract__case__contractor", "contract__case__department")


def _page(case: Case) -> str:
    return reverse("case", args=[case.pk])


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


def _drafters(actor: Actor) -> list[Work]:
    cases = _open_cases(actor).order_by("conclusion_deadline_date")
    living = ContractVersion.unscoped.filter(state__in=LIVE_VERSIONS).values("contract__case_id")
    to_draft = cases.filter(consent__state=ConsentState.ACCEPTED).exclude(pk__in=living)
    works = [Work(c, "承諾書を確認する", _page(c)) for c in cases.filter(consent__state=ConsentState.SUBMITTED)[:MOST]]
    uninvited = cases.filter(consent__isnull=True, econtract_verdict__eligible=True)
    works += [Work(c, "承諾書の提出を依頼する", _page(c)) for c in uninvited[:MOST]]
    works += [Work(c, "契約書を起案する", _page(c)) for c in to_draft[:MOST]]
    drafts = _versions(actor).filter(state=VersionState.DRAFT).select_related(*_OF_VERSION)
    return works + [Work(v.case, _draft_verb(v), _page(v.case), v.return_reason) for v in drafts[:MOST]]


def _draft_verb(version: ContractVersion) -> str:
    return "差し戻された起案を直す" if version.state == VersionState.RETURNED else "文書をそろえ、承認を依頼する"


def _approvers(actor: Actor) -> list[Work]:
    rows = ContractVersion.objects.visible_to(actor).filter(state=VersionState.IN_APPROVAL)
    waiting = rows.exclude(drafted_by_id=actor.user_id).select_related("drafted_by", *_OF_VERSION)
    ordered = waiting.order_by("contract__case__conclusion_deadline_date")[:MOST]
    return [Work(v.case, "内容を確認し、承認する", _page(v.case), f"起案: {v.drafted_by.name}") for v in ordered]


def _signatories(actor: Actor) -> list[Work]:
    steps = SigningStep.objects.visible_to(actor).filter(state=StepState.REQUESTED, user_id=actor.user_id)
    related = [f"version__{name}" for name in _OF_VERSION]
    ordered = steps.select_related(*related).order_by("version__contract__case__conclusion_deadline_date")[:MOST]
    return [Work(s.version.case, "署名する", reverse("sign_step", args=[s.pk]), "受注者は署名済み") for s in ordered]

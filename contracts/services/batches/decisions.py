"""Pass many steps of the internal approval at once; where one was the last, the request for signature goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from accounts import written
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import MovedOn, said_against
from contracts import permissions
from contracts.models import ApprovalKind, ApprovalStep, BatchKind, Decision, Deed, Document
from contracts.services.batches.kind import Kind, Told
from contracts.services.signatures import timing
from contracts.services.versions import approving
from contracts.states import ApprovalState, VersionState

CASE = "version__contract__case"


def _rows(actor: Actor, at: datetime) -> Any:
    later = ApprovalStep.unscoped.filter(version=OuterRef("version"), state=ApprovalState.WAITING)
    documents = Prefetch("version__documents", Document.unscoped.order_by("order"))
    related = ("version__drafted_by", *(f"{CASE}__{name}" for name in ("contractor", "department", "rule_set")))
    on = timezone.localdate(at)
    return (
        approving.waiting_for(actor, on=on)
        .annotate(
            followed=Exists(later.exclude(kind=ApprovalKind.VIEW)),
            passed=Count("acts", filter=Q(acts__decision=Decision.PASSED)),
            in_own_right=approving.in_own_right(actor, on=on),
        )
        .select_related(*related)
        .prefetch_related(documents)
    )


def _tell(rows: Sequence[Any], _actor: Actor, at: datetime) -> list[Told]:
    return [_told(step, at=at) for step in rows]


def _told(step: Any, *, at: datetime) -> Told:
    version, obstacle = step.version, ""
    notes = [f"決裁の段 {step.label}", f"起案 {version.drafted_by.name}"]
    if not step.in_own_right:
        notes.append("代決です。だれの代わりかが、記録に残ります。")
    if not step.followed and step.passed + 1 >= step.need:
        notes.append("これで決裁がそろい、受注者へ署名を依頼します。")
        obstacle = said_against(lambda: timing.last_moment(version, at=at))
    documents = list(version.documents.all())
    return Told(step.pk, version.case, version.contract.label, version.amount, notes, documents, obstacle)


def _do(deed: Deed, actor: Actor, at: datetime) -> str:
    step = ApprovalStep.unscoped.select_related(f"version__{CASE.partition('__')[2]}__tenant").get(pk=deed.target)
    version = lock(step.version, "contract__case__tenant", "contract__case__rule_set")
    if ApprovalStep.unscoped.get(pk=deed.target).state != ApprovalState.OPEN:
        raise MovedOn("ほかの人の決裁で、この段は済んでいます。案件の画面を開いてご確認ください。")
    version = approving.approve(version, actor=actor, at=at)
    if version.state == VersionState.SENT:
        return "決裁がそろい、受注者へ署名を依頼しました。"
    return "決裁を記録しました。次に決裁する人にお知らせしています。"


def _offered(actor: Actor, at: datetime) -> bool:
    """Offer it to whom a step waits for: any role may stand in a city's route, and most people's never does."""
    ((is_waited_for,),) = written.ask("select exists ({asked})", _waiting, actor, at)
    return bool(is_waited_for)


def _waiting(actor: Actor, at: datetime) -> Any:
    return approving.waiting_for(actor, on=timezone.localdate(at)).order_by().values("pk")


KIND = Kind(
    name=BatchKind.APPROVE,
    may=permissions.has_work,
    rows=_rows,
    case=CASE,
    tell=_tell,
    do=_do,
    effect="契約ごとに、あなたの決裁（可）を記録します。決裁がそろった契約は、受注者へ署名を依頼します。",
    lacking="あなたの決裁を待つ契約がありません。",
    offered=_offered,
)

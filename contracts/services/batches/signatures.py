"""Sign many at once: each is an instruction of its own, given at the moment of the one press that asked for all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.refusals import Refusal, said_against
from contracts import permissions
from contracts.dates import wareki
from contracts.models import BatchKind, Deed, Document, Party, SigningStep, StepKind
from contracts.services.batches.kind import Kind, Told
from contracts.services.signatures import people, signing, timing
from contracts.states import StepState, VersionState

CASE = "version__contract__case"
OF_CASE = tuple(f"{CASE}__{name}" for name in ("contractor", "department", "rule_set"))


def _rows(actor: Actor, _at: datetime) -> Any:
    later = SigningStep.unscoped.filter(version=OuterRef("version"), kind=StepKind.SIGN, order__gt=OuterRef("order"))
    rows = SigningStep.unscoped.filter(tenant_id=actor.tenant_id, user_id=actor.user_id, party=Party.CITY)
    open_ = rows.filter(state=StepState.REQUESTED, kind=StepKind.SIGN, version__state=VersionState.SENT)
    documents = Prefetch("version__documents", Document.unscoped.order_by("order"))
    followed = Exists(later.exclude(state=StepState.CANCELLED))
    read = Count("read_marks", filter=Q(read_marks__email=F("email")))
    told = open_.annotate(followed=followed, read=read).select_related("user", "version__approved_by", *OF_CASE)
    return told.prefetch_related(documents)


def _tell(rows: Sequence[Any], _actor: Actor, at: datetime) -> list[Told]:
    on = timezone.localdate(at)
    # どの行も、同じ人の番
    barred = said_against(lambda: people.check_authority(rows[0], on=on)) if rows else ""
    return [_told(step, barred=barred, at=at) for step in rows]


def _told(step: Any, *, barred: str, at: datetime) -> Told:
    version, obstacle, late = step.version, barred, False
    try:
        late = timing.judge(step, at=at, last=not step.followed)
    except Refusal as refused:
        obstacle = obstacle or str(refused)
    notes = [f"工期 {wareki(version.work_starts_date)}から{wareki(version.work_ends_date)}まで"]
    notes += [f"庁内の承認 {version.approved_by.name}"] if version.approved_by else []
    notes += ["契約締結期限を過ぎています。"] if late and not obstacle else []
    documents = list(version.documents.all())
    notes.append(f"「読みました」の印 {len(documents)}文書のうち{step.read}文書")
    return Told(step.pk, version.case, version.contract.label, version.amount, notes, documents, obstacle)


def _do(deed: Deed, actor: Actor, _at: datetime) -> str:
    """Instruct as of the press: what judges the deadline is when the person signed, not when the worker came to it."""
    step = SigningStep.unscoped.select_related(f"{CASE}__tenant").get(pk=deed.target)
    press = deed.batch
    signing.instruct(step, actor=actor, at=press.asked_at, authentication=press.authentication)
    return "署名を指示しました。文書への署名は順に進みます。"


KIND = Kind(
    name=BatchKind.SIGN,
    may=permissions.may_sign,
    rows=_rows,
    case=CASE,
    tell=_tell,
    do=_do,
    effect="契約ごとに、あなたの指示による電子署名とタイムスタンプを付けます。押した後は取り消せません。",
    lacking="あなたの署名を待つ契約がありません。",
    asks_code=True,
)

"""Ask many awardees at once for the form by which they consent to contracting electronically."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import MovedOn
from contracts import permissions
from contracts.models import BatchKind, Case, Consent, Deed
from contracts.services.batches.kind import Kind, Told
from contracts.services.consents import consenting
from contracts.services.mails import shielding
from contracts.services.mails.shielding import Aim
from contracts.states import LIVE_CONSENTS, OPEN_CASES


def _asked() -> Any:
    return Consent.unscoped.filter(case=OuterRef("pk"), state__in=LIVE_CONSENTS)


def _rows(actor: Actor, _at: datetime) -> Any:
    rows = Case.unscoped.filter(tenant_id=actor.tenant_id, state__in=OPEN_CASES, econtract_verdict__eligible=True)
    return rows.filter(~Exists(_asked())).select_related("contractor", "department")


def _tell(rows: Sequence[Any], _actor: Actor, _at: datetime) -> list[Told]:
    alone = [case for case in rows if not case.contractor.is_joint_venture]
    doubtful = serious_doubts([Aim(case.contractor, case.contractor.email) for case in alone])
    return [_told(case, doubtful) for case in rows]


def serious_doubts(aims: Sequence[Aim]) -> dict[str, str]:
    """Map the addresses that deserve a look of their own to the reason."""
    return {doubt.address: doubt.text for doubt in shielding.of(aims) if doubt.serious}


def in_doubt(why: str) -> str:
    """Say that an address has to be looked at on its own page first."""
    return f"{why}案件の画面で宛先を確かめ、一件ずつ送ってください。"


def _told(case: Case, doubtful: dict[str, str]) -> Told:
    firm = case.contractor
    to = "構成員のそれぞれへ送ります。" if firm.is_joint_venture else f"宛先 {firm.email}"
    why = "" if firm.is_joint_venture else doubtful.get(firm.email, "")
    return Told(case.pk, case, "承諾書", case.amount, [to], obstacle=in_doubt(why) if why else "")


def _do(deed: Deed, actor: Actor, at: datetime) -> str:
    case = lock(Case.unscoped.get(pk=deed.target), "contractor", "tenant", "department", "rule_set", "registered_by")
    if Consent.unscoped.filter(case=case, state__in=LIVE_CONSENTS).exists():
        raise MovedOn("承諾書の提出は、すでに依頼しています。案件の画面を開いてご確認ください。")
    asked = consenting.invite(case, actor=actor, at=at)
    return "、".join(consent.contractor.full_name for consent in asked) + "へ依頼しました。"


KIND = Kind(
    name=BatchKind.INVITE,
    may=permissions.can_register,
    rows=_rows,
    case="",
    tell=_tell,
    do=_do,
    effect="案件ごとに、落札者へ様式第1号の提出をお願いするメールを送ります。",
    lacking="承諾書をまだ依頼していない、電子契約の対象の案件ではありません。",
)

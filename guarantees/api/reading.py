"""Guarantees, as the city's other systems read them: no key, no address at the guarantor's, nobody's name."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.requests import ActorRequest
from contracts.api.doors import Token
from contracts.api.pages import Asked, Slice, take
from contracts.api.reading import REFUSALS
from contracts.api.schemas import Named, state_of
from contracts.models import Scope
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState

router = Router()


class GuaranteeOut(Schema):
    """One certificate: expected, received, checked, held, returned."""

    id: int = Field(description="保証の番号", examples=[12])
    case_id: int = Field(description="案件の番号", examples=[42])
    case_number: str = Field(description="工事番号", examples=["鳥工第12号"])
    type: Named = Field(description="契約保証・前払金保証・中間前払金保証")
    state: Named = Field(description="状態")
    institution: str | None = Field(description="保証機関", examples=["西日本建設業保証株式会社"])
    number: str = Field(description="保証契約番号。届くまでは空", examples=["0123456789"])
    expected_minimum: int = Field(description="必要な保証金額（円）", examples=[1_100_000])
    expected_maximum: int | None = Field(description="保証金額の上限（円）")
    guaranteed_amount: int | None = Field(description="照合した証書の保証金額（円）")
    amends_id: int | None = Field(description="変更する前の保証の番号")
    submitted_at: datetime | None = Field(description="提出日時")
    decided_at: datetime | None = Field(description="受理・不受理などを決めた日時")
    released_at: datetime | None = Field(description="返還・解除の日時")

    @classmethod
    def of(cls, guarantee: Guarantee) -> "GuaranteeOut":
        plain = ("id", "case_id", "number", "expected_minimum", "expected_maximum", "guaranteed_amount", "amends_id")
        dates = ("submitted_at", "decided_at", "released_at")
        return cls(
            **{name: getattr(guarantee, name) for name in (*plain, *dates)},
            case_number=guarantee.case.number,
            type=Named(code=guarantee.type, label=guarantee.get_type_display()),
            state=state_of(guarantee),
            institution=str(guarantee.institution) if guarantee.institution else None,
        )


class Guarantees(Slice):
    items: list[GuaranteeOut] = Field(description="保証。作られた順")


class AskedGuarantees(Asked):
    """Which guarantees."""

    state: GuaranteeState | None = Field(None, description="この状態のものだけ")
    case_id: int | None = Field(None, ge=1, le=2**53, description="この案件のものだけ")


def _rows(request: ActorRequest) -> Any:
    return Guarantee.objects.visible_to(request.actor).select_related("case", "institution")


@router.get(
    "/guarantees",
    auth=Token(Scope.GUARANTEES_READ),
    response={200: Guarantees} | REFUSALS,
    summary="保証の一覧",
    tags=["保証"],
    operation_id="list_guarantees",
)
def api_guarantees(request: ActorRequest, asked: Query[AskedGuarantees]) -> Guarantees:
    """保証を、作られた順に答えます。認証キーは答えません。範囲: `guarantees:read`"""
    rows = _rows(request)
    rows = rows.filter(state=asked.state) if asked.state else rows
    rows = rows.filter(case_id=asked.case_id) if asked.case_id else rows
    shown, following = take(rows, name="guarantees", asked=asked)
    return Guarantees(items=[GuaranteeOut.of(guarantee) for guarantee in shown], next_cursor=following)


@router.get(
    "/guarantees/{int:guarantee_id}",
    auth=Token(Scope.GUARANTEES_READ),
    response={200: GuaranteeOut} | REFUSALS,
    summary="保証",
    tags=["保証"],
    operation_id="get_guarantee",
)
def api_guarantee(request: ActorRequest, guarantee_id: int) -> GuaranteeOut:
    """保証を一つ答えます。認証キーは答えません。範囲: `guarantees:read`"""
    return GuaranteeOut.of(get_object_or_404(_rows(request), pk=guarantee_id))

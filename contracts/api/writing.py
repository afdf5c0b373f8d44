"""Cases and the register, as the city's other systems write them: by the forms and the services of the screens."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema, Status
from pydantic import ConfigDict, Field

from accounts.models import Department
from accounts.requests import ActorRequest
from contracts.api.doors import Token
from contracts.api.matching import Matching, check, mark
from contracts.api.problems import Invalid, Problem
from contracts.api.reading import REFUSALS
from contracts.api.reading import router as router
from contracts.api.repeating import Once, once
from contracts.api.schemas import CaseOut, ConsentOut, ContractorOut
from contracts.forms.cases import CaseForm
from contracts.forms.register import FirmForm
from contracts.models import Case, Contractor, Scope
from contracts.services.cases import registering
from contracts.services.consents import consenting
from contracts.services.register import enlisting

WRITING: dict[Any, Any] = REFUSALS | {400: Problem, 409: Problem}
MOST = 100


class Written(Schema):
    """What is written; a word that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class CaseIn(Written):
    """A case as it is registered or corrected."""

    number: str = Field(min_length=1, max_length=60, description="工事番号（市の中で一つ）", examples=["鳥工第12号"])
    title: str = Field(min_length=1, max_length=200, description="工事名", examples=["市道〇〇線道路改良工事"])
    place: str = Field("", max_length=200, description="工事場所", examples=["見本市本町地内"])
    kind: str = Field(max_length=30, description="区分の符号（規程による）", examples=["construction"])
    procurement_method: str = Field(max_length=30, description="調達方法の符号（規程による）", examples=["open_tender"])
    announced_date: date = Field(description="公告日", examples=["2026-03-02"])
    awarded_date: date = Field(description="落札日", examples=["2026-03-20"])
    contractor_id: int = Field(ge=1, le=2**53, description="落札者（事業者の番号）", examples=[7])
    amount: int = Field(ge=1, le=10**15, description="請負代金額（円・税込）", examples=[11_000_000])
    work_starts_date: date = Field(description="工期の始期", examples=["2026-04-10"])
    work_ends_date: date = Field(description="工期の終期", examples=["2026-10-30"])
    needs_council: bool = Field(default=False, description="議会の議決を要するか")
    department: str = Field(max_length=100, description="担当課の名", examples=["建設課"])
    traits: list[str] = Field(default=[], max_length=50, description="対象外の事由の符号（規程による）")


class CaseChange(CaseIn):
    """A case as it should stand."""

    edit_number: int = Field(ge=0, le=10**9, description="読んだときの edit_number", examples=[0])


class CasesIn(Written):
    """Cases to register together."""

    cases: list[CaseIn] = Field(min_length=1, max_length=MOST, description=f"案件。{MOST} 件まで")


class CasesDone(Schema):
    """The cases that were registered."""

    items: list[CaseOut] = Field(description="登録した案件。送られた順")


class FirmIn(Written):
    """A firm as it should stand on the register."""

    registration_number: str = Field(min_length=1, max_length=60, description="登録番号。これで見分けます")
    name: str = Field(min_length=1, max_length=200, description="商号又は名称", examples=["㈱髙﨑𠮷建設"])
    name_kana: str = Field("", max_length=200, description="フリガナ")
    branch: str = Field("", max_length=150, description="委任先の支店等")
    address: str = Field(min_length=1, max_length=300, description="住所")
    representative_title: str = Field(min_length=1, max_length=100, description="代表者の役職", examples=["代表取締役"])
    representative_name: str = Field(min_length=1, max_length=100, description="代表者名", examples=["髙﨑　𠮷男"])
    representative_kana: str = Field("", max_length=100, description="代表者名のフリガナ")
    agent_title: str = Field("", max_length=100, description="受任者の役職")
    agent_name: str = Field("", max_length=100, description="受任者の氏名")
    agent_kana: str = Field("", max_length=100, description="受任者の氏名のフリガナ")
    email: str = Field(min_length=3, max_length=254, description="メールアドレス", examples=["keiyaku@example.jp"])
    phone: str = Field("", max_length=40, description="電話番号")


class ConsentsAsked(Schema):
    """The forms that were asked for."""

    items: list[ConsentOut] = Field(description="依頼した承諾書")


def _facts(typed: CaseIn, *, request: ActorRequest, data: Any, at: str) -> dict[str, Any]:
    """Read the facts of a case by the form of the screen; raises Invalid."""
    named = Department.objects.visible_to(request.actor).filter(name=typed.department).values_list("pk", flat=True)
    values = typed.model_dump(exclude={"edit_number", "contractor_id", "department"})
    days = {name: value.isoformat() for name, value in values.items() if isinstance(value, date)}
    known = {"contractor": typed.contractor_id, "department": named.first() or "", "amount": str(typed.amount)}
    form = CaseForm(values | days | known, actor=request.actor, data=data)
    facts = _checked(form, at=at)
    facts.pop("edit_number")
    if typed.traits and "traits" not in form.fields:
        raise Invalid({f"{at}.traits": "この市の規程に、対象外の事由はありません。"})
    return facts


NAMES = {"contractor": "contractor_id", "__all__": ""}


def _checked(form: forms.Form, *, at: str) -> dict[str, Any]:
    if form.is_valid():
        return dict(form.cleaned_data)
    found = {NAMES.get(name, name): " ".join(map(str, said)) for name, said in form.errors.items()}
    raise Invalid({f"{at}.{name}".rstrip("."): said for name, said in found.items()})


def _register(typed: CaseIn, *, request: ActorRequest, at: str) -> CaseOut:
    now = timezone.now()
    rules = registering.rules_in_force(tenant_id=request.actor.tenant_id, at=now)
    facts = _facts(typed, request=request, data=rules.data, at=at)
    return CaseOut.of(registering.register(actor=request.actor, at=now, **facts))


@router.post(
    "/cases",
    auth=Token(Scope.CASES_WRITE),
    response={201: CaseOut} | WRITING,
    summary="案件を登録する",
    tags=["案件"],
    operation_id="register_case",
    url_name="api_cases",
)
def api_case_register(request: ActorRequest, typed: CaseIn, key: Once) -> HttpResponse:
    """落札した案件を登録します。判定と契約締結期限は、適用中の規程で決まります。範囲: `cases:write`"""
    return once(request, key, lambda: (201, _register(typed, request=request, at="body.typed")))


@router.post(
    "/cases/bulk",
    auth=Token(Scope.CASES_WRITE),
    response={201: CasesDone} | WRITING,
    summary="案件をまとめて登録する",
    tags=["案件"],
    operation_id="register_cases",
)
def api_cases_bulk(request: ActorRequest, typed: CasesIn, key: Once) -> HttpResponse:
    """案件をまとめて登録します。一件でも断られたら、一件も登録しません。範囲: `cases:write`"""

    def do() -> tuple[int, Schema]:
        places = enumerate(typed.cases)
        return 201, CasesDone(
            items=[_register(case, request=request, at=f"body.typed.cases.{place}") for place, case in places]
        )

    return once(request, key, do)


@router.put(
    "/cases/{int:case_id}",
    auth=Token(Scope.CASES_WRITE),
    response={200: CaseOut} | WRITING,
    summary="案件を訂正する",
    tags=["案件"],
    operation_id="correct_case",
    url_name="api_case",
)
def api_case_correct(request: ActorRequest, case_id: int, typed: CaseChange) -> CaseOut:
    """契約の手続きが進む前の案件を訂正します。先にほかの人が保存していれば 409 です。範囲: `cases:write`"""
    related = ("contractor", "department", "rule_set")
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*related), pk=case_id)
    facts = _facts(typed, request=request, data=case.rule_set.data, at="body.typed")
    corrected = registering.correct(
        case, actor=request.actor, at=timezone.now(), edit_number=typed.edit_number, **facts
    )
    return CaseOut.of(corrected)


@router.post(
    "/cases/{int:case_id}/consents",
    auth=Token(Scope.CASES_WRITE),
    response={201: ConsentsAsked} | WRITING,
    summary="承諾書の提出を依頼する",
    tags=["案件"],
    operation_id="ask_for_consents",
    url_name="api_consents",
)
def api_consents_ask(request: ActorRequest, case_id: int, key: Once) -> HttpResponse:
    """受注者側の会社に、電子契約利用承諾書（様式第1号）をメールで依頼します。範囲: `cases:write`"""
    case = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)

    def do() -> tuple[int, Schema]:
        asked = consenting.invite(case, actor=request.actor, at=timezone.now())
        return 201, ConsentsAsked(items=[ConsentOut.of(consent) for consent in asked])

    return once(request, key, do)


@router.put(
    "/contractors",
    auth=Token(Scope.REGISTER_WRITE),
    response={200: ContractorOut, 201: ContractorOut, 412: Problem, 428: Problem} | WRITING,
    summary="事業者を名簿に載せる・改める",
    tags=["事業者"],
    operation_id="keep_contractor",
    url_name="api_contractors",
)
def api_contractor_keep(request: HttpRequest, response: HttpResponse, typed: FirmIn, matching: Matching) -> Any:
    """登録番号で見分けて、なければ載せ（201）、あれば内容を改めます（200）。

    改めるときは、読んだときの ETag を If-Match に書きます。先にほかの人が改めていれば 412 です。範囲: `register:write`
    """
    asked: Any = request
    facts = _checked(FirmForm(typed.model_dump()), at="body.typed")
    rows = Contractor.objects.visible_to(asked.actor).filter(registration_number=facts["registration_number"])
    known, said = rows.first(), {"actor": asked.actor, "at": timezone.now()}
    if known is None:
        firm = enlisting.enlist(**said, **facts)
    else:
        check(matching, known, facts)
        firm = enlisting.correct(known, edit_number=known.edit_number, **said, **facts)
    mark(response, firm)
    return Status(201 if known is None else 200, ContractorOut.of(firm))

"""Cases, consents, contracts, documents and the register, as the city's other systems read them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.requests import ActorRequest
from contracts import permissions
from contracts.api.doors import Token, knows, not_modified
from contracts.api.matching import mark
from contracts.api.pages import Asked, take
from contracts.api.problems import Problem, Refused
from contracts.api.schemas import (
    CaseOut,
    Cases,
    ConsentOut,
    ContractorOut,
    Contractors,
    ContractOut,
    Contracts,
    DocumentOut,
)
from contracts.models import Case, Consent, Contract, Contractor, Document, Scope
from contracts.services.signatures import downloading
from contracts.states import CaseState, ContractState
from contracts.views.answers import pdf_response

router = Router()
REFUSALS: dict[Any, Any] = dict.fromkeys((401, 403, 404, 422, 429), Problem)
TREE = ("versions__steps", "versions__documents__revisions")
NOT_YET = "締結前の文書は渡せません。契約の版の状態が concluded になってから、もう一度お尋ねください。"


class AskedCases(Asked):
    """Which cases."""

    state: CaseState | None = Field(None, description="この状態のものだけ")
    number: str = Field("", max_length=60, description="この工事番号のものだけ（全体が同じもの）")


class AskedContracts(Asked):
    """Which contracts."""

    state: ContractState | None = Field(None, description="この状態のものだけ")


class AskedContractors(Asked):
    """Which firms."""

    registration_number: str = Field("", max_length=60, description="この登録番号のものだけ")
    active: bool | None = Field(None, description="登録中（true）か、停止中（false）のものだけ")


class WhoAmI(Schema):
    """What a token is and may."""

    name: str = Field(description="トークンの名", examples=["財務会計システム"])
    city: str = Field(description="自治体", examples=["見本市"])
    scopes: list[str] = Field(description="使える範囲", examples=[["cases:read"]])
    expires_at: Any = Field(description="期限", json_schema_extra={"type": "string", "format": "date-time"})


@router.get(
    "/whoami",
    auth=Token(),
    response={200: WhoAmI, 401: Problem, 429: Problem},
    summary="トークンを確かめる",
    tags=["はじめに"],
    operation_id="whoami",
)
def api_whoami(request: ActorRequest) -> WhoAmI:
    """どの自治体の、どの範囲のトークンかを答えます。つなぐ前の確認に使います。"""
    token: Any = request.auth  # type: ignore[attr-defined]
    return WhoAmI(name=token.name, city=request.city.name, scopes=token.scopes, expires_at=token.expires_at)


def _cases(request: ActorRequest) -> Any:
    return Case.objects.visible_to(request.actor).select_related("contractor", "department")


def _case(request: ActorRequest, case_id: int) -> Case:
    case: Case = get_object_or_404(_cases(request), pk=case_id)
    return case


@router.get(
    "/cases",
    auth=Token(Scope.CASES_READ),
    response={200: Cases} | REFUSALS,
    summary="案件の一覧",
    tags=["案件"],
    operation_id="list_cases",
)
def api_cases(request: ActorRequest, asked: Query[AskedCases]) -> Cases:
    """案件を、登録した順に答えます。続きは next_cursor で受け取ります。範囲: `cases:read`"""
    rows = _cases(request)
    rows = rows.filter(state=asked.state) if asked.state else rows
    rows = rows.filter(number=asked.number) if asked.number else rows
    shown, following = take(rows, name="cases", asked=asked)
    return Cases(items=[CaseOut.of(case) for case in shown], next_cursor=following)


@router.get(
    "/cases/{int:case_id}",
    auth=Token(Scope.CASES_READ),
    response={200: CaseOut} | REFUSALS,
    summary="案件",
    tags=["案件"],
    operation_id="get_case",
)
def api_case(request: ActorRequest, case_id: int) -> CaseOut:
    """案件を一つ答えます。範囲: `cases:read`"""
    return CaseOut.of(_case(request, case_id))


@router.get(
    "/cases/{int:case_id}/consents",
    auth=Token(Scope.CASES_READ),
    response={200: list[ConsentOut]} | REFUSALS,
    summary="案件の承諾書",
    tags=["案件"],
    operation_id="list_consents",
)
def api_consents(request: ActorRequest, case_id: int) -> list[ConsentOut]:
    """電子契約利用承諾書（様式第1号）の様子を、依頼した順に答えます。範囲: `cases:read`"""
    rows = Consent.objects.visible_to(request.actor).filter(case=_case(request, case_id)).order_by("pk")
    return [ConsentOut.of(consent) for consent in rows]


def _contracts(request: ActorRequest) -> Any:
    return Contract.objects.visible_to(request.actor).select_related("case").prefetch_related(*TREE)


@router.get(
    "/contracts",
    auth=Token(Scope.CONTRACTS_READ),
    response={200: Contracts} | REFUSALS,
    summary="契約の一覧",
    tags=["契約"],
    operation_id="list_contracts",
)
def api_contracts(request: ActorRequest, asked: Query[AskedContracts]) -> Contracts:
    """契約を、その版・署名の順番・文書とともに、作られた順に答えます。範囲: `contracts:read`"""
    rows = _contracts(request)
    rows = rows.filter(state=asked.state) if asked.state else rows
    shown, following = take(rows, name="contracts", asked=asked)
    return Contracts(items=[ContractOut.of(contract) for contract in shown], next_cursor=following)


@router.get(
    "/cases/{int:case_id}/contracts",
    auth=Token(Scope.CONTRACTS_READ),
    response={200: list[ContractOut]} | REFUSALS,
    summary="案件の契約",
    tags=["契約"],
    operation_id="list_contracts_of_case",
)
def api_case_contracts(request: ActorRequest, case_id: int) -> list[ContractOut]:
    """一つの案件の、当初契約・変更契約・訂正合意を答えます。範囲: `contracts:read`"""
    rows = _contracts(request).filter(case=_case(request, case_id)).order_by("pk")
    return [ContractOut.of(contract) for contract in rows]


@router.get(
    "/contracts/{int:contract_id}",
    auth=Token(Scope.CONTRACTS_READ),
    response={200: ContractOut} | REFUSALS,
    summary="契約",
    tags=["契約"],
    operation_id="get_contract",
)
def api_contract(request: ActorRequest, contract_id: int) -> ContractOut:
    """契約を一つ、その版・署名の順番・文書とともに答えます。範囲: `contracts:read`"""
    return ContractOut.of(get_object_or_404(_contracts(request), pk=contract_id))


def _document(request: ActorRequest, document_id: int) -> Document:
    rows = Document.objects.visible_to(request.actor).select_related("version__contract__case__contractor")
    document: Document = get_object_or_404(rows.prefetch_related("revisions"), pk=document_id)
    return document


@router.get(
    "/documents/{int:document_id}",
    auth=Token(Scope.DOCUMENTS_READ),
    response={200: DocumentOut} | REFUSALS,
    summary="文書",
    tags=["文書"],
    operation_id="get_document",
)
def api_document(request: ActorRequest, document_id: int) -> DocumentOut:
    """文書の名・大きさ・SHA-256 を答えます。範囲: `documents:read`"""
    return DocumentOut.of(_document(request, document_id))


PDF = {"description": "PDF", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/documents/{int:document_id}/file",
    auth=Token(Scope.DOCUMENTS_READ),
    response={200: None, 409: Problem, 410: Problem} | REFUSALS,
    summary="締結済みの文書（PDF）",
    tags=["文書"],
    operation_id="get_document_file",
    openapi_extra={"responses": {200: PDF}},
)
def api_document_file(request: ActorRequest, document_id: int) -> HttpResponse:
    """締結済みの PDF をそのまま答えます。ETag は SHA-256 です。受け取りは操作記録に残ります。範囲: `documents:read`"""
    handed = _document(request, document_id)
    if not permissions.can_download(request.actor, handed.version):
        raise Refused("refused", NOT_YET)
    etag = f'"{DocumentOut.of(handed).sha256}"'
    if knows(request, etag):
        return not_modified(etag)
    content = downloading.download(handed, actor=request.actor, at=timezone.now())
    case = handed.version.case
    response = pdf_response(content, case.number, handed.title, case.contractor.name)
    response.headers["ETag"] = etag
    return response


@router.get(
    "/contractors",
    auth=Token(Scope.REGISTER_READ),
    response={200: Contractors} | REFUSALS,
    summary="事業者の一覧",
    tags=["事業者"],
    operation_id="list_contractors",
)
def api_contractors(request: ActorRequest, asked: Query[AskedContractors]) -> Contractors:
    """名簿の事業者を、登録した順に答えます。範囲: `register:read`"""
    rows = Contractor.objects.visible_to(request.actor)
    rows = rows.filter(registration_number=asked.registration_number) if asked.registration_number else rows
    rows = rows.filter(active=asked.active) if asked.active is not None else rows
    shown, following = take(rows, name="contractors", asked=asked)
    return Contractors(items=[ContractorOut.of(firm) for firm in shown], next_cursor=following)


@router.get(
    "/contractors/{int:contractor_id}",
    auth=Token(Scope.REGISTER_READ),
    response={200: ContractorOut} | REFUSALS,
    summary="事業者",
    tags=["事業者"],
    operation_id="get_contractor",
)
def api_contractor(request: ActorRequest, response: HttpResponse, contractor_id: int) -> ContractorOut:
    """名簿の事業者を一つ答えます。改めるときは、この答えの ETag を If-Match に書きます。範囲: `register:read`"""
    firm = get_object_or_404(Contractor.objects.visible_to(request.actor), pk=contractor_id)
    mark(response, firm)
    return ContractorOut.of(firm)

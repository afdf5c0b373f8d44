"""What is said when the API cannot do what it is asked: RFC 9457, in words that a person can act on."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from accounts.refusals import MovedOn, Refusal
from contracts.services.editing import Overtaken
from vault.errors import Destroyed

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
TITLES = {
    "bad-request": (400, "読めない求めです"),
    "unauthorized": (401, "トークンが要ります"),
    "forbidden": (403, "このトークンではできません"),
    "not-found": (404, "見つかりません"),
    "method-not-allowed": (405, "この方法では尋ねられません"),
    "refused": (409, "いまはできません"),
    "moved-on": (409, "すでに手続きが進んでいます"),
    "gone": (410, "廃棄されています"),
    "precondition-failed": (412, "読んだ後に変わっています"),
    "too-large": (413, "大きすぎます"),
    "invalid": (422, "内容に誤りがあります"),
    "precondition-required": (428, "読んだ版を示してください"),
    "too-many-requests": (429, "回数の上限に達しました"),
    "error": (500, "こちらの誤りです"),
}
NOT_ADMITTED = (
    "Authorization: Bearer にトークンがないか、期限が切れたか、取り消されたか、許していない接続元です。"
    "市の運用管理者が、設定の「ほかの仕組みとの連携」で確かめられます。"
)
MEND = "errors の項目を直して、もう一度お送りください。"
TOO_LARGE = "一度に送れる本文は 2 MB までです。分けてお送りください。"
NOT_HERE = "その番号のものは、この自治体にはありません。"
# pydantic の符号を、人の言葉に
SAID = {
    "missing": "書いてください。",
    "extra_forbidden": "知らない項目です。書かないでください。",
    "string_too_short": "短すぎます。",
    "string_too_long": "長すぎます。",
    "int_parsing": "整数で書いてください。",
    "int_type": "整数で書いてください。",
    "string_type": "文字列で書いてください。",
    "bool_type": "true か false で書いてください。",
    "enum": "決まった値の中から書いてください。",
    "literal_error": "決まった値の中から書いてください。",
    "json_invalid": "JSON として読めません。",
}


class FieldProblem(Schema):
    """One field that is wrong, and why."""

    field: str = Field(description="項目の場所", examples=["query.limit"])
    detail: str = Field(description="直し方", examples=["整数で書いてください。"])


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str = Field(description="種類（/api/ の頁の見出し）", examples=["/api/#not-found"])
    title: str = Field(description="種類の名", examples=["見つかりません"])
    status: int = Field(description="HTTP の番号", examples=[404])
    detail: str = Field(description="この求めが断られたわけと、次にすること", examples=[NOT_HERE])
    errors: list[FieldProblem] | None = Field(default=None, description="誤りのある項目")


class Refused(Exception):
    """End a request with one kind of problem."""

    def __init__(self, kind: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers = kind, detail, headers


class Invalid(Exception):
    """End a request whose fields are wrong; `errors` says of each what to mend."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = dict(errors)


def problem(
    kind: str, detail: str, *, errors: Sequence[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Answer with a problem of one kind."""
    status, title = TITLES[kind]
    said: dict[str, Any] = {"type": f"/api/#{kind}", "title": title, "status": status, "detail": detail}
    if errors:
        said["errors"] = list(errors)
    return HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _invalid(_request: HttpRequest, exc: Exception) -> HttpResponse:
    found = exc.errors if isinstance(exc, ValidationError) else []
    errors = [{"field": ".".join(map(str, each["loc"])), "detail": _said(each)} for each in found]
    return problem("invalid", MEND, errors=errors)


def _mended(_request: HttpRequest, exc: Any) -> HttpResponse:
    errors = [{"field": name, "detail": said} for name, said in exc.errors.items()]
    return problem("invalid", MEND, errors=errors)


def _said(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "value_error":
        return str(error["ctx"]["error"]) if "ctx" in error else str(error["msg"])
    return SAID.get(kind, f"使えない値です（{kind}）。")


def _http(_request: HttpRequest, exc: Exception) -> HttpResponse:
    status = exc.status_code if isinstance(exc, HttpError) else 400
    if status == TITLES["unauthorized"][0]:
        return problem("unauthorized", NOT_ADMITTED, headers={"WWW-Authenticate": "Bearer"})
    return problem("bad-request", "求めの本文を JSON として読めません。形を確かめて、もう一度お送りください。")


def _error(request: HttpRequest, exc: Exception) -> HttpResponse:
    logger.error("API の誤り: %s", request.path, exc_info=exc)
    return problem("error", "求めは行われていません。しばらくしてから、もう一度お試しください。")


def _plain(kind: str) -> Any:
    """Make a handler that answers with one kind of problem, in the words of the exception."""
    return lambda _request, exc: problem(kind, str(exc) or TITLES[kind][1])


def install(api: NinjaAPI) -> None:
    """Have an API answer every exception with a problem."""
    handlers: dict[type[Exception], Any] = {
        RequestDataTooBig: lambda _request, _exc: problem("too-large", TOO_LARGE),
        Http404: lambda _request, _exc: problem("not-found", NOT_HERE),
        Refused: lambda _request, exc: problem(exc.kind, exc.detail, headers=exc.headers),
        Refusal: _plain("refused"),
        MovedOn: _plain("moved-on"),
        Overtaken: _plain("moved-on"),
        Destroyed: _plain("gone"),
        PermissionDenied: _plain("forbidden"),
        ValidationError: _invalid,
        Invalid: _mended,
        HttpError: _http,
        AuthenticationError: _http,
        Exception: _error,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)

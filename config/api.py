"""The API: its parts joined, its description in OpenAPI 3.1, and the page that shows it to people."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from accounts.permissions import public
from contracts.api import journal, problems, reading, writing
from contracts.api.doors import guarded
from contracts.api.problems import MEDIA_TYPE, NOT_HERE, TITLES, problem
from contracts.models import Scope
from contracts.services.integrating import kinds
from guarantees.api import reading as guarantees

ROOT = "/api/v1"
ABOUT = (
    "市の財務会計・契約管理・文書管理などの仕組みが、案件・契約・文書・保証をむすびとやり取りするための API です。"
    "トークンは、市の運用管理者が作ります。どの自治体のものかは、トークンだけで決まります。"
    "署名と決裁は人がするもので、API からはできません。"
)


class Renderer(JSONRenderer):
    """Write Japanese as it is."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="むすび API",
    servers=[{"url": "/"}],
    version="1.0",
    description=ABOUT,
    openapi_url=None,
    docs_url=None,
    renderer=Renderer(),
)
problems.install(api)
# 読むところと書くところは、同じ住所を分け合う
for part in dict.fromkeys((reading.router, writing.router, guarantees.router, journal.router)):
    api.add_router("", part)


@cache
def description() -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1."""
    described: dict[str, Any] = api.get_openapi_schema(path_prefix=f"{ROOT}/")
    for operations in described["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                _name_problem(int(status), answer)
    return described


def _name_problem(status: int, answer: dict[str, Any]) -> None:
    said = dict(TITLES.values())
    if status in said and status != 409:
        answer["description"] = said[status]
    if status >= 400 and "application/json" in answer.get("content", {}):
        answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}


@require_safe
@public
def api_description(_request: HttpRequest) -> JsonResponse:
    """Hand out the description for programs."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@require_safe
@public
def api_page(request: HttpRequest) -> HttpResponse:
    """Show the description to people, without a script from anywhere."""
    context = {"about": ABOUT, "groups": _groups(), "root": ROOT, "problems": _problems(), "scopes": Scope.choices}
    context["events"] = kinds.choices()
    return render(request, "api.html", context)


def _problems() -> list[dict[str, Any]]:
    return [{"kind": kind, "status": status, "title": title} for kind, (status, title) in TITLES.items()]


def _groups() -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, operations in description()["paths"].items():
        for method, operation in operations.items():
            told = {
                "method": method.upper(),
                "address": address,
                "asks": _asked(operation),
                "fields": _answer(operation),
            }
            groups.setdefault(operation["tags"][0], []).append(operation | told)
    return list(groups.items())


def _asked(operation: dict[str, Any]) -> list[tuple[str, str]]:
    """List what may be written into an address, and what it means."""
    return [(each["name"], each["schema"].get("description", "番号")) for each in operation["parameters"]]


def _answer(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """List the fields of an answer, of one item where it is a list."""
    answer: Any = next((each for status, each in operation["responses"].items() if int(status) < 300), {})
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return _fields(schema)


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    known = description()["components"]["schemas"]
    while "$ref" in schema or "items" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["items"]
    properties = schema.get("properties", {})
    if "items" in properties:
        return _fields(properties["items"])
    needed = schema.get("required", [])
    return [{"name": name, "needed": name in needed, **_told(each)} for name, each in properties.items()]


def _told(schema: dict[str, Any]) -> dict[str, Any]:
    examples = schema.get("examples") or [""]
    return {"description": schema.get("description", ""), "example": examples[0]}


@csrf_exempt
@public
def api_missing(_request: HttpRequest) -> HttpResponse:
    """Say in the words of the API that there is nothing at an address."""
    return problem("not-found", NOT_HERE)


def _addresses() -> list[URLPattern]:
    found = []
    for entry in api.urls[0]:
        if isinstance(entry, URLResolver) or entry.name == "api-root":
            continue
        entry.callback = guarded(entry.callback)
        found.append(entry)
    return found


urlpatterns = [
    path("", api_page, name="api_page"),
    path("v1/openapi.json", api_description, name="api_description"),
    *(path("v1/" + str(entry.pattern), entry.callback, name=entry.name) for entry in _addresses()),
    re_path(r"^v1/", api_missing, name="api_missing"),
]

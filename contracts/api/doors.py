"""The door of the API: a token, its scope, how often it asks, and the city it belongs to."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from ninja.security import HttpBearer

from accounts import limits, networks, tenancy, whereabouts
from accounts.actors import Actor
from accounts.middleware import client_ip
from accounts.permissions import public
from contracts.api.problems import Refused, problem
from contracts.models import Scope
from contracts.services.integrating import tokens

LONGEST_TOKEN = 200
IN_THE_CLEAR = "暗号化されていない道（http）で届きました。このトークンを取り消して作り直し、https でお尋ねください。"
OFTEN = "一時間に尋ねられる回数の上限に達しました。Retry-After の秒数だけ待って、もう一度お試しください。"


class Token(HttpBearer):
    """Admit whoever shows a living token with a scope; whom a session belongs to says nothing here."""

    openapi_description = "設定の「ほかの仕組みとの連携」で作るトークン。Authorization: Bearer に書きます。"

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Set the asker and the city of a request from its token; None for one that opens nothing."""
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise Refused("forbidden", IN_THE_CLEAR)  # 転送すると、平文で送り続けていることに気づかれない
        at, ip = timezone.now(), client_ip(request)
        found = tokens.find(token.strip(), ip=ip, at=at) if len(token) <= LONGEST_TOKEN else None
        agent = request.META.get("HTTP_USER_AGENT", "")[:300]
        actor = tokens.acting(found, ip=ip, user_agent=agent, at=at) if found else None
        if found is not None and actor is not None and not networks.admits(found.tenant.networks, [networks.API], ip):
            _note_refused(request, actor, at=at)
            found = None
        if found is None or actor is None:
            _check_pace("api_refused", limits.network_of(ip), at=at)
            return None
        _check_pace("api", str(found.pk), at=at)
        if self.scope is not None and self.scope not in found.scopes:
            raise Refused("forbidden", f"このトークンには「{self.scope.label}」（{self.scope}）の範囲がありません。")
        asked: Any = request
        asked.actor, asked.city = actor, found.tenant
        tokens.note_use(found, ip=ip, at=at)
        return found


def _note_refused(request: HttpRequest, actor: Actor, *, at: datetime) -> None:
    """Have the journal say, once an hour, that a token was shown from where the city lets nobody work."""
    tenancy.forget()
    if not limits.is_over("network_told", f"{actor.name} {actor.ip}", at=at):
        setattr(request, whereabouts.TURNED_AWAY, actor)


def _check_pace(what: str, who: str, *, at: datetime) -> None:
    if limits.is_over(what, who, at=at):
        left = limits.HOUR - int(at.timestamp()) % limits.HOUR
        raise Refused("too-many-requests", OFTEN, **{"Retry-After": str(left)})


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Put the marks of the house on a view of the API: its door, its problems, its caching."""

    @public
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = {"Allow": response.headers["Allow"]}
            return problem("method-not-allowed", f"{allowed['Allow']} で尋ねてください。", headers=allowed)
        patch_cache_control(response, private=True, no_cache=True)
        return _unless_known(request, response)

    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def _unless_known(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Answer 304 to whoever has just this already."""
    if request.method != "GET" or response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()}"'
    return not_modified(response.headers["ETag"]) if knows(request, response.headers["ETag"]) else response


def knows(request: HttpRequest, etag: str) -> bool:
    """Tell whether the asker says that they have what this ETag names."""
    known = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    return etag in known or known == ["*"]


def not_modified(etag: str) -> HttpResponse:
    """Answer that nothing has changed."""
    return HttpResponse(status=304, headers={"ETag": etag})

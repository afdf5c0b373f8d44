"""What browsers tell of pages that tried what our policy forbids: counted by kind, and nothing of whoever saw it.

A report names whole addresses, with the secrets of links in them. Of those, only the name of the route is kept.
"""

import json
import logging
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter

from accounts import limits
from accounts.middleware import client_ip
from accounts.permissions import public

logger = logging.getLogger("musubi.violations")
VIOLATIONS = Counter("musubi_csp_violations", "頁が、約束（CSP）の外のことをしようとした回数", ["directive", "blocked"])
LARGEST = 16 * 1024
# どの指図か。ほかの語は、だれでも送れる
DIRECTIVES = frozenset((
    "default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr",
    "img-src", "font-src", "connect-src", "object-src", "frame-src", "child-src", "worker-src", "media-src",
    "manifest-src", "form-action", "base-uri", "frame-ancestors",
))  # fmt: skip
WORDS = {"inline": "inline", "eval": "eval", "wasm-eval": "eval", "self": "self", "data": "data", "blob": "data"}
EXTENSION = re.compile(r"[a-z-]*-extension$")
HOST = re.compile(r"[a-z0-9.-]{1,100}")


@csrf_exempt
@require_POST
@public
def csp_report(request: HttpRequest) -> HttpResponse:
    """Take the report of a browser; whoever sends many within the hour is heard no longer."""
    who = limits.network_of(client_ip(request))
    if limits.is_over("reported", who, at=timezone.now()):
        return HttpResponse(status=429, headers={"Retry-After": str(limits.HOUR)})
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    told = _read(request.body)
    if told is None:
        return HttpResponse(status=400)
    _note(told)
    return HttpResponse(status=204)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)["csp-report"]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _note(told: dict[str, Any]) -> None:
    said = str(told.get("effective-directive") or told.get("violated-directive") or "").partition(" ")[0]
    directive = said if said in DIRECTIVES else "other"
    blocked, host = _kind(str(told.get("blocked-uri", "")))
    VIOLATIONS.labels(directive, blocked).inc()
    facts = {
        "directive": directive,
        "blocked": blocked,
        "host": host,
        "page": _route(str(told.get("document-uri", ""))),
    }
    logger.warning("a page tried what the policy forbids", extra={"facts": facts})


def _kind(blocked: str) -> tuple[str, str]:
    """Say what kind of thing was kept out, and from which host where it is not ours."""
    if blocked in WORDS:
        return WORDS[blocked], ""
    try:
        parts = urlsplit(blocked)
        host = (parts.hostname or "").lower()
    except ValueError:
        return "other", ""
    if EXTENSION.match(parts.scheme):
        return "extension", ""
    if parts.scheme in WORDS:
        return WORDS[parts.scheme], ""
    if parts.scheme not in {"http", "https", "ws", "wss"} or not HOST.fullmatch(host):
        return "other", ""
    return ("self", "") if host == urlsplit(settings.BASE_URL).hostname else ("elsewhere", host)


def _route(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except (ValueError, Resolver404):
        return ""

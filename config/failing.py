"""The pages for when something of ours fails: drawn without the database, the components or who is asking."""

import sys

import redis
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from vault import kms

AWAY = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError, kms.Unavailable)
_RETRY_AFTER = 60  # 秒
_PLAIN = """<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>エラーが起きました</title>
<h1>エラーが起きました</h1><p>この操作は取り消されました。少し待ってから、もう一度お試しください。</p></html>"""


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 503 while a part is away, which passes by itself (RFC 9110 15.6.4), and 500 otherwise."""
    if isinstance(sys.exc_info()[1], AWAY):
        return HttpResponse(_page("503.html"), status=503, headers={"Retry-After": str(_RETRY_AFTER)})
    return HttpResponse(_page("500.html"), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 413 to what is too large, and 400 to anything else that cannot be read, without repeating it."""
    return too_large() if isinstance(exception, RequestDataTooBig) else unreadable()


def unreadable() -> HttpResponse:
    """Answer 400."""
    return HttpResponse(_page("400.html"), status=400)


def too_large() -> HttpResponse:
    """Answer 413, and hang up on what is still to come."""
    return HttpResponse(_page("413.html"), status=413, headers={"Connection": "close"})


def _page(name: str) -> str:
    try:
        return render_to_string(name, {"test_certificate": settings.TEST_CERTIFICATE})
    except Exception:  # noqa: BLE001  壊れたものを告げる頁が、壊れてはならない
        return _PLAIN

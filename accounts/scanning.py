"""One place for all that is uploaded: nothing that clamd knows, or could not look at, reaches a view."""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render

from vault import clamd

logger = logging.getLogger(__name__)

# JSON の中の文字がこれより短ければ、言葉とみなす。長ければ、base64 で書いたファイルかもしれない
LONGEST_WORDS = 256
# ファイルではない本文の形
WORDS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "")
FOUND = "選んだファイルからウイルスが見つかったため、受け取りませんでした。お使いのパソコンを検査してください。"


class ScanMiddleware:
    """Have every upload scanned before its view runs.

    It stands behind those that refuse a forged request and set who is asking. Without CLAMD_ADDRESS it does nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not settings.CLAMD_ADDRESS or request.method not in ("POST", "PUT", "PATCH"):
            return None
        try:
            for pieces in _uploads(request):
                clamd.scan(pieces)
        except clamd.Infected as infected:
            logger.warning("upload refused at %s: %s", request.path_info, infected.signature)
            return _refused(request, FOUND, 422)
        except clamd.Unscanned as unscanned:
            logger.exception("upload not scanned at %s", request.path_info)
            return _refused(request, str(unscanned), 503)
        return None


def _uploads(request: HttpRequest) -> Iterable[Iterable[bytes]]:
    for _name, files in request.FILES.lists():
        for file in files:
            yield file.chunks()
            file.seek(0)
    if request.content_type == "application/json":
        yield from ([each] for each in _inside(request.body))
    elif request.content_type not in WORDS:
        yield [request.body]


def _inside(body: bytes) -> Iterator[bytes]:
    """Take files out of JSON, where they can only be written as base64; what is no JSON is looked at as it is."""
    try:
        waiting = [json.loads(body)] if body else []
    except (ValueError, RecursionError):
        yield body
        return
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and len(each) > LONGEST_WORDS and (file := _decoded(each)):
            yield file


def _decoded(text: str) -> bytes:
    """Decode base64 of either alphabet, behind a `data:` address too; empty for what is none."""
    signs = "".join(text.rpartition(",")[2].split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(signs + "=" * (-len(signs) % 4), validate=True)
    except ValueError:
        return b""


def _refused(request: HttpRequest, reason: str, status: int) -> HttpResponseBase:
    if request.content_type == "application/json" or "json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": reason}, status=status)
    return render(request, "refused.html", {"reason": reason}, status=status)

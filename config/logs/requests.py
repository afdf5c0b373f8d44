"""One line for each request: which route, how it ended, how long it took, for which city and person by number."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts import whence
from config.logs import scene
from config.metrics.requests import route_of

logger = logging.getLogger("musubi.request")
HEADER = "X-Request-ID"


class RequestLogMiddleware:
    """Stand outermost; give the request a number, and say it to whoever asked, so that they can quote it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "") if whence.is_trusted_proxy(request.META) else ""
        with scene.of(request=scene.number(given)) as facts:
            began = time.perf_counter()
            response = self.get_response(request)
            # 静的なファイルの成功は、行を増やすだけなので書かない
            if response.status_code >= 400 or not request.path.startswith(settings.STATIC_URL):
                _note(request, response, took=time.perf_counter() - began)
            response.headers[HEADER] = facts["request"]
        return response


def _note(request: HttpRequest, response: HttpResponseBase, *, took: float) -> None:
    # 画面が尋ねていなければ、だれかを記録のために尋ねない
    user, city = getattr(request, "_cached_user", None), getattr(request, "city", None)
    facts = {
        "route": route_of(request),
        "method": request.method,
        "status": response.status_code,
        "ms": round(took * 1000),
        "city": city.slug if city is not None else "",
        "user": user.pk if user is not None else None,
        "from": scene.neighbourhood(whence.address_of(request.META)),
    }
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    logger.log(level, "request", extra={"facts": facts})

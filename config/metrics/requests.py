"""Count and time requests by the name of their route; an address, a number or a person is never a label."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Histogram

SECONDS = Histogram(
    "musubi_request_seconds",
    "画面の要求にかかった秒数",
    ["route", "method", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0),
)
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})
NOWHERE = "none"


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that answered, or "none"."""
    match = request.resolver_match
    return (match.view_name if match else "") or NOWHERE


class RequestMetricsMiddleware:
    """Stand outermost, so that what the others cost and refuse is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "OTHER"
        SECONDS.labels(route_of(request), method, response.status_code).observe(time.perf_counter() - began)
        return response

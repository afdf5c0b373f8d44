"""`/metrics`: what this process, its siblings and the rows tell, for whoever knows the token."""

import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from config.metrics.queues import RowsCollector

PATH = "/metrics"


def counted() -> CollectorRegistry:
    """Return what the processes of this machine have counted: this one alone, or all that share a directory."""
    if not settings.PROMETHEUS_MULTIPROC_DIR:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared, settings.PROMETHEUS_MULTIPROC_DIR)
    return shared


def is_known(header: str) -> bool:
    """Tell whether an Authorization header carries the token; nobody is known where none is set."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(header.encode(), wanted.encode())


def text() -> bytes:
    """Write everything down in the text format of Prometheus."""
    rows = CollectorRegistry()
    rows.register(RowsCollector())
    return generate_latest(counted()) + generate_latest(rows)


class MetricsMiddleware:
    """Answer the one address before host names, redirects, sessions and transactions are asked for.

    Whoever does not know the token gets the page for what is not there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == PATH and is_known(request.headers.get("Authorization", "")):
            return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
        return self.get_response(request)

"""What a worker counts, and the small page on which it says so."""

import time
from collections.abc import Iterable
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from celery.signals import task_postrun, task_prerun, worker_ready
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest

from config.metrics import page

SECONDS = Histogram(
    "musubi_task_seconds", "仕事にかかった秒数", ["task", "state"], buckets=(0.01, 0.1, 1.0, 3.0, 10.0, 60.0)
)
_began: dict[str, float] = {}


@task_prerun.connect
def begin(task_id: str = "", **_later: Any) -> None:
    """Remember when a task began."""
    _began[task_id] = time.perf_counter()


@task_postrun.connect
def end(task_id: str = "", task: Any = None, state: str | None = None, **_later: Any) -> None:
    """Count a task by its name and how it ended."""
    began = _began.pop(task_id, None)
    if began is not None and task is not None:
        SECONDS.labels(task.name, state or "NONE").observe(time.perf_counter() - began)


@worker_ready.connect
def listen(**_later: Any) -> None:
    """Answer at METRICS_ADDRESS in a thread of the parent, whose children count; only where it and a token are set."""
    if not (settings.METRICS_ADDRESS and settings.METRICS_TOKEN):
        return
    host, _, port = settings.METRICS_ADDRESS.rpartition(":")
    server = make_server(host, int(port), answer, handler_class=_Quiet)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Give what the processes of this worker have counted, to whoever knows the token."""
    if environ["PATH_INFO"] != page.PATH or not page.is_known(environ.get("HTTP_AUTHORIZATION", "")):
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b""]
    start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
    return [generate_latest(page.counted())]


class _Quiet(WSGIRequestHandler):
    timeout = 5

    def log_message(self, *_line: Any) -> None:
        """Write no line for each question."""

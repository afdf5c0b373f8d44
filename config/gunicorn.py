"""How gunicorn serves: the same on one machine and in a container."""

import os
from typing import Any

from gunicorn.http import wsgi

wsgi_app = "config.wsgi:application"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
graceful_timeout = 30
max_requests = 5_000
max_requests_jitter = 500
# 署名リンクの秘密は URL にあるので、アクセスの記録を残さない。
accesslog = None
# ほかの記録と同じ形の行にする
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
logconfig_dict = {
    "formatters": {"generic": {"()": "config.logs.lines.JsonFormatter"}},
    # 根にも渡すと、同じ行が二度出る
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
}
control_socket_disable = True
# 一行目、見出しの数と大きさ。越えれば、アプリに届く前に断る
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# 転送の見出しを読むのは accounts/whence.py だけ
forwarded_allow_ips = ""
# コンテナの / が読み取り専用でも、心拍の置き場は要る。
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # nosec B108

_default_headers = wsgi.Response.default_headers


def _without_server(self: Any) -> list[str]:
    """Name neither the program that answers nor its version."""
    return [line for line in _default_headers(self) if not line.startswith("Server:")]


wsgi.Response.default_headers = _without_server


def sweep_rooms() -> None:
    """Remove what processes that were killed an hour ago or more left of files from outside."""
    from django.utils import timezone

    from signing import rooms

    rooms.sweep(at=timezone.now())


def when_ready(_arbiter: Any) -> None:
    """Sweep before the first request. Gunicorn takes no hook of another shape."""
    sweep_rooms()


def child_exit(_arbiter: Any, worker: Any) -> None:
    """Keep what a process counted that ends by itself after many requests."""
    sweep_rooms()
    if directory := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from config.metrics import remains

        remains.take_over(directory, worker.pid)

"""The application itself on one machine: gunicorn, a Celery worker and Celery beat."""

import http.client
import sys
from contextlib import closing, suppress

from config.embedded import ports
from config.embedded.children import Child
from config.embedded.stack import Stack

PYTHON_M = (sys.executable, "-m")


def demand_web_port(port: int) -> None:
    """Raise StackFailed, naming who sits there, unless the port of the site is free."""
    ports.demand(port, purpose="画面", remedy=f"PORT={port + 1} を付けると番号を変えられます。")


def start(stack: Stack, *, reload: bool = False) -> None:
    """Start web, worker and beat, and wait until the site says that it is ready."""
    web = _start_web(stack, reload=reload)
    environment = stack.full_environment()
    # 署名の途中で止められても、残りは次の起動で行から続けられる。
    stack.children.start("worker", worker_argv(), env=environment, grace=30)
    schedule = stack.home / "beat-schedule"
    beat_argv = [*PYTHON_M, "celery", "-A", "config", "beat", "--loglevel", "INFO", "--schedule", str(schedule)]
    stack.children.start("beat", beat_argv, env=environment)
    _wait_until_ready(stack, web)


def serve(stack: Stack) -> None:
    """Start web alone, and wait until the site says that it is ready."""
    _wait_until_ready(stack, _start_web(stack))


def _start_web(stack: Stack, *, reload: bool = False) -> Child:
    bind = f"{ports.LOOPBACK}:{stack.web_port}"
    # 読み直すときは、親がコードを先に読んでいてはならない。
    how = "--reload" if reload else "--preload"
    web_argv = [*PYTHON_M, "gunicorn", "--config", "python:config.gunicorn", "--bind", bind, how]
    return stack.children.start("web", web_argv, env=stack.full_environment(), grace=35)


def worker_argv(concurrency: int = 2) -> list[str]:
    """Return the command of a worker."""
    options = ["--pool", "prefork", "--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip"]
    return [*PYTHON_M, "celery", "-A", "config", "worker", *options]


def _wait_until_ready(stack: Stack, web: Child) -> None:
    stack.children.wait_until(lambda: _is_ready(stack.web_port), child=web, seconds=60)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False

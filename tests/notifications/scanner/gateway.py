"""A mail gateway that looks behind the links before the reader does, and the rows it may not change."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

from tests.journeys.people import ARGUMENTS

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Safe Links",
    "Barracuda Sentinel (EE)",
    "Mimecast URL Protect",
    "Proofpoint URL Defense",
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
)
TIMES = 50

TABLES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname = 'public' order by 1
"""
# 行を足しても、消しても、書き換えても、数か、行を書いた取引の番号（xmin）か、置き場（ctid）が変わる
MARK = "select '{0}', count(*), coalesce(sum(hashtext(xmin::text || ctid::text)), 0) from {0}"


def marks() -> dict[str, tuple[int, int]]:
    """Take a mark of every table, as its owner sees it: it changes with any row that is written."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" union all ".join(MARK.format(name) for name in tables))
        return {name: (count, total) for name, count, total in cursor.fetchall()}


def ask(path: str) -> set[int]:
    """GET and HEAD an address fifty times, with the names of gateways; return the statuses of the answers."""
    gateway = Client()
    methods = (gateway.get, gateway.head)
    return {
        methods[number % 2](path, headers={"user-agent": AGENTS[number % len(AGENTS)]}).status_code
        for number in range(TIMES)
    }


class Visitor:
    """A headless browser that opens pages, runs their scripts, and presses nothing; it lives in a thread of its own."""

    def __init__(self, thread: Executor, site: str) -> None:
        self._thread = thread
        self._site = site
        self._playwright = self._in_thread(sync_playwright().start)
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        chromium = self._playwright.chromium
        self._chromium = self._in_thread(chromium.launch, executable_path=path, args=ARGUMENTS)

    def visit(self, paths: Sequence[str]) -> list[str]:
        """Open each address in a browser of its own, wait until all are quiet, scroll, and return their titles."""
        return list(self._in_thread(self._visit, [self._site + path for path in paths]))

    def leave(self) -> None:
        """Close the browser."""
        self._in_thread(self._chromium.close)
        self._in_thread(self._playwright.stop)

    def _visit(self, addresses: Sequence[str]) -> list[str]:
        pages = [self._chromium.new_context(locale="ja-JP").new_page() for _ in addresses]
        for page, address in zip(pages, addresses, strict=True):
            page.goto(address, wait_until="commit")
        for page in pages:
            page.wait_for_load_state("networkidle")
            page.mouse.wheel(0, 5_000)
        return [page.title() for page in pages]

    def _in_thread(self, do: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # playwright の輪が回るスレッドでは、Django がデータベースに触らせない
        return self._thread.submit(do, *args, **options).result()


@contextmanager
def visitor() -> Iterator[Visitor]:
    """Serve the site over HTTP and start a Chromium."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    with ThreadPoolExecutor(max_workers=1) as thread:
        come = Visitor(thread, f"http://127.0.0.1:{server.port}")
        yield come
        come.leave()
    server.terminate()

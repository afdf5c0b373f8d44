"""A Chromium whose pages the tests answer themselves, in the thread and over the connection of the test."""

import shutil
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.people import ARGUMENTS


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # ブラウザーの合図を待つ間も、同じ糸でデータベースに尋ねる
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        # 待つ間の接続は別のもので、ここを出ると閉じる人がいない
        connections.close_all()

"""With a browser, over real HTTP: from our sign-in page to the city's provider and back, past our own CSP."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import transaction
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser

from accounts import tenancy
from accounts.models import IdentityProvider, Role
from tests import factories
from tests.accounts.federation.conftest import begun
from tests.accounts.federation.provider import Provider, serving
from tests.contracts.browsing import chromium as chromium
from tests.contracts.browsing import is_for_all_eyes
from tests.copies import database_copy

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("sign_on_in_a_browser")]


@dataclass
class Site:
    """The site with 鳥栖市, and the provider that the city uses."""

    address: str
    idp: Provider


# ブラウザを起こす前に、データベースの写しを作る。起こした後では、元につないだものを閉じられない
@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker) -> Iterator[Site]:
    """Serve the site from a database of its own."""
    with django_db_blocker.unblock(), database_copy("sign_on"), serving() as idp, pytest.MonkeyPatch.context() as patch:
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        assert server.error is None, server.error
        address = f"http://127.0.0.1:{server.port}"
        patch.setattr(settings, "BASE_URL", address)
        with transaction.atomic():
            tosu = factories.city("tosu")
            factories.member(tosu, Role.DRAFTER, name="鳥栖　太郎", email="taro@tosu.example.jp")
            keeper = factories.member(tosu, Role.ADMINISTRATOR, email="hanako@tosu.example.jp")
            begun(tosu, keeper, idp.place)
        idp.means("taro@tosu.example.jp", subject="0042")
        yield Site(address, idp)
        server.terminate()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_someone_who_wants_a_page_comes_to_it_by_the_citys_provider(javascript, site, chromium: Browser):
    page = chromium.new_page(locale="ja-JP", java_script_enabled=javascript)

    page.goto(f"{site.address}/cases/")
    page.get_by_role("link", name="所属の認証基盤でサインイン").click()
    page.get_by_label("メールアドレス").fill("taro@tosu.example.jp")
    page.get_by_role("button", name="次へ").click()
    page.get_by_role("button", name="鳥栖市の認証基盤に進む").click()
    page.get_by_role("button", name="庁内IDでサインイン").click()

    page.wait_for_url(f"{site.address}/cases/")
    assert "鳥栖　太郎" in page.content()
    page.context.close()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_pages_on_the_way_are_for_all_eyes(size, site, chromium: Browser):
    page = chromium.new_page(locale="ja-JP", viewport={"width": 1280 if size == "desk" else 390, "height": 844})
    for path in ("/accounts/login/", "/sign-on/", "/tosu/sign-on/"):
        page.goto(site.address + path)
        is_for_all_eyes(page)
    page.context.close()


def test_a_provider_that_the_page_does_not_name_is_not_reached(site, chromium: Browser):
    page = chromium.new_page(locale="ja-JP")
    page.goto(f"{site.address}/tosu/sign-on/")
    elsewhere = site.idp.place.replace("127.0.0.1", "localhost")
    point_to(f"{elsewhere}/authorize")

    page.get_by_role("button", name="鳥栖市の認証基盤に進む").click()
    page.wait_for_timeout(1000)

    assert page.url == f"{site.address}/tosu/sign-on/"
    point_to(f"{site.idp.place}/authorize")
    page.context.close()


def point_to(place: str) -> None:
    """Lead the city's button elsewhere, behind the back of a page that is open."""
    with transaction.atomic():
        tenancy.set_tenant(factories.city("tosu").pk)
        row = IdentityProvider.unscoped.get()
        row.places |= {"authorization_endpoint": place}
        row.save()

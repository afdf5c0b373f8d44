"""A firm's whole round of its cities in a real browser, at a desk and on a phone: prove, join, do, compare, leave."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.tenancy import set_tenant
from contracts.models import Purpose
from tests.contracts.browsing import SITE, answering, is_for_all_eyes
from tests.contracts.browsing import chromium as chromium
from tests.contracts.links.mailed import code_in, newest
from tests.contracts.pages.test_staff_day_in_a_browser import LONG
from tests.journeys.people import DESK, PHONE, press
from tests.stories import Story, story

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("across")]


@pytest.fixture
def cities(tosu: Story) -> tuple[Story, Story]:
    """Two cities that both wait for the same firm; one of them also takes its guarantee."""
    told = tosu.invited()
    told.address(Purpose.GUARANTEE)
    return told, story("usuki", title=LONG)


def enter(page: Page, told: Story) -> None:
    """Type the address, then the code out of the mail."""
    page.goto(f"{SITE}/inboxes/")
    is_for_all_eyes(page)
    page.get_by_label("メールアドレス").fill(told.case.contractor.email)
    press(page, "ワンタイムコードを送る")
    expect(page.get_by_role("heading", name="メールに届いたコードを入力してください")).to_be_visible()
    is_for_all_eyes(page)
    set_tenant(told.tenant.pk)
    page.get_by_label("ワンタイムコード").fill(code_in(newest(told, "everywhere_code")))
    press(page, "窓口を開く")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_firm_makes_the_round_of_its_cities_on_one_page(chromium, cities, size):
    near, far = cities
    far.address(Purpose.GUARANTEE)
    page = chromium.new_page(viewport=size, locale="ja-JP")
    page.route("**/*", answering(Client()))

    enter(page, far)
    expect(page.get_by_role("heading", name="まとめていない市町村")).to_be_visible()
    expect(page.get_by_text(near.case.title)).to_have_count(0)
    for city in (near, far):
        page.get_by_label(city.tenant.name).check()
    is_for_all_eyes(page)
    press(page, "選んだ市町村をまとめる")

    expect(page.get_by_role("heading", name="お手続きをお願いしていること（3件）")).to_be_visible()
    expect(page.get_by_role("heading", name="まとめていない市町村")).to_have_count(0)
    for summary in page.locator("summary").filter(has_text="決まり（6行）").all():
        summary.click()
    expect(page.get_by_text("鳥栖市と違います").first).to_be_visible()
    is_for_all_eyes(page)

    page.get_by_role("button", name=re.compile(f"手続きする.*{near.case.title}")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("承諾書")
    page.goto(f"{SITE}/inboxes/mine/")
    page.get_by_role("link", name="一式を受け取る").click()
    is_for_all_eyes(page)

    page.get_by_role("link", name="窓口へ戻る").click()
    page.get_by_role("button", name=re.compile(f"ここから外す.*{far.tenant.name}")).click()
    expect(page.get_by_text(f"{far.tenant.name}の窓口を、ここから外しました。")).to_be_visible()
    expect(page.get_by_text(LONG)).to_have_count(0)
    press(page, "窓口を閉じる")
    expect(page.get_by_text("窓口を閉じました。")).to_be_visible()
    page.goto(f"{SITE}/inboxes/mine/")
    expect(page.get_by_label("メールアドレス")).to_be_visible()
    page.close()

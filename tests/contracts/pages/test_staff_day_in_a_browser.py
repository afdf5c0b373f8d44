"""A drafter's morning in a real browser, at a desk and on a phone: from the first page to a kept list of cases."""

import re
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from contracts.models import Case
from tests import factories
from tests.contracts.browsing import SITE, answering, is_for_all_eyes
from tests.contracts.browsing import chromium as chromium
from tests.contracts.pages.conftest import user_of
from tests.journeys.people import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("staff_day")]
LONG = "令和8年度社会資本整備総合交付金事業市道元町線外三路線に係る橋梁長寿命化修繕計画に基づく補修工事（第3工区）"


def due_in(case: Case, days: int) -> None:
    Case.unscoped.filter(pk=case.pk).update(conclusion_deadline_date=timezone.localdate() + timedelta(days=days))


@pytest.fixture
def morning(tosu, desk) -> Client:
    """Let more wait than one part shows, under names long and short."""
    due_in(tosu.case, -1)
    for _ in range(6):
        due_in(factories.case(tosu.tenant, by=tosu.drafter), 0)
    due_in(factories.case(tosu.tenant, by=tosu.drafter, title=LONG, amount=123_456_789_000), 5)
    return desk(tosu.tenant, user=user_of(tosu.drafter))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_drafter_goes_from_the_first_page_to_a_kept_list_of_cases(chromium, morning, size):
    page = chromium.new_page(viewport=size, locale="ja-JP")
    page.route("**/*", answering(morning))

    page.goto(f"{SITE}/")
    expect(page.get_by_text("あなたの番の仕事が9件あります。")).to_be_visible()
    is_for_all_eyes(page)
    page.get_by_role("link", name="今日まで 6件").click()
    page.get_by_role("link", name="「今日まで」の残り1件も受信箱で見る").click()
    expect(page.get_by_role("heading", name="受信箱")).to_be_visible()
    expect(page.get_by_role("link", name="承諾書の提出を依頼する")).to_have_count(6)

    page.goto(f"{SITE}/")
    page.get_by_role("link", name="ボードで見る").click()
    asking = page.get_by_role("region", name="承諾書")
    expect(asking.get_by_role("listitem")).to_have_count(8)
    is_for_all_eyes(page)
    asking.get_by_role("link", name=re.compile("一覧で見る")).click()
    expect(page.get_by_label("段階")).to_have_value("asking")
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("一覧")
    narrowed = page.url

    page.get_by_text("この条件を保存する").click()
    page.get_by_label("名前").fill("毎朝の承諾書")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("「毎朝の承諾書」として条件を保存しました。")).to_be_visible()
    assert unquote_plus(page.url) == unquote_plus(narrowed)
    is_for_all_eyes(page)

    page.get_by_role("link", name="条件を消す").click()
    page.get_by_role("link", name="毎朝の承諾書").click()
    expect(page).to_have_url(re.compile("state=asking"))
    page.get_by_role("link", name="保存した条件").first.click()
    is_for_all_eyes(page)
    page.get_by_role("link", name="毎朝の承諾書").click()
    page.get_by_role("link", name=LONG).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LONG)
    page.close()

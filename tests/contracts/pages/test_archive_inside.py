"""The archive's page looks inside documents when it is asked to, shows where, and says what it cannot look into."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Role
from contracts.archive import looking, paging
from contracts.archive.texts import keeping
from contracts.models import DocumentText, Reading
from tests import factories
from tests.contracts.archive.test_inside import AT, enter, put

pytestmark = pytest.mark.django_db
LONG = "受注者は、" + "善良な管理者の注意をもって、" * 8 + "<b>ﾎﾞﾙﾄ</b>の締付けを確認し、" + "その記録を提出する。" * 20


@pytest.fixture
def page(client):
    city = factories.city("tosu")
    for number in (1, 2):
        enter(city.pk, number)
    put(city.pk, "version:1", "第一の頁", LONG)
    client.force_login(factories.member(city, Role.AUDITOR))

    def ask(**query) -> str:
        answer = client.get(reverse("archive"), query)
        assert answer.status_code == 200
        return answer.content.decode()

    ask.city = city
    return ask


def test_a_word_is_looked_for_inside_documents_only_when_that_is_asked(page):
    assert "当てはまるものはありません" in page(q="ボルト")

    said = page(q="ボルト", inside="on")

    line = re.search(r'<span class="hits__inside">(.*?)</span>\s*</th>', said, re.DOTALL)[1]
    assert "契約書 2ページ" in line
    assert "<mark>ﾎﾞﾙﾄ</mark>" in line
    assert escape("注意をもって、<b>") in line
    assert "<b>" not in line
    assert len(line) < 400
    assert re.search(r"<strong>1</strong>件", said)


def test_the_question_keeps_the_tick_in_its_links(page):
    said = page(q="頁", inside="on")

    turned = re.findall(r'href="([^"]*order=[^"]*)"', said)
    assert turned
    assert all("inside=on" in each for each in turned)


def test_what_cannot_be_looked_into_is_said_with_and_without_answers(page):
    assert "文書の中を探せないもの" not in page(q="ボルト", inside="on")
    put(page.city.pk, "version:2", "", scans=1)
    put(page.city.pk, "version:2", "長い文書", is_cut=True)
    broken = put(page.city.pk, "version:2", "x")
    keeping.give_up(broken, reason="壊れています。", at=AT)
    waiting = put(page.city.pk, "version:2", "y")
    DocumentText.unscoped.filter(pk=waiting.pk).update(state=Reading.WAITING, read_at=None)

    for words in ("ボルト", "どこにもない言葉"):
        said = re.sub(r"\s+", " ", page(q=words, inside="on"))
        for told in ("読み取り待ちの文書 1件", "読み取っていない文書 1件", "読み取れない文書 1件", "探す文書 1件"):
            assert told in said, (words, told)
    assert "文書の中を探せないもの" not in page(q="ボルト")


def test_a_word_of_most_documents_is_counted_as_far_as_was_looked_and_that_is_said(page, monkeypatch):
    monkeypatch.setattr(looking, "MOST", 2)
    monkeypatch.setattr(paging, "PAGE", 1)
    enter(page.city.pk, 3)
    for number in (2, 3):
        put(page.city.pk, f"version:{number}", "第一の頁")

    said = page(q="第一の頁", inside="on")
    assert re.search(r"<strong>2</strong>件以上", said)
    assert "この並びの初めの2件で探しました" in said

    said = page(q="第一の頁 1円以上 2円以下", inside="on")
    assert re.search(r"<strong>2</strong>件\s", said)
    assert "で探しました" not in said

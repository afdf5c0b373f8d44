"""様式第1号 on the web: shown before consent, checked field by field, seen as a page before it is handed in."""

from urllib.parse import unquote

import pytest

from contracts.models import Consent, Purpose
from contracts.presets import load
from contracts.services.consents import consenting
from contracts.services.versions import papers
from contracts.states import ConsentState
from tests import factories
from tests.contracts.links.conftest import address_of, enter, joint_venture
from tests.stories import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(tosu, browser) -> str:
    return enter(browser, tosu.invited().address(Purpose.CONSENT))


def typed(story, **changes: str) -> dict[str, str]:
    ticked = {"methods_agreed": "on", "authority_declared": "on"}
    newest = Consent.unscoped.filter(case=story.case).latest("pk")
    return story.answers(newest) | ticked | {"step": "preview"} | changes


def test_the_form_shows_the_method_the_statement_the_notes_and_what_the_register_knows(tosu, browser, page):
    html = browser.get(page).content.decode()

    assert "施行令第5条の5" in html
    assert "PAdES" in html
    assert "鳥栖市長 様" in html
    text = load("tosu")["consent"]
    methods = [line["text"] for line in tosu.consent.methods]
    assert len(methods) >= 4
    for words in (text["statement"], *text["notes"], *methods, tosu.case.title, tosu.case.contractor.name):
        assert words in html
    for name in papers.CONSENT_FIELDS:
        assert f'name="{name}"' in html


def test_looking_at_the_form_and_at_its_preview_hands_nothing_in(tosu, browser, page):
    before = written()

    preview = browser.post(page, typed(tosu))

    html = preview.content.decode()
    assert "まだ提出されていません" in html
    assert "data:image/webp;base64," in html
    assert "川﨑" in html
    assert written() == before
    assert tosu.consent.state == ConsentState.INVITED


def test_the_submitted_form_is_kept_and_shown_as_pages_with_a_copy_to_take_away(tosu, browser, page):
    answer = browser.post(page, typed(tosu, step="submit", authority_name="髙﨑　𠮷子"))

    assert (answer.status_code, answer["Location"]) == (302, page)
    assert (tosu.consent.state, tosu.consent.authority_name) == (ConsentState.SUBMITTED, "髙﨑　𠮷子")
    done = browser.get(page).content.decode()
    assert "承諾書を提出しました" in done
    assert "data:image/webp;base64," in done
    copy = browser.post(f"{page}copy/")
    assert copy.content.startswith(b"%PDF-")
    assert unquote(copy["Content-Disposition"]).endswith(f"{tosu.case.number}_電子契約利用承諾書.pdf")


def test_pressing_twice_submits_once(tosu, browser, page):
    for _ in range(2):
        assert browser.post(page, typed(tosu, step="submit")).status_code in {200, 302}

    assert Consent.unscoped.filter(case=tosu.case).count() == 1
    assert tosu.consent.state == ConsentState.SUBMITTED


@pytest.mark.parametrize("name", [*papers.CONSENT_FIELDS, "methods_agreed", "authority_declared"])
def test_a_missing_field_is_named_and_the_rest_stays_as_typed(tosu, browser, page, name):
    answers = typed(tosu, step="submit", contact_title="係長（代理）", address="佐賀県鳥栖市本町9番地") | {name: ""}

    answer = browser.post(page, answers)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in html
    assert 'aria-invalid="true"' in html
    assert "入力内容を確かめてください" in html
    for kept in {"contact_title", "address"} - {name}:
        assert f'value="{answers[kept]}"' in html
    assert tosu.consent.state == ConsentState.INVITED


@pytest.mark.parametrize(
    "broken", ["taro", "taro@", "@example.jp", "taro@example", "ta ro@example.jp", "taro@ex_ample.jp"]
)
def test_a_broken_address_is_refused_at_its_field(tosu, browser, page, broken):
    answer = browser.post(page, typed(tosu, step="submit", authority_email=broken))

    assert answer.status_code == 422
    assert "メールアドレスの形が正しくありません" in answer.content.decode()
    assert broken in answer.content.decode()
    assert tosu.consent.state == ConsentState.INVITED


def test_a_full_width_address_is_taken_as_half_width(tosu, browser, page):
    browser.post(page, typed(tosu, step="submit", authority_email="ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"))

    assert tosu.consent.authority_email == "taro@example.jp"


def test_what_differs_from_the_register_is_shown_side_by_side_but_does_not_block(tosu, browser, page):
    changed = {"authority_email": "info@takasaki.example.jp", "authority_title": "支店長"}
    same = browser.post(page, typed(tosu)).content.decode()
    other = browser.post(page, typed(tosu, **changed)).content.decode()

    assert "登録と違います" not in same
    assert "確認のメールが届きます" not in same
    for words in ("登録と違います", "契約締結権限者の役職", "支店長", "何人かで読む宛先", "確認のメールが届きます"):
        assert words in other
    assert browser.post(page, typed(tosu, step="submit", **changed)).status_code == 302
    assert "あと一つ、お願いがあります" in browser.get(page).content.decode()


def test_the_contacts_address_is_asked_outside_the_form_and_only_required_where_the_rules_say(tosu, browser, page):
    assert browser.post(page, typed(tosu)).status_code == 200
    broken = browser.post(page, typed(tosu, contact_email="taro"))
    assert broken.status_code == 422

    tosu.case.rule_set = factories.rule_set(tosu.tenant, signing={"contact_confirms": True})
    tosu.case.save(update_fields=["rule_set"])
    missing = browser.post(page, typed(tosu))

    assert 'id="id_contact_email_error"' in missing.content.decode()
    browser.post(page, typed(tosu, step="submit", contact_email="hanako@takasaki.example.jp"))
    assert tosu.consent.contact_email == "hanako@takasaki.example.jp"


def test_each_firm_of_a_joint_venture_sees_its_own_form_only(browser):
    venture = joint_venture()
    first, second = Consent.unscoped.filter(case=venture.case).order_by("pk")

    pages = {one.pk: enter(browser, address_of(one, Purpose.CONSENT)) for one in (first, second)}

    for own, other in ((first, second), (second, first)):
        html = browser.get(pages[own.pk]).content.decode()
        assert f"これは{own.contractor.full_name}の承諾書です" in html
        assert other.contractor.full_name not in html
    browser.post(pages[second.pk], typed(venture, step="submit") | venture.answers(second))
    states = Consent.unscoped.filter(case=venture.case).order_by("pk").values_list("state", flat=True)
    assert list(states) == [ConsentState.INVITED, ConsentState.SUBMITTED]


@pytest.mark.parametrize("evil", ["山田\u202e太郎", "山田\u200b太郎", "山田\x07太郎"])
def test_a_name_with_hidden_characters_is_refused(tosu, browser, page, evil):
    answer = browser.post(page, typed(tosu, step="submit", authority_name=evil))

    assert answer.status_code == 422
    assert tosu.consent.state == ConsentState.INVITED


def test_a_character_that_cannot_be_printed_is_named(tosu, browser, page):
    answer = browser.post(page, typed(tosu, authority_name="山田\U0001f600太郎"))

    assert answer.status_code == 422
    assert "U+1F600" in answer.content.decode()


def test_going_back_from_the_preview_keeps_what_was_typed(tosu, browser, page):
    html = browser.post(page, typed(tosu, step="edit", contact_name="新しい　担当")).content.decode()

    assert 'value="新しい　担当"' in html
    assert "入力内容を確かめてください" not in html


def test_a_returned_form_shows_why_and_what_was_written(tosu, browser, page):
    browser.post(page, typed(tosu, step="submit", authority_title="支店長"))
    consenting.return_(tosu.consent, actor=tosu.drafter, at=tosu.case.registered_at, reason="委任状の支店名と違います")

    assert browser.get(page).status_code == 404  # 差戻しは新しいリンクで届く
    again = enter(browser, tosu.address(Purpose.CONSENT))
    html = browser.get(again).content.decode()

    assert "委任状の支店名と違います" in html
    assert 'value="支店長"' in html

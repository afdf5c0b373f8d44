"""「署名する人を変更する」: named behind the signing link, answered at the desk."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.models import Purpose, SignerChange
from contracts.services.signatures import ending
from contracts.states import ChangeState, StepState
from tests.contracts.links.conftest import enter
from tests.contracts.pages.conftest import desk as desk
from tests.stories import Story, written

pytestmark = pytest.mark.django_db
TYPED = {"title": "支店長", "name": "邉　次郎", "email": "jiro@takasaki.example.jp", "reason": "受任者の交代"}


@pytest.fixture
def page(tosu: Story, browser) -> str:
    return enter(browser, tosu.sent().address(Purpose.SIGN))


@pytest.fixture
def drafter(tosu: Story, desk) -> Client:
    return desk(tosu.tenant, Role.DRAFTER)


def text_of(response) -> str:
    return response.content.decode()


def test_the_signer_names_another_person_and_may_still_sign(tosu, browser, page):
    assert f"{page}change/" in text_of(browser.get(page))
    assert "新しい署名者の氏名" in text_of(browser.get(f"{page}change/"))

    answer = browser.post(f"{page}change/", TYPED)

    assert (answer.status_code, answer["Location"]) == (302, page)
    html = text_of(browser.get(page))
    assert "署名する人の変更を申し出ています" in html
    assert f"{page}change/" not in html
    browser.post(f"{page}finish/")
    assert tosu.step(1).state == StepState.INSTRUCTED
    assert SignerChange.unscoped.get().state == ChangeState.LAPSED


def test_what_is_missing_is_named_and_the_rest_stays_as_typed(tosu, browser, page):
    answer = browser.post(f"{page}change/", TYPED | {"email": "jiro@", "reason": ""})

    assert answer.status_code == 422
    assert "メールアドレスの形が正しくありません" in text_of(answer)
    assert "邉　次郎" in text_of(answer)
    assert not SignerChange.unscoped.exists()


def test_asking_twice_is_refused_and_reading_writes_nothing(tosu, browser, page):
    browser.post(f"{page}change/", TYPED)
    before = written()
    browser.get(f"{page}change/")
    assert written() == before

    answer = browser.post(f"{page}change/", TYPED | {"name": "別の人"})

    assert answer.status_code == 422
    assert "すでに申し出ています" in text_of(answer)


def test_a_request_that_ended_takes_no_wish(tosu, browser, page):
    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="仕様書の差替え")

    answer = browser.post(f"{page}change/", TYPED)

    assert (answer.status_code, answer["Location"]) == (302, page)
    assert not SignerChange.unscoped.exists()


def test_the_department_finds_the_wish_in_its_work_and_accepts_it(tosu, browser, page, drafter):
    browser.post(f"{page}change/", TYPED)
    change = SignerChange.unscoped.get()
    address, case = reverse("signer_change", args=[change.pk]), reverse("case", args=[tosu.case.pk])
    assert address in text_of(drafter.get(reverse("home")))
    assert "署名する人の変更の申出が届いています" in text_of(drafter.get(case))
    assert address in text_of(drafter.get(case))
    for words in ("邉　次郎", "jiro@takasaki.example.jp", "受任者の交代", "認めて依頼し直す"):
        assert words in text_of(drafter.get(address))

    html = text_of(drafter.post(reverse("signer_change_accept", args=[change.pk]), follow=True))

    assert "邉　次郎 様へ署名を依頼しました。" in html
    assert tosu.step(1).name == "邉　次郎"
    assert "新しいリンクをお送りしています" in text_of(browser.get(page))
    assert "認めて依頼し直す" not in text_of(drafter.get(address))
    assert address not in text_of(drafter.get(reverse("home")))
    paper = text_of(drafter.get(reverse("consent_paper", args=[tosu.consent.pk])))
    assert "権限者の移り変わり" in paper
    assert "宛先の確認を待っています" in paper


def test_the_department_turns_the_wish_down_and_the_signer_reads_why(tosu, browser, page, drafter):
    browser.post(f"{page}change/", TYPED)
    address = reverse("signer_change_refuse", args=[SignerChange.unscoped.get().pk])
    assert drafter.post(address, {"reason": " "}).status_code == 409

    html = text_of(drafter.post(address, {"reason": "委任状が届いていません。"}, follow=True))

    assert "変更しないことと理由をお知らせしました。" in html
    html = text_of(browser.get(page))
    assert "署名する人の変更は認められませんでした" in html
    assert "委任状が届いていません。" in html
    assert f"{page}change/" in html

"""Staff make an access code, see it once, and are reminded until they have; a drafter may ask for one."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts import passcodes
from contracts.models import Purpose, SigningCode
from contracts.services.signatures import codes, signing
from contracts.services.versions import drafting
from tests.contracts.coded import BY_PHONE, SECOND, asking_for, made, of, proved, wrong
from tests.contracts.pages.conftest import user_of
from tests.contracts.pages.test_drafting_pages import sheet
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db: None) -> Story:
    return asking_for("access_code").sent()


@pytest.fixture
def drafter(told: Story, desk) -> Client:
    return desk(told.tenant, user=user_of(told.drafter))


def page_of(told: Story) -> str:
    return reverse("step_code", args=[told.step(1).pk])


def shown_in(html: str) -> str:
    found = re.search(r'<p class="code">([^<]+)</p>', html)
    assert found is not None
    return passcodes.plain(found[1])


def press(client: Client, told: Story, **typed: object):
    asked = client.get(page_of(told)).content.decode()
    number = re.search(r'name="instead_of"(?: value="(\d+)")?', asked)
    assert number is not None
    return client.post(
        page_of(told), {"channel": "phone", "place": "0942-00-0001", "instead_of": number[1] or ""} | typed
    )


def test_the_code_is_shown_once_with_how_to_read_it_out_and_opens_the_contract(told, drafter):
    asked = drafter.get(page_of(told)).content.decode()
    assert 'value="0942-00-0001"' in asked  # 承諾書の電話番号
    assert "メールでない方法で伝えてください" in asked

    answer = press(drafter, told)

    html = answer.content.decode()
    code = shown_in(html)
    assert "no-store" in answer["Cache-Control"]
    for letter in code:
        assert passcodes.READINGS[letter] in html
    assert "電話 0942-00-0001で伝えてください" in html
    assert (of(told).conveyed, of(told).made_by_id) == (BY_PHONE, told.drafter.user_id)
    assert code not in drafter.get(page_of(told)).content.decode()
    assert code not in drafter.get(reverse("case", args=[told.case.pk])).content.decode()
    assert codes.enter(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), code=code) is not None


def test_reloading_the_page_that_shows_a_code_makes_no_other(told, drafter):
    first = press(drafter, told)

    again = drafter.post(page_of(told), {"channel": "phone", "place": "0942-00-0001", "instead_of": ""})

    assert (first.status_code, again.status_code) == (200, 409)
    assert SigningCode.unscoped.filter(step=told.step(1)).count() == 1


def test_a_code_needs_a_way_to_be_told(told, drafter):
    before = written()

    for typed in ({"channel": ""}, {"channel": "mail"}, {"place": "あ" * 41}):
        assert press(drafter, told, **typed).status_code == 422

    assert written() == before


def test_reading_the_page_writes_nothing_and_others_do_not_enter(told, drafter, desk, stranger):
    before = written()

    drafter.get(page_of(told))

    assert written() == before
    assert desk(told.tenant, Role.APPROVER).get(page_of(told)).status_code == 403
    assert stranger.get(page_of(told)).status_code == 404


def test_the_desk_and_the_case_remind_until_the_code_is_told_and_when_it_is_locked(told, drafter):
    def reminders() -> tuple[bool, bool]:
        home = drafter.get(reverse("home")).content.decode()
        case = drafter.get(reverse("case", args=[told.case.pk])).content.decode()
        return page_of(told) in home, "アクセスコードを伝えてください" in case

    assert reminders() == (True, True)
    code = made(told)
    assert reminders() == (False, False)
    for _ in range(5):
        codes.enter(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), code=wrong(code))
    assert reminders() == (True, True)
    assert "いまのコードは止まっています" in drafter.get(page_of(told)).content.decode()
    press(drafter, told)
    assert reminders() == (False, False)


def test_the_case_tells_how_the_signer_was_known(told, drafter):
    signing.instruct(
        told.step(1),
        actor=told.holder(Purpose.SIGN),
        at=timezone.now(),
        authentication="メールのリンク",
        proof_id=proved(told).pk,
    )

    html = drafter.get(reverse("case", args=[told.case.pk])).content.decode()

    assert html.count("メールのリンク＋アクセスコード（電話 0942-00-0001で伝達）") == 2  # 署名者の表と経過
    for label in ("アクセスコードを発行", "コードで署名者を確認"):
        assert label in html
    assert drafter.get(page_of(told)).status_code == 409


def test_a_drafter_asks_for_more_on_the_draft_and_sees_what_the_rules_ask(desk):
    told = asking_for("link")
    told.accepted(contact_email=SECOND)
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    client, page = desk(told.tenant, user=user_of(told.drafter)), reverse("version_edit", args=[version.pk])
    assert "規程のとおり（メールのリンク）" in client.get(page).content.decode()

    answer = client.post(page, sheet(version, level="one_time_code"))

    assert answer.status_code == 302, answer.content.decode()
    version.refresh_from_db()
    assert version.level == "one_time_code"
    told.send(version)
    assert told.step(1).second_email == SECOND


def test_a_level_below_the_rules_is_not_offered(desk):
    told = asking_for("access_code")
    told.accepted()
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    client, page = desk(told.tenant, user=user_of(told.drafter)), reverse("version_edit", args=[version.pk])

    answer = client.post(page, sheet(version, level="link"))

    assert answer.status_code == 422
    assert "規程のとおり（メールのリンクとアクセスコード）" in answer.content.decode()


def test_staff_note_where_one_time_codes_go(desk):
    told = asking_for("one_time_code")
    told.accepted()
    client = desk(told.tenant, user=user_of(told.drafter))
    page = reverse("consent_contact", args=[told.consent.pk])
    assert page in client.get(reverse("consent_paper", args=[told.consent.pk])).content.decode()

    same = client.post(page, {"contact_email": told.consent.authority_email, "reason": "届出"})
    answer = client.post(page, {"contact_email": SECOND, "reason": "電話で届出があったため"})

    assert (same.status_code, answer.status_code) == (422, 302)
    assert told.consent.contact_email == SECOND
    events = Event.objects.of_thread(told.tenant.pk, told.case.thread)
    assert events.filter(action="consent.contact_changed").count() == 1

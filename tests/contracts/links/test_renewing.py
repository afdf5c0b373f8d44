"""After the two weeks a party gets a new download by itself: a code to the recorded address, no call (R70, idea 9)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Event
from contracts.models import AccessLink, AddressCode, Purpose
from contracts.services.inboxes import codes
from notifications.models import Delivery
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import code_in, newest, wrong
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def expired(tosu: Story) -> str:
    """Give the path of a download link that ran out a second ago."""
    address = tosu.concluded().address(Purpose.DOWNLOAD)
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD).update(expires_at=timezone.now() - timedelta(seconds=1))
    return address


def asked(browser: Client, address: str) -> str:
    """Press the button of the expired page, and return the address at which the code is given."""
    answer = browser.post(address, {"renew": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_the_expired_page_offers_a_code_to_the_masked_address_and_looking_sends_none(tosu, browser, expired):
    email = tosu.step(1).email
    before = written()

    page = browser.get(expired).content.decode()

    assert written() == before
    assert "ワンタイムコードを送る" in page
    assert f"{email[:2]}***@{email.partition('@')[2]}" in page
    assert email not in page


def test_the_right_code_opens_a_new_download_at_once_and_mails_its_link(tosu, browser, expired):
    told = Delivery.unscoped.filter(template="contracts/concluded", to=tosu.step(1).email).count()
    page = asked(browser, expired)
    code = code_in(newest(tosu, "download_code"))

    download = enter_with(browser, page, code)
    answer = browser.post(f"{download}{tosu.version.documents.order_by('order').first().pk}/")

    assert answer["Content-Type"] == "application/pdf"
    link = AccessLink.unscoped.get(purpose=Purpose.DOWNLOAD, revoked_at=None, step=tosu.step(1))
    assert link.expires_at - link.made_at == tosu.tenant.download_lifetime
    assert Delivery.unscoped.filter(template="contracts/concluded", to=link.email).count() == told + 1
    assert Event.objects.filter(action="download.renewed").count() == 1
    assert browser.get(expired).status_code == 404  # 古いリンクは、もう使えない


def enter_with(browser: Client, page: str, code: str) -> str:
    return str(browser.post(page, {"code": code})["Location"])


def test_a_wrong_code_is_counted_and_the_fifth_locks_it(tosu, browser, expired):
    page = asked(browser, expired)
    code = code_in(newest(tosu, "download_code"))

    for _ in range(5):
        assert enter_with(browser, page, wrong(code)) == page
    assert enter_with(browser, page, code) == page

    assert AddressCode.unscoped.get().wrong_tries == 5
    assert "このコードは使えなくなりました" in browser.get(page).content.decode()
    assert not Event.objects.filter(action="download.renewed").exists()


def test_the_code_helps_nobody_without_the_link(tosu, browser, expired):
    page = asked(browser, expired)
    code = code_in(newest(tosu, "download_code"))

    stranger = Client()

    assert stranger.post(page, {"code": code}).status_code == 404
    assert stranger.post(f"{page}send/").status_code == 404
    opened = codes.enter(tosu.tenant, email=tosu.step(1).email, at=timezone.now(), ip=None, code=code)
    assert opened is None  # 窓口は、別のコードで開く
    assert AddressCode.unscoped.get().wrong_tries == 0


def test_more_than_five_codes_an_hour_are_refused_with_the_time_of_the_next(tosu, browser, expired):
    page = asked(browser, expired)
    for _ in range(codes.MOST_SENT - 1):
        browser.post(f"{page}send/")

    answer = browser.post(f"{page}send/")

    assert answer.status_code == 409
    assert "1時間に5回まで" in answer.content.decode()
    assert Delivery.unscoped.filter(template="contracts/download_code").count() == codes.MOST_SENT


def test_a_page_that_was_open_when_the_time_ran_out_offers_the_same(tosu, browser):
    page = enter(browser, tosu.concluded().address(Purpose.DOWNLOAD))
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert f'action="{page}renew/send/"' in browser.get(page).content.decode()
    renew = str(browser.post(f"{page}renew/send/")["Location"])
    assert "/download/" in enter_with(browser, renew, code_in(newest(tosu, "download_code")))


def test_only_a_download_that_its_age_has_ended_is_renewed(tosu, browser, expired):
    page = asked(browser, expired)
    sign = tosu.address(Purpose.SIGN)
    living = enter(browser, tosu.address(Purpose.DOWNLOAD))
    assert browser.post(f"{living}renew/send/").status_code == 404
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD).update(revoked_at=timezone.now())

    assert browser.get(page).status_code == 404
    for address in (expired, sign):
        assert browser.post(address, {"renew": "1"}).status_code == 404

"""受注者の窓口: one address, every matter that waits for it in a city, and the contracts that it keeps."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenancy import set_tenant
from audit.models import Event
from contracts.models import (
    AccessLink,
    AddressCode,
    Case,
    Consent,
    Document,
    Inbox,
    InboxLink,
    KeptContract,
    Purpose,
    SigningCode,
    SigningStep,
)
from contracts.services import links
from contracts.services.inboxes import codes, entering, matters
from contracts.services.signatures import downloading
from contracts.states import StepState
from guarantees.models import Guarantee
from notifications.models import Delivery
from tests import factories
from tests.contracts.coded import asking_for
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import code_in, newest, wrong
from tests.stories import Story, story, written

pytestmark = pytest.mark.django_db


def inbox_link(told: Story, email: str) -> str:
    """Issue a link into an inbox as the morning's mail carries it, and return its path."""
    made = entering.issue_all(told.tenant, emails=[email], at=timezone.now())
    return made[email].removeprefix(settings.BASE_URL)


def opened(told: Story, browser: Client) -> str:
    """Press 「確認する」 behind the mailed link of the signer's inbox, and return the inbox's address."""
    return enter(browser, inbox_link(told, told.step(1).email))


def row_of(told: Story, purpose: Purpose) -> AccessLink:
    return AccessLink.unscoped.get(case=told.case, purpose=purpose, revoked_at=None)


def test_the_mailed_link_says_whose_inbox_it_opens_until_when_and_looking_changes_nothing(tosu, browser):
    address = inbox_link(tosu.sent(), tosu.step(1).email)
    before = written()

    for agent in ("Mozilla/5.0 (SafeLinks)", "curl/8"):
        assert browser.head(address, headers={"user-agent": agent}).status_code == 200
        page = browser.get(address, headers={"user-agent": agent}).content.decode()

    assert written() == before
    for words in ("鳥栖市", tosu.step(1).email, "リンクの有効期限", "確認する", "開いただけでは"):
        assert words in page
    assert tosu.case.title not in page


def test_the_inbox_lists_what_waits_for_the_address_in_the_city_and_nothing_else(tosu, browser):
    tosu.sent()
    second = story(number="鳥工第二号", title="別の橋りょう工事", contractor=tosu.case.contractor).invited()
    other = factories.contractor(tosu.tenant, name="よその建設", email="else@example.jp")
    story(number="鳥工第三号", title="よその人の工事", contractor=other).invited()
    Case.unscoped.filter(pk=second.case.pk).update(conclusion_deadline_date=timezone.localdate())

    page = browser.get(opened(tosu, browser)).content.decode()

    assert page.index("別の橋りょう工事") < page.index(tosu.case.title)  # 期限の近い順
    assert "よその人の工事" not in page
    assert "お手続きをお願いしていること（2件）" in page


def test_a_matter_opens_with_one_press_and_what_is_signed_says_how_its_signer_came(tosu, browser):
    page = opened(tosu.sent(), browser)

    signing_page = enter(browser, f"{page}links/{row_of(tosu, Purpose.SIGN).pk}/")
    browser.post(f"{signing_page}finish/")

    step = tosu.step(1)
    assert step.state == StepState.INSTRUCTED
    assert "受注者の窓口" in step.authentication
    assert "受注者の窓口" in Event.objects.get(action="link.opened").data


def test_a_contract_that_asks_for_a_code_tells_nothing_of_itself_and_asks_here_too(browser, db):
    told = asking_for("access_code").sent()
    page = opened(told, browser)

    listed = browser.get(page).content.decode()
    signing_page = enter(browser, f"{page}links/{row_of(told, Purpose.SIGN).pk}/")

    assert "コードをお尋ねします" in listed
    assert told.case.title not in listed
    assert browser.get(signing_page)["Location"] == f"{signing_page}code/"


def link_elsewhere(tosu: Story) -> int:
    """Send the same firm a link in the next city, and come back."""
    elsewhere = story("usuki", number="臼工第9号")
    elsewhere.address(Purpose.GUARANTEE)
    number = int(row_of(elsewhere, Purpose.GUARANTEE).pk)
    set_tenant(tosu.tenant.pk)
    return number


def test_the_matters_of_another_address_another_city_or_a_finished_one_do_not_open(tosu, browser):
    page = opened(tosu.sent(), browser)
    other = factories.contractor(tosu.tenant, name="よその建設", email="else@example.jp")
    theirs = story(number="鳥工第三号", contractor=other).invited()
    assert browser.post(f"{page}links/{row_of(theirs, Purpose.CONSENT).pk}/")["Location"] == page
    elsewhere = link_elsewhere(tosu)
    assert browser.post(f"{page}links/{elsewhere}/")["Location"] == page
    done = row_of(tosu, Purpose.SIGN).pk
    links.revoke_of_step(tosu.step(1), at=timezone.now())
    assert browser.post(f"{page}links/{done}/")["Location"] == page

    assert Client().get(page)["Location"] == "/tosu/inbox/"  # 開いたブラウザでなければ、入り直す
    assert browser.get(page.replace("/tosu/", "/usuki/"))["Location"] == "/usuki/inbox/"
    assert not Event.objects.filter(action="link.opened").exists()


def test_the_list_and_the_single_link_agree_on_what_waits(tosu):
    at = timezone.now()
    inbox = entering.of(tosu.tenant, email=tosu.case.contractor.email, at=at)
    for stage in ("invited", "accepted", "elsewhere", "concluded"):
        told = story(number=stage, contractor=tosu.case.contractor)
        getattr(told, "accepted" if stage == "elsewhere" else stage)()
        told.address(Purpose.ADDRESS)
        if stage == "elsewhere":  # 届け出た宛先が、その後に替わった
            Consent.unscoped.filter(case=told.case).update(authority_email="else@takasaki.example.jp")

        mine = AccessLink.unscoped.filter(email__iexact=inbox.email).exclude(purpose=Purpose.STANDING)
        waits = {link.pk for link in mine if links.waits(link, at=at)}
        shown = {link.pk for found in (matters.waiting, matters.handed) for link in found(inbox, at=at)}
        assert shown == waits


def test_the_holder_of_an_inbox_sees_no_row_by_itself(tosu):
    tosu.sent()
    story(number="鳥工第二号")  # リンクがまだ一つもない案件
    actor = entering.holder(entering.of(tosu.tenant, email=tosu.step(1).email, at=timezone.now()), ip=None)

    for model in (Case, Consent, Document, SigningStep, SigningCode, Guarantee):
        assert not model.objects.visible_to(actor).exists()


def test_links_of_other_mornings_live_on_and_all_die_when_the_inbox_is_closed_everywhere(tosu, browser):
    first, second = (inbox_link(tosu.sent() if n == 0 else tosu, tosu.step(1).email) for n in range(2))
    page = enter(browser, first)
    assert browser.get(second).status_code == 200

    answer = browser.post(f"{page}leave/", {"everywhere": "1"})

    assert answer["Location"] == "/tosu/inbox/"
    assert [browser.get(address).status_code for address in (first, second)] == [404, 404]
    assert browser.get(page)["Location"] == "/tosu/inbox/"
    assert Event.objects.filter(action="inbox.closed").count() == 1


def test_an_inbox_link_is_over_at_its_end_for_the_mail_and_for_the_open_page(tosu, browser):
    address = inbox_link(tosu.sent(), tosu.step(1).email)
    page = enter(browser, address)
    InboxLink.unscoped.update(revoked_at=timezone.now())

    assert browser.get(address).status_code == 404
    assert browser.get(page)["Location"] == "/tosu/inbox/"


# 「むすびで保管」と、コードで開く窓口


def kept(told: Story, browser: Client) -> None:
    page = enter(browser, told.concluded().address(Purpose.DOWNLOAD))
    assert "むすびで保管" in browser.get(page).content.decode()
    browser.post(f"{page}keep/")
    browser.post(f"{page}keep/")
    assert "窓口に保管しています" in browser.get(page).content.decode()
    assert (KeptContract.unscoped.count(), Event.objects.filter(action="contract.kept").count()) == (1, 1)


def by_code(told: Story, browser: Client, email: str) -> str:
    browser.post("/tosu/inbox/", {"email": email})
    return enter_code(browser, code_in(newest(told, "inbox_code")))


def enter_code(browser: Client, code: str) -> str:
    return str(browser.post("/tosu/inbox/code/", {"code": code})["Location"])


def test_a_kept_contract_is_taken_from_the_inbox_by_mail_code_after_the_two_weeks(tosu, browser):
    kept(tosu, browser)
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD).update(expires_at=timezone.now() - timedelta(days=30))
    later = Client()

    page = by_code(tosu, later, tosu.step(1).email.upper())
    shown = later.get(page).content.decode()
    download = enter(later, f"{page}kept/{KeptContract.unscoped.get().pk}/")
    answer = later.post(f"{download}{tosu.version.documents.order_by('order').first().pk}/")

    assert tosu.case.title in shown
    assert answer["Content-Type"] == "application/pdf"
    assert not Delivery.unscoped.filter(template="contracts/concluded", created_at__gt=timezone.now()).exists()


def test_a_contract_that_was_kept_under_a_wrong_address_is_no_longer_there_once_it_is_corrected(tosu, browser):
    kept(tosu, browser)
    step = tosu.step(1)
    page = by_code(tosu, browser, step.email)
    number = KeptContract.unscoped.get().pk

    downloading.hand_elsewhere(step, email="right@takasaki.example.jp", at=timezone.now())

    assert "保管している契約（0件）" in browser.get(page).content.decode()
    assert browser.post(f"{page}kept/{number}/").status_code == 404


def test_the_answer_is_the_same_whether_the_city_knows_the_address_or_not(tosu, browser):
    tosu.invited()
    known, unknown = tosu.case.contractor.email, "nobody@example.jp"

    pages = {}
    for email in (known, unknown):
        visitor = Client()
        sent = visitor.post("/tosu/inbox/", {"email": email})
        asked = visitor.get(sent["Location"])
        tried = visitor.post("/tosu/inbox/code/", {"code": "00000000"}, follow=True)
        pages[email] = [sent.status_code, sent["Location"], asked, tried]

    for ours, theirs in zip(*pages.values(), strict=True):
        assert plain(ours, known) == plain(theirs, unknown)
    assert [mail.to for mail in Delivery.unscoped.filter(template="contracts/inbox_code")] == [known]
    assert not Inbox.unscoped.filter(email=unknown).exists()


def plain(answer: object, email: str) -> object:
    if not hasattr(answer, "content"):
        return answer
    token = answer.context["csrf_token"]
    return answer.content.decode().replace(email, "…").replace(str(token), "…")


def test_a_code_is_tried_five_times_and_used_once(tosu, browser):
    email = tosu.sent().step(1).email
    browser.post("/tosu/inbox/", {"email": email})
    code = code_in(newest(tosu, "inbox_code"))

    for _ in range(5):
        assert enter_code(browser, wrong(code)) == "/tosu/inbox/code/"
    assert enter_code(browser, code) == "/tosu/inbox/code/"
    assert AddressCode.unscoped.get().wrong_tries == 5
    assert Event.objects.filter(action="code.locked").count() == 1

    fresh = by_code(tosu, browser, email)
    assert "/tosu/i/" in fresh
    browser.post("/tosu/inbox/", {"email": email})
    used = AddressCode.unscoped.filter(used_at__isnull=False).count()
    assert (used, AddressCode.unscoped.count()) == (1, 3)


def test_a_code_is_over_after_ten_minutes_and_replaced_by_the_next(tosu, browser):
    email = tosu.sent().step(1).email
    browser.post("/tosu/inbox/", {"email": email})
    first = code_in(newest(tosu, "inbox_code"))
    browser.post("/tosu/inbox/", {"email": email})
    second = code_in(newest(tosu, "inbox_code"))

    assert enter_code(browser, first) == "/tosu/inbox/code/"
    at = timezone.now() + codes.LIFE
    assert codes.enter(tosu.tenant, email=email, at=at, ip=None, code=second) is None
    assert "/tosu/i/" in enter_code(browser, second)


def test_an_address_is_sent_five_codes_an_hour_and_nobody_is_told(tosu, browser):
    email = tosu.sent().step(1).email

    for _ in range(codes.MOST_SENT + 2):
        assert browser.post("/tosu/inbox/", {"email": email})["Location"] == "/tosu/inbox/code/"

    assert Delivery.unscoped.filter(template="contracts/inbox_code").count() == codes.MOST_SENT


def test_the_code_page_is_only_for_a_browser_that_gave_an_address_in_this_city(tosu, browser):
    story("usuki")
    assert browser.get("/tosu/inbox/code/")["Location"] == "/tosu/inbox/"
    browser.post("/tosu/inbox/", {"email": "nobody@example.jp"})

    assert browser.get("/tosu/inbox/code/").status_code == 200
    assert browser.get("/usuki/inbox/code/")["Location"] == "/usuki/inbox/"


def test_what_is_no_address_is_said_at_once_with_what_was_typed(tosu, browser):
    answer = browser.post("/tosu/inbox/", {"email": "髙﨑"})

    assert answer.status_code == 422
    assert 'value="髙﨑"' in answer.content.decode()


def test_the_list_asks_the_database_no_more_for_more_matters(tosu, browser):
    page = opened(tosu.sent(), browser)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(page)
        return len(queries)

    few = asked()
    for number in range(4):
        story(number=f"鳥工第{number}号").invited()
    assert asked() == few

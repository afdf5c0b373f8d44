"""One inbox over all cities: only what its reader proved and joined, city by city, and no city hangs on another."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenancy import set_tenant
from audit.models import Event
from contracts import guide
from contracts.models import AccessLink, AddressCode, Case, Inbox, Purpose
from contracts.services.inboxes import across, codes, entering, matters, rooms
from notifications.models import Delivery
from tests import factories
from tests.contracts.coded import asking_for
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import code_in, newest, wrong
from tests.contracts.links.test_inbox import plain, row_of
from tests.stories import Story, story, written

pytestmark = pytest.mark.django_db
MINE = "/inboxes/mine/"


@pytest.fixture
def matsuyama(db: None) -> Story:
    """A case of the same firm in the next city."""
    return story("matsuyama", number="松工第9号", title="松山の橋りょう工事", amount=1_100_000)


@pytest.fixture
def email(tosu: Story) -> str:
    return str(tosu.case.contractor.email)


def in_view(told: Story) -> Story:
    set_tenant(told.tenant.pk)
    return told


def asked(browser: Client, email: str, *, by: Story) -> str:
    """Ask for a code, and read it in the mail that the city sends."""
    assert browser.post("/inboxes/", {"email": email})["Location"] == "/inboxes/code/"
    return code_in(newest(in_view(by), "everywhere_code"))


def proved(browser: Client, email: str, *, by: Story) -> Client:
    assert browser.post("/inboxes/code/", {"code": asked(browser, email, by=by)})["Location"] == MINE
    return browser


def joined(browser: Client, *told: Story) -> None:
    browser.post(f"{MINE}join/", {"city": [each.tenant.slug for each in told]})


def shown(browser: Client) -> str:
    answer = browser.get(MINE)
    assert answer.status_code == 200, answer.headers
    return str(answer.content.decode())


def both(tosu: Story, matsuyama: Story) -> None:
    in_view(tosu).invited()
    in_view(matsuyama).invited()


def test_who_proves_an_address_sees_the_names_of_its_cities_and_the_matters_of_those_that_are_joined(
    tosu, matsuyama, email, browser
):
    both(tosu, matsuyama)
    proved(browser, email, by=matsuyama)
    before = shown(browser)
    joined(browser, matsuyama)
    one = shown(browser)
    joined(browser, tosu)
    two = shown(browser)

    assert "鳥栖市" in before
    assert "matsuyama" in before
    assert tosu.case.title not in before
    assert matsuyama.case.title not in before
    assert matsuyama.case.title in one
    assert tosu.case.title not in one
    assert "お手続きをお願いしていること（2件）" in two
    assert "まとめていない市町村" not in two


def test_what_waits_in_all_cities_stands_by_deadline(tosu, matsuyama, email, browser):
    both(tosu, matsuyama)
    today = timezone.localdate()
    Case.unscoped.filter(pk=matsuyama.case.pk).update(conclusion_deadline_date=today + timedelta(days=1))
    Case.unscoped.filter(pk=in_view(tosu).case.pk).update(conclusion_deadline_date=today + timedelta(days=9))
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)

    page = shown(browser)

    assert page.index(matsuyama.case.title) < page.index(tosu.case.title)
    assert "あと1日" in page


def test_joining_is_written_down_in_each_city_and_so_is_everyone_who_comes_and_leaving_ends_it(
    tosu, matsuyama, email, browser
):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu)
    proved(Client(), email, by=matsuyama)
    browser.post(f"{MINE}part/", {"city": "tosu"})

    in_view(tosu)
    told = Event.objects.filter(thread__startswith="inbox:").order_by("seq").values_list("action", flat=True)
    assert list(told) == ["inbox.joined", "inbox.opened", "inbox.parted"]
    in_view(matsuyama)
    assert set(Event.objects.filter(thread__startswith="inbox:").values_list("action", flat=True)) == {
        "code.sent",
        "address.proved",
    }
    assert tosu.case.title not in shown(browser)


def test_a_matter_opens_in_its_own_city_and_says_by_which_way(tosu, matsuyama, email, browser):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    inbox = Inbox.unscoped.get(tenant=in_view(tosu).tenant)

    page = enter(browser, f"/tosu/i/{inbox.pk}/links/{row_of(tosu, Purpose.CONSENT).pk}/")

    assert browser.get(page).status_code == 200
    assert Event.objects.filter(action="link.opened", data__contains="受注者の窓口").exists()
    assert "すべての市町村の窓口へ戻る" in browser.get(f"/tosu/i/{inbox.pk}/").content.decode()


def test_an_inbox_that_was_not_joined_or_has_parted_does_not_open_by_the_proof_for_all_cities(
    tosu, matsuyama, email, browser
):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    inbox = Inbox.unscoped.get(tenant=in_view(matsuyama).tenant)
    assert browser.get(f"/matsuyama/i/{inbox.pk}/").status_code == 200
    browser.post(f"{MINE}part/", {"city": "matsuyama"})

    assert browser.get(f"/matsuyama/i/{inbox.pk}/")["Location"] == "/matsuyama/inbox/"
    set_tenant(matsuyama.tenant.pk)
    assert browser.post(f"/matsuyama/i/{inbox.pk}/links/{row_of(matsuyama, Purpose.CONSENT).pk}/").status_code == 302
    assert not Event.objects.filter(action="link.opened").exists()


def test_another_address_sees_nothing_of_it(tosu, matsuyama, email, browser):
    both(tosu, matsuyama)
    joined(proved(Client(), email, by=matsuyama), tosu, matsuyama)
    other = factories.contractor(in_view(tosu).tenant, name="よその建設", email="else@example.jp")
    story(number="鳥工第三号", title="よその人の工事", contractor=other).invited()
    joined(proved(browser, "else@example.jp", by=tosu), tosu, matsuyama)

    page = shown(browser)
    inbox = Inbox.unscoped.get(tenant=in_view(matsuyama).tenant)

    assert "よその人の工事" in page
    assert "matsuyama" not in page
    assert tosu.case.title not in page
    assert inbox.mailbox == email.upper()
    assert browser.get(f"/matsuyama/i/{inbox.pk}/")["Location"] == "/matsuyama/inbox/"


def test_capital_and_small_letters_are_the_same_mailbox(tosu, email, browser):
    tosu.invited()
    joined(proved(browser, email.upper(), by=tosu), tosu)

    assert tosu.case.title in shown(browser)
    assert Inbox.unscoped.filter(tenant=in_view(tosu).tenant).count() == 1


def test_the_answer_is_the_same_whether_any_city_knows_the_address_or_not(tosu, email):
    tosu.invited()
    pages = {}
    for address in (email, "nobody@example.jp"):
        visitor = Client()
        sent = visitor.post("/inboxes/", {"email": address})
        tried = visitor.post("/inboxes/code/", {"code": "00000000"}, follow=True)
        pages[address] = [sent.status_code, sent["Location"], visitor.get(sent["Location"]), tried]

    for ours, theirs in zip(*pages.values(), strict=True):
        assert plain(ours, email) == plain(theirs, "nobody@example.jp")
    in_view(tosu)
    assert [mail.to for mail in Delivery.unscoped.filter(template="contracts/everywhere_code")] == [email]
    assert not Inbox.unscoped.filter(email="nobody@example.jp").exists()


def test_codes_are_not_guessed_tried_again_or_used_by_another_browser(tosu, email, browser):
    tosu.invited()
    code = asked(browser, email, by=tosu)
    stranger = Client()
    assert stranger.post("/inboxes/code/", {"code": code})["Location"] == "/inboxes/"

    for _ in range(5):
        assert browser.post("/inboxes/code/", {"code": wrong(code)})["Location"] == "/inboxes/code/"
    assert browser.post("/inboxes/code/", {"code": code})["Location"] == "/inboxes/code/"
    assert browser.get(MINE)["Location"] == "/inboxes/"
    assert AddressCode.unscoped.get(tenant=in_view(tosu).tenant).wrong_tries == 5

    proved(browser, email, by=tosu)
    assert AddressCode.unscoped.filter(tenant=in_view(tosu).tenant, used_at__isnull=False).count() == 1


def test_the_session_gets_a_new_number_when_the_address_is_proved_and_ends_after_two_hours(tosu, email, browser):
    tosu.invited()
    code = asked(browser, email, by=tosu)
    before = browser.cookies["session"].value
    browser.post("/inboxes/code/", {"code": code})

    assert browser.cookies["session"].value != before
    assert browser.get(MINE).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert browser.get(MINE)["Location"] == "/inboxes/"


def test_closing_it_forgets_the_proof(tosu, email, browser):
    tosu.invited()
    proved(browser, email, by=tosu)

    assert browser.post(f"{MINE}leave/")["Location"] == "/inboxes/"
    assert browser.get(MINE)["Location"] == "/inboxes/"


def test_looking_writes_nothing(tosu, matsuyama, email, browser):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    before = written()

    for address in ("/inboxes/", "/inboxes/code/", MINE, f"{MINE}records/"):
        browser.get(address)
        browser.head(address)
        assert browser.get(address).status_code in {200, 302}
    for address in ("join", "part", "leave"):
        assert browser.get(f"{MINE}{address}/").status_code == 405

    assert written() == before


def test_nobody_joins_a_city_that_never_wrote_to_the_address(tosu, matsuyama, email, browser):
    in_view(tosu).invited()
    joined(proved(browser, email, by=tosu), tosu, matsuyama)

    assert "matsuyama" not in shown(browser)
    assert not Inbox.unscoped.filter(tenant=in_view(matsuyama).tenant).exists()


def test_whoever_is_signed_in_is_told_that_the_page_is_another_persons(tosu, email, browser):
    tosu.invited()
    proved(browser, email, by=tosu)
    browser.force_login(in_view(tosu).signatory)

    assert browser.get(MINE).status_code in {302, 403}
    assert browser.get("/inboxes/").status_code == 403
    assert browser.post("/inboxes/", {"email": email}).status_code == 403


# 一つの市の不調


def test_a_slow_city_is_named_and_the_others_are_shown(tosu, matsuyama, email, browser, monkeypatch):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    real = rooms.of

    def slow(city, **asked):
        if city == tosu.tenant:
            with connection.cursor() as cursor:
                cursor.execute("select pg_sleep(30)")
        return real(city, **asked)

    monkeypatch.setattr(rooms, "of", slow)
    monkeypatch.setattr(across, "PATIENCE", 50)
    page = shown(browser)

    assert "鳥栖市は、いま答えられません" in page
    assert matsuyama.case.title in page
    assert tosu.case.title not in page


def test_a_failing_city_is_named_keeps_no_code_from_leaving_and_can_be_joined_later(
    tosu, matsuyama, email, browser, monkeypatch
):
    both(tosu, matsuyama)
    real = codes.send_to_enter

    def fails(city, **asked):
        if city == matsuyama.tenant:
            raise RuntimeError
        real(city, **asked)

    monkeypatch.setattr(codes, "send_to_enter", fails)
    proved(browser, email, by=tosu)
    monkeypatch.setattr(across, "_move", fails)
    told = browser.post(f"{MINE}join/", {"city": ["matsuyama"]}, follow=True).content.decode()

    assert "matsuyamaは、いま答えられません" in told
    assert "まとめていない市町村" in told


def test_the_page_asks_no_more_for_more_matters_and_at_most_thirty_times_for_a_full_page_of_cities(
    tosu, matsuyama, email, browser
):
    both(tosu, matsuyama)
    more = [story(slug, number=slug).invited() for slug in ("miyakonojo", "shimanto")]
    usuki = story("usuki")
    usuki.address(Purpose.GUARANTEE)
    joined(proved(browser, email, by=usuki), tosu, matsuyama, *more, usuki)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(browser)
        return len(captured)

    few = queries()
    in_view(more[-1])
    for number in range(3):
        story(more[-1].tenant.slug, number=f"{number}号").invited()
    assert queries() == few <= 30
    assert "1 / 2 ページ" in shown(browser)


# 決まり、次にすること、保存のための一式


def test_the_rule_cards_stand_side_by_side_in_six_lines_with_what_differs_from_the_last_city(
    tosu, matsuyama, email, browser
):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)

    page = shown(browser)

    assert "matsuyamaの決まり（6行）：鳥栖市と違うところ" in page
    assert "鳥栖市の決まり（6行）：matsuyamaと違うところ" in page
    for topic in ("契約締結期限", "承諾書", "署名順", "保証の提出先", "保証の必要書類", "約款"):
        assert page.count(f"<dt>{topic}</dt>") >= 2
    assert "<dt>電子契約の対象</dt>" not in page


def test_the_notices_of_the_cities_and_what_to_do_next_stand_on_the_page(tosu, matsuyama, email, browser):
    both(tosu, matsuyama)
    in_view(tosu)
    story(number="鳥工第二号", contractor=tosu.case.contractor).concluded()
    joined(proved(browser, email, by=tosu), tosu, matsuyama)

    page = shown(browser)

    assert "締結した契約のうち1件を、まだ受け取っていません" in page
    assert "/tosu/checklist/" in page
    assert "/matsuyama/checklist/" not in page  # 電子保証を扱わない市
    announced = guide.notices(tosu.case.rule_set.data, on=timezone.localdate())
    assert announced
    assert all(notice.title in page for notice in announced[:3])


def test_a_contract_that_asks_for_a_code_tells_nothing_of_itself_here_either(db, browser):
    told = asking_for("access_code").sent()
    joined(proved(browser, told.step(1).email, by=told), told)

    page = shown(browser)

    assert "コードをお尋ねします" in page
    assert told.case.title not in page


def test_one_archive_holds_the_contracts_with_all_joined_cities_under_one_index(tosu, matsuyama, email, browser):
    in_view(tosu).concluded()
    in_view(matsuyama).concluded()
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    assert "契約は2件です（matsuyama、鳥栖市）" in " ".join(browser.get(f"{MINE}records/").content.decode().split())

    answer = browser.post(f"{MINE}records/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(csv.reader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))[1:]

    assert {row[1] for row in rows} == {"鳥栖市", "matsuyama"}
    assert {row[5] for row in rows} <= set(archive.namelist())
    assert {"鳥栖市_tosu/システム概要書.pdf", "matsuyama_matsuyama/システム概要書.pdf"} <= set(archive.namelist())
    for told in (tosu, matsuyama):
        assert Event.objects.filter(action="records.taken", tenant_id=in_view(told).tenant.pk).count() == 1


def test_the_archive_leaves_out_no_city_in_silence(tosu, matsuyama, email, browser, monkeypatch):
    both(tosu, matsuyama)
    joined(proved(browser, email, by=matsuyama), tosu, matsuyama)
    monkeypatch.setattr(across, "_answer", lambda city, question: None if city == tosu.tenant else question(city))

    set_tenant(matsuyama.tenant.pk)
    answer = browser.post(f"{MINE}records/")

    assert answer.status_code == 422
    assert "鳥栖市が、いま答えられません" in answer.content.decode()


# 回数の限り


def test_a_network_asks_and_tries_only_so_often_at_every_door(tosu, email, settings):
    tosu.invited()
    settings.LIMITS = {"code_asked": 2, "code_tried": 1, "code_to": 99}
    here, there = {"REMOTE_ADDR": "2001:db8:5:1::7"}, {"REMOTE_ADDR": "2001:db8:5:2::7"}
    neighbour = {"REMOTE_ADDR": "2001:db8:5:1::8"}
    for address in ("/inboxes/", "/tosu/inbox/"):
        assert Client(**here).post(address, {"email": email}).status_code == 302

    refused = Client(**neighbour).post("/inboxes/", {"email": email})
    assert refused.status_code == 429
    assert "しばらくお待ちください" in refused.content.decode()
    assert Client(**here).get("/inboxes/").status_code == 200
    visitor = Client(**there)
    assert visitor.post("/inboxes/", {"email": email}).status_code == 302
    assert visitor.post("/inboxes/code/", {"code": "12345678"}).status_code == 302
    assert visitor.post("/inboxes/code/", {"code": "12345678"}).status_code == 429


def test_an_address_is_mailed_only_so_often_whatever_door_is_used_and_nobody_is_told(tosu, matsuyama, email, settings):
    both(tosu, matsuyama)
    settings.LIMITS = {"code_asked": 99, "code_tried": 99, "code_to": 3}
    firm = factories.contractor(in_view(tosu).tenant, name="数える組", email="limited@example.jp")
    story(number="鳥工第七号", contractor=firm).invited()

    for address in ("/tosu/inbox/", "/inboxes/", "/tosu/inbox/", "/inboxes/", "/tosu/inbox/"):
        answer = Client(REMOTE_ADDR="192.0.2.77").post(address, {"email": "limited@example.jp"})
        assert answer["Location"] == f"{address}code/"

    mailed = Delivery.unscoped.filter(tenant=in_view(tosu).tenant, to="limited@example.jp")
    assert mailed.filter(template__in=["contracts/inbox_code", "contracts/everywhere_code"]).count() == 3


def test_the_walls_let_an_index_find_the_links_of_an_address_among_thousands_of_its_city(tosu):
    """Behind row security only leakproof comparisons of columns reach an index; upper(email) reads a whole city.

    Thousands of links of the one city leave the planner no cheaper index, whatever it knows of the table.
    """
    inbox = entering.of(tosu.invited().tenant, email="nur-hier@takasaki.example.jp", at=timezone.now())
    link = AccessLink.unscoped.filter(case=tosu.case).latest("pk")
    values = {name: getattr(link, name) for name in ("tenant_id", "purpose", "case_id", "consent_id", "name")}
    times = {"made_at": link.made_at, "expires_at": link.expires_at}
    AccessLink.unscoped.bulk_create(
        AccessLink(**values, **times, email=f"firm{number}@example.jp", token_hash=f"{number:064}")
        for number in range(3000)
    )

    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = matters.all_of(inbox, at=timezone.now()).explain()

    assert re.search(
        r"Index Scan (using|on) links_of_a_mailbox\b[^\n]*\n\s+Index Cond: \([^\n]*\bmailbox\b\S* = ", plan
    ), plan

"""The archive that a firm keeps of its electronic contracts: what is in it, for whom, and what is written down."""

import csv
import hashlib
import io
import zipfile
from datetime import date, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenancy import set_tenant
from audit.models import Event
from contracts import guide, presets
from contracts.models import Purpose, SigningStep
from contracts.records import papers, word
from contracts.records.papers import Keeper
from contracts.services import records
from contracts.services.inboxes import entering
from contracts.services.records import Share
from signing import setup
from signing.results import Verdict
from signing.verification import verify
from tests import factories
from tests.contracts.links.conftest import enter
from tests.contracts.links.test_inbox import inbox_link, opened
from tests.stories import story, written

pytestmark = pytest.mark.django_db
HEADING = ["取引年月日", "取引先", "取引金額", "件名", "契約番号", "ファイル名", "SHA-256"]


def archive_of(answer) -> zipfile.ZipFile:
    assert answer["Content-Type"] == "application/zip"
    made = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert made.testzip() is None
    return made


def index_of(archive: zipfile.ZipFile) -> list[list[str]]:
    content = archive.read("index.csv")
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_archive_of_one_contract_holds_its_files_by_name_with_index_and_papers_and_the_log_tells_of_it(
    tosu, browser
):
    page = enter(browser, tosu.concluded().address(Purpose.DOWNLOAD))
    assert browser.get(f"{page}records/").status_code == 405

    assert "国税庁電子帳簿等保存制度特設サイト" in browser.get(page).content.decode()
    answer = browser.post(f"{page}records/")
    archive = archive_of(answer)

    today = f"{timezone.localdate():%Y%m%d}"
    assert unquote(answer["Content-Disposition"]).endswith(f"電子取引データ_鳥栖市_{today}.zip")
    names = [f"文書/{today}_鳥栖市_11000000.pdf", f"文書/{today}_鳥栖市_11000000_特記仕様書.pdf"]
    others = ["index.csv", "システム概要書.pdf", "事務処理規程（見本）.docx"]
    assert archive.namelist() == ["はじめにお読みください.txt", *names, *others]
    heading, *rows = index_of(archive)
    assert heading == HEADING
    shared = [timezone.localdate().isoformat(), "鳥栖市", "11000000", tosu.case.title, tosu.case.number]
    assert rows == [[*shared, name, hashlib.sha256(archive.read(name)).hexdigest()] for name in names]
    assert verify(archive.read(names[0]), trust=setup.trust()).verdict is Verdict.VALID
    event = Event.objects.get(action="records.taken")
    assert event.thread == tosu.case.thread
    assert all(row[-1] in event.data for row in rows)
    assert tosu.step(1).downloaded_at is not None


def test_the_inbox_hands_out_all_contracts_of_its_address_of_the_days_asked_for_and_of_no_one_else(tosu, browser):
    firm = tosu.concluded().case.contractor
    second = story(number="鳥工第二号", title="橋りょう補修工事", contractor=firm, amount=2_200_000).concluded()
    other = factories.contractor(tosu.tenant, name="よその建設", email="else@example.jp")
    story(number="鳥工第三号", title="よその人の工事", contractor=other).concluded()
    last_week = timezone.localdate() - timedelta(days=7)
    contract = second.version.contract
    type(contract).unscoped.filter(pk=contract.pk).update(in_force_date=last_week)
    page = f"{opened(tosu, browser)}records/"
    before = written()
    assert "契約は2件" in browser.get(page).content.decode()
    assert written() == before  # 見るだけでは、何も書かれない

    everything = index_of(archive_of(browser.post(page)))
    one_week = index_of(archive_of(browser.post(page, {"last": last_week.isoformat()})))
    none = browser.post(page, {"last": "R2.1.1"})
    wrong = browser.post(page, {"first": "R8.3.2", "last": "R8.3.1"})

    assert {row[4] for row in everything[1:]} == {tosu.case.number, "鳥工第二号"}
    assert [row[0] for row in everything[1:]] == sorted(row[0] for row in everything[1:])
    assert [(row[0], row[2], row[4]) for row in one_week[1:]] == [(last_week.isoformat(), "2200000", "鳥工第二号")] * 2
    for refused, why in ((none, "この期間に成立した契約はありません"), (wrong, "終わりの日が、始まりの日より前に")):
        assert (refused.status_code, why in refused.content.decode()) == (422, True)
    assert "R8.3.2" in wrong.content.decode()


def found_in(inbox, city) -> tuple[int, int]:
    """Count the contracts of an inbox, and the queries that it takes to find them and their firms."""
    with CaptureQueriesContext(connection) as queries:
        found = records.of_address(inbox)
        [records.keeper_of(step, city=city) for step in found]
    return len(found), len(queries)


def test_the_contracts_of_an_address_are_found_in_one_query_and_only_where_they_were_handed_to_it(tosu):
    inbox = entering.of(tosu.tenant, email=tosu.concluded().step(1).email, at=timezone.now())
    assert found_in(inbox, tosu.tenant) == (1, 1)
    story(number="鳥工第二号", contractor=tosu.case.contractor).concluded()
    assert found_in(inbox, tosu.tenant) == (2, 1)

    stranger = entering.holder(entering.of(tosu.tenant, email="else@example.jp", at=timezone.now()), ip=None)
    taken = records.take([Share([tosu.step(1).pk], Keeper("よそ", tosu.tenant), stranger)], at=timezone.now())
    with pytest.raises(PermissionDenied):
        list(taken)

    SigningStep.unscoped.filter(pk=tosu.step(1).pk).update(handed_email="new@example.jp")
    assert found_in(inbox, tosu.tenant) == (1, 1)  # 宛先を直した契約は、もとの宛先には渡らない

    elsewhere = entering.of(factories.city("usuki"), email=inbox.email, at=timezone.now())
    assert found_in(elsewhere, tosu.tenant) == (0, 1)
    set_tenant(tosu.tenant.pk)


def test_a_city_without_electronic_contracts_says_so_and_still_shows_its_links(client, db):
    factories.city("usuki")

    html = client.get("/usuki/records/").content.decode()

    assert "臼杵市では、電子契約は対象外です。" in html
    assert "システムの概要" not in html
    assert 'id="links"' in html


def test_a_city_changes_its_links_and_the_pages_of_the_firm_show_them(tosu, browser):
    page = f"{enter(browser, inbox_link(tosu, 'firm@example.jp'))}records/"
    assert "国税庁電子帳簿等保存制度特設サイト" in browser.get(page).content.decode()
    link = {"topic": "電子帳簿保存法", "title": "市の手引（電帳法）", "url": "https://city.example.jp/denchoho"}

    factories.rule_set(tosu.tenant, texts={"links": [link]})

    for html in (browser.get(page).content.decode(), browser.get("/tosu/records/").content.decode()):
        assert '<a href="https://city.example.jp/denchoho">市の手引（電帳法）</a>' in html
        assert "国税庁電子帳簿等保存制度特設サイト" not in html


def test_the_sample_of_rules_names_the_firm_and_is_a_document_a_word_processor_reads(tosu):
    keeper = Keeper(firm="㈱髙﨑 & 𠮷田<建設>", city=tosu.tenant)

    made = zipfile.ZipFile(io.BytesIO(papers.procedures(keeper, at=timezone.now())))
    paragraphs = ElementTree.fromstring(made.read("word/document.xml")).iter(f"{{{word.MAIN}}}t")

    text = "\n".join(str(paragraph.text) for paragraph in paragraphs)
    assert "㈱髙﨑 & 𠮷田<建設>（以下「当社」という。）" in text
    assert "電子取引データの訂正及び削除の防止に関する事務処理規程" in text
    assert "{firm}" not in text


def test_the_public_page_and_the_readme_tell_the_facts_and_the_links_of_the_city(tosu, client):
    html = client.get("/tosu/records/").content.decode()
    readme = papers.readme(Keeper("㈱髙﨑", tosu.tenant), at=timezone.now(), count=3).decode("utf-8-sig")

    for text in (html, readme):
        assert "国税庁電子帳簿等保存制度特設サイト" in text
    for entry in setup.authorities().entries:
        assert entry.label in html
    assert "契約3件分" in readme
    assert "\r\n" in readme
    assert "総務大臣の認定の登録なし" in html  # 手元の時刻認証局は、認定されていない


@pytest.mark.parametrize("slug", presets.available())
def test_every_preset_that_offers_electronic_contracts_has_the_three_references(slug):
    data = presets.load(slug)

    references = guide.links(data).get("電子帳簿保存法", [])

    assert len([link for link in references if link["url"]]) == (3 if data["econtract"]["offered"] else len(references))
    assert date.fromisoformat(data["effective_date"])

"""The auditor's desk: files, drawn sets and packs are taken, and nothing of the city changes."""

import csv
import io
import zipfile
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from audit.models import Event
from contracts.archive import entries, exporting
from contracts.archive.asking import Wanted
from contracts.archive.entries import Filing
from contracts.archive.paging import NEWEST_FIRST
from contracts.models import Archived, AuditItem, AuditMark, AuditSet
from contracts.services.auditing import exporting as auditing
from contracts.services.auditing import packing
from contracts.services.auditing.exporting import FORMATS
from contracts.streams import sheets
from contracts.streams.books import MAIN
from tests import factories
from tests.architecture.scene import written
from tests.contracts.archive.conftest import PARTIES, fill
from tests.contracts.archive.test_drawing import file_later
from tests.contracts.pages.test_archive import entry

pytestmark = pytest.mark.django_db
DRAW = {"rule": "sample", "size": "8", "seed": "teiki-2026"}


@pytest.fixture
def filled(tosu):
    fill(tosu.tenant, seed=3, count=120)
    return tosu


@pytest.fixture
def auditor(filled, desk):
    return desk(filled.tenant, Role.AUDITOR)


@pytest.fixture
def keeper(filled, desk):
    return desk(filled.tenant, Role.ADMINISTRATOR)


def exported(client, *, question="", form="utf8", columns=exporting.ALL):
    address = f"{reverse('archive_export')}?{question}"
    return client.post(address, {"form": form, "columns": list(columns)})


def content(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def last_event(story) -> Event:
    return Event.objects.of_tenant(story.tenant.pk).first()


def test_all_answers_of_a_question_are_taken_as_csv(filled, auditor):
    entry(filled, title="=HYPERLINK(1)改修工事", party="㈱髙﨑𠮷建設")

    text = content(exported(auditor, question="title=改修")).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))

    assert row["件名"] == "'=HYPERLINK(1)改修工事"
    assert row["取引先"] == "㈱髙﨑𠮷建設"
    event = last_event(filled)
    assert event.action == "archive.exported"
    assert '"rows":1' in event.data


def test_a_workbook_opens_with_the_chosen_columns(filled, auditor):
    entry(filled, title="=1+1 改修工事", amount=54_000_000)

    taken = content(exported(auditor, question="title=改修", form="xlsx", columns=["title", "amount"]))

    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(taken)).read("xl/worksheets/sheet1.xml"))
    ns = {"m": MAIN}
    texts = [cell.findtext("m:is/m:t", namespaces=ns) for cell in sheet.findall(".//m:c", ns)]
    assert texts == ["件名", "金額（円）", "=1+1 改修工事", None]
    assert sheet.find(".//m:f", ns) is None
    assert sheet.findall(".//m:c", ns)[-1].findtext("m:v", namespaces=ns) == "54000000"


def test_cp932_comes_with_the_list_of_what_it_cannot_hold(filled, auditor):
    entry(filled, title="改修工事", party="㈱髙﨑𠮷建設")

    archive = zipfile.ZipFile(io.BytesIO(content(exported(auditor, question="title=改修", form="cp932"))))
    table, lost = (archive.read(name) for name in archive.namelist())

    assert "㈱髙﨑〓建設" in table.decode("cp932")
    assert "𠮷,U+20BB7,〓,1,2" in lost.decode("utf-8-sig")


def test_an_export_is_made_as_it_is_read_and_writes_nothing_but_the_journal(auditor, monkeypatch):
    monkeypatch.setattr(exporting, "AT_A_TIME", 10)
    before = written()

    with CaptureQueriesContext(connection) as asked:
        response = exported(auditor)
    assert not [each for each in asked if "LIMIT 10" in each["sql"]]
    assert len(content(response).splitlines()) > 100
    assert set(written() - before) == {"audit_event", "audit_head"}


@pytest.mark.parametrize("form", FORMATS)
def test_a_download_that_is_given_up_leaves_nothing_open(filled, monkeypatch, form):
    monkeypatch.setattr(exporting, "AT_A_TIME", 10)
    monkeypatch.setattr(sheets, "ROWS", 5)
    actor, chosen = factories.staff(filled.tenant, Role.AUDITOR), {"order": NEWEST_FIRST, "columns": exporting.ALL}
    file = auditing.export(Wanted(), question="", **chosen, form=form, actor=actor, at=timezone.now())
    open_before = list(connection.savepoint_ids)
    next(file.pieces)

    with CaptureQueriesContext(connection) as asked:
        file.pieces.close()

    assert [each["sql"] for each in asked if each["sql"].startswith("SELECT")] == []
    assert list(connection.savepoint_ids) == open_before
    assert list(file.pieces) == []


def test_an_export_without_columns_says_what_is_missing(auditor):
    response = exported(auditor, columns=[])

    assert response.status_code == 422
    assert "列を一つ以上選んでください" in response.content.decode()


def drawn(client, **asked):
    response = client.get(reverse("archive_draw"), DRAW | asked)
    assert response.status_code == 302
    return response["Location"]


def titles(page) -> list[str]:
    return [each.pk for each in page.context["entries"]]


def test_a_drawn_set_lives_in_its_address(filled, auditor, desk):
    address = drawn(auditor, title="橋")
    before = titles(auditor.get(address))

    file_later(filled.tenant)

    assert {"title", "rule", "size", "seed", "upto", "on"} == set(parse_qs(urlsplit(address).query))
    assert len(before) == 8
    assert titles(desk(filled.tenant, Role.AUDITOR).get(address)) == before


def test_all_above_an_amount_and_all_of_a_contractor_are_drawn(auditor):
    above = auditor.get(drawn(auditor, rule="above", above="7,000,000円"))
    party = auditor.get(drawn(auditor, rule="party", of="松尾建設"))

    assert {each.amount >= 7_000_000 for each in above.context["entries"]} == {True}
    assert {each.party for each in party.context["entries"]} == {PARTIES[2]}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"rule": "sample", "size": "", "seed": "a"}, "件数を入力してください"),
        ({"rule": "sample", "size": "3", "seed": "種"}, "半角の英数字"),
        ({"rule": "above", "above": ""}, "金額（以上）を入力してください"),
        ({"rule": "nothing"}, "正しく選択"),
    ],
)
def test_what_cannot_be_drawn_is_said_beside_its_field(auditor, typed, told):
    response = auditor.get(reverse("archive_draw"), typed)

    assert response.status_code == 422
    assert told in response.content.decode()


@pytest.mark.parametrize("query", ["rule=sample&size=3&seed=a&upto=x&on=2026-01-01", "rule=all&upto=5&on=soon"])
def test_an_address_that_was_changed_by_hand_is_refused(auditor, query):
    assert auditor.get(f"{reverse('archive_draw')}?{query}").status_code == 409


def test_the_administrator_keeps_a_set_and_marks_it_and_the_auditor_reads(filled, auditor, keeper):
    address = urlsplit(drawn(keeper)).query
    ids = titles(keeper.get(f"{reverse('archive_draw')}?{address}"))

    kept = keeper.post(f"{reverse('audit_set_keep')}?{address}", {"name": "令和8年度 定期監査"})
    made = AuditSet.unscoped.get()
    marked = keeper.post(reverse("audit_mark", args=[made.pk, 2]), {"is_checked": "on", "remark": "印影と照合"})

    assert kept["Location"] == reverse("audit_set", args=[made.pk])
    assert list(AuditItem.unscoped.order_by("order").values_list("entry_id", flat=True)) == ids
    assert marked["Location"].endswith("?page=1#item-2")
    page = auditor.get(reverse("audit_set", args=[made.pk])).content.decode()
    assert "8件のうち 1件を確認しました" in page
    assert "印影と照合" in page
    assert "1 / 8" in auditor.get(reverse("audit_sets")).content.decode()


def test_the_last_word_on_a_contract_counts_and_those_before_stay(keeper):
    keeper.post(f"{reverse('audit_set_keep')}?{urlsplit(drawn(keeper)).query}", {"name": "監査"})
    made = AuditSet.unscoped.get()

    for said in ({"is_checked": "on"}, {"remark": "もう一度見る"}):
        keeper.post(reverse("audit_mark", args=[made.pk, 1]), said)
    nothing = keeper.post(reverse("audit_mark", args=[made.pk, 1]), {})

    assert AuditMark.unscoped.count() == 2
    assert nothing.status_code == 409
    assert "8件のうち 0件を確認しました" in keeper.get(reverse("audit_set", args=[made.pk])).content.decode()


def test_an_auditor_keeps_and_marks_nothing_and_is_not_offered_to(filled, auditor, keeper):
    address = drawn(keeper)
    keeper.post(f"{reverse('audit_set_keep')}?{urlsplit(address).query}", {"name": "監査"})
    made = AuditSet.unscoped.get()
    before = written()

    assert auditor.post(f"{reverse('audit_set_keep')}?{urlsplit(address).query}", {"name": "二"}).status_code == 403
    assert auditor.post(reverse("audit_mark", args=[made.pk, 1]), {"is_checked": "on"}).status_code == 403
    assert written() == before
    assert reverse("audit_set_keep") not in auditor.get(address).content.decode()
    assert "/items/" not in auditor.get(reverse("audit_set", args=[made.pk])).content.decode()


def test_a_name_is_given_to_one_set(keeper):
    address = f"{reverse('audit_set_keep')}?{urlsplit(drawn(keeper)).query}"
    keeper.post(address, {"name": "監査"})

    again = keeper.post(address, {"name": "監査"})

    assert again.status_code == 409
    assert "別の名前" in again.content.decode()


def test_a_page_of_a_set_asks_the_same_however_long_it_is(keeper):
    def questions(size: int) -> int:
        address = f"{reverse('audit_set_keep')}?{urlsplit(drawn(keeper, size=str(size))).query}"
        page = keeper.post(address, {"name": f"{size}件"})["Location"]
        keeper.get(page)
        with CaptureQueriesContext(connection) as asked:
            keeper.get(page)
        return len(asked)

    assert questions(40) == questions(4)


def test_a_drawn_set_is_packed_with_each_case_once(filled, auditor):
    one = entry(filled, title="特別な改修")
    change = {"what": Archived.AMENDMENT, "subject": "test:change", "title": "特別な変更", "party": one.party}
    entries.file(Filing(**change, day=one.concluded_date, amount=1, case=one.case))
    address = urlsplit(drawn(auditor, rule="all", title="特別な")).query

    taken = content(auditor.post(f"{reverse('archive_pack')}?{address}"))

    names = zipfile.ZipFile(io.BytesIO(taken)).namelist()
    assert [name for name in names if name.endswith("/記録.html")] == [f"0001_{one.number}/記録.html"]
    actions = [event.action for event in Event.objects.of_tenant(filled.tenant.pk)[:2]]
    assert actions == ["pack.taken", "archive.packed"]


def test_nothing_makes_no_pack_and_too_much_neither(auditor, monkeypatch):
    def refused(**asked):
        response = auditor.post(f"{reverse('archive_pack')}?{urlsplit(drawn(auditor, rule='all', **asked)).query}")
        return response.status_code, response.content.decode()

    assert "一式を作れません" in refused(title="ないもの")[1]
    monkeypatch.setattr(packing, "MOST_CASES", 5)
    status, page = refused()
    assert status == 409
    assert "5案件まで" in page


@pytest.mark.parametrize("term", [{"ends_date": -1}, {"starts_date": 1}], ids=["over", "not begun"])
def test_outside_the_term_an_auditor_reaches_nothing(filled, desk, term):
    user = factories.member(filled.tenant, Role.AUDITOR)
    client, today = desk(filled.tenant, user=user), timezone.localdate()
    assert client.get(reverse("archive")).status_code == 200

    days = {name: today + timedelta(days=days) for name, days in term.items()}
    Membership.unscoped.filter(user=user).update(**days)

    assert client.get(reverse("archive")).status_code == 403
    assert client.get(reverse("log")).status_code == 403
    assert exported(client).status_code == 403
    assert client.post(reverse("case_pack", args=[filled.case.pk])).status_code == 403
    assert get_user_model().objects.get(pk=user.pk).is_active


def test_an_auditor_keeps_an_own_password_and_a_second_factor_and_signs_out(filled, desk):
    user = factories.member(filled.tenant, Role.AUDITOR)
    client, new = desk(filled.tenant, user=user), "監査の新しい合言葉-2026"

    typed = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), typed).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert client.get(reverse("mfa_index")).status_code in {200, 302}
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get(reverse("archive")).status_code == 302

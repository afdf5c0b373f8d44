"""The draft as its drafter sees it: the front sheet, two people at once, uploads, the preview, the wording check."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from contracts.documents import render_contract
from contracts.forms.drafting import SheetForm, read_lines, shown, write_lines
from contracts.models import ContractKind, ContractVersion, Document, Purpose
from contracts.services.cases import amending
from contracts.services.signatures import ending
from contracts.services.versions import approving, comparing, drafting, linting, sheets
from contracts.states import VersionState
from contracts.terms import Payment
from tests import factories
from tests.contracts import paperwork
from tests.contracts.pages.conftest import user_of
from tests.signing import hostile
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(tosu: Story) -> ContractVersion:
    return drafting.draft(tosu.accepted().case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)


@pytest.fixture
def drafter(tosu: Story, desk) -> Client:
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def sheet(version: ContractVersion, **values: Any) -> dict[str, Any]:
    """Give what a browser sends when the form is sent as it was shown, with some fields typed anew."""
    known = {name: value for name, value in shown(sheets.sheet_of(version)).items() if value not in (None, ())}
    signatory = Membership.unscoped.get(user=version.signatory, role=Role.SIGNATORY)
    return known | {"edit_number": version.edit_number, "signatory": signatory.pk} | values


def text_of(response) -> str:
    return response.content.decode()


def add(version: ContractVersion, tosu: Story, content: bytes, title: str = "特記仕様書") -> Document:
    return drafting.add_document(
        version,
        actor=tosu.drafter,
        at=timezone.now(),
        kind="specification",
        title=title,
        content=content,
        filename="a.pdf",
    )


def test_a_contract_is_drafted_filled_and_submitted(tosu, drafter):
    tosu.accepted()
    chosen = Membership.unscoped.get(user=tosu.signatory, role=Role.SIGNATORY)
    began = drafter.post(reverse("case_draft", args=[tosu.case.pk]), {"signatory": chosen.pk})
    edit = reverse("version_edit", args=[tosu.version.pk])
    assert began["Location"] == edit
    assert "11,000,000" in text_of(drafter.get(edit))

    typed = {"amount": "１２，１００，０００円", "payments_0_when": "契約成立時", "payments_0_amount": "100万円"}
    assert "を金額として読めません" in text_of(drafter.post(edit, sheet(tosu.version, **typed)))
    typed |= {
        "payments_0_amount": "1,000,000",
        "special_terms": "週休2日とする。\n　ただし、盆休みを除く。\n騒音に注意する。",
    }
    assert drafter.post(edit, sheet(tosu.version, **typed)).status_code == 302
    upload = SimpleUploadedFile("特記仕様書.pdf", factories.pdf(2), content_type="application/pdf")
    drafter.post(
        reverse("document_add", args=[tosu.version.pk]),
        {"kind": "specification", "title": "特記仕様書", "file": upload},
    )
    drafter.post(reverse("version_submit", args=[tosu.version.pk]), {"edit_number": tosu.version.edit_number})

    saved = sheets.sheet_of(tosu.version)
    assert (saved.amount, saved.terms.payments) == (12_100_000, (Payment(when="契約成立時", amount=1_000_000),))
    assert saved.terms.special_terms == ("週休2日とする。\nただし、盆休みを除く。", "騒音に注意する。")
    page = text_of(drafter.get(reverse("case", args=[tosu.case.pk])))
    rows = Document.unscoped.filter(version=tosu.version).order_by("order")
    assert [each.title for each in rows] == ["工事請負契約書", "特記仕様書"]
    assert all(each.revisions.get(number=0).sha256 in page for each in rows)
    assert tosu.version.state == VersionState.IN_APPROVAL


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"work_ends_date": "令和0年3月1日"}, "令和は元年（1年）から始まります"),
        ({"work_ends_date": "R2.2.30"}, "という日付はありません"),
        ({"work_ends_date": "R2.2.1"}, "工期の終期が始期より前になっています"),
        ({"contract_date": "R2.4.1"}, "契約日を今日より前にすることはできません"),
        ({"amount": "-1"}, "金額は0円以上で書いてください"),
        ({"amount": "99999999999999999999"}, "金額の桁数が多すぎます"),
        ({"payments_0_when": "契約成立時"}, "ほかの欄と合わせて入力してください"),
        ({"payments_0_when": "引渡しの日", "payments_0_amount": "12,000,000"}, "契約金額11,000,000円を超えています"),
        ({"guarantee_kind": "cash"}, "契約保証金の額は、1円以上、契約金額以下"),
        ({"guarantee_kind": "bond", "guarantee_amount": "1,100,000"}, "契約保証金の額を空けてください"),
        ({"advance_percent": "50", "interim_percent": "60"}, "合計が100を超えています"),
        ({"place": "宿町\u202e"}, "文字の向きを変える文字"),
        ({"blanks": ["place"]}, "空欄にするか、内容を入力するか"),
        ({"signatory": ""}, "入力が必要"),
    ],
)
def test_what_cannot_be_agreed_is_refused_in_words_and_stays_typed(drafted, drafter, typed, said):
    page = drafter.post(reverse("version_edit", args=[drafted.pk]), sheet(drafted, days_off="第二土曜日", **typed))

    assert page.status_code == 422
    assert said in text_of(page)
    assert "第二土曜日" in text_of(page)
    drafted.refresh_from_db()
    assert drafted.edit_number == 0


def test_of_two_people_the_second_sees_both_values_and_saves_knowingly(tosu, drafted, drafter, desk):
    address = reverse("version_edit", args=[drafted.pk])
    colleague = desk(tosu.tenant, user=factories.member(tosu.tenant, Role.DRAFTER, name="先に保存した人"))
    before = sheet(drafted)
    colleague.post(address, before | {"amount": "12,100,000"})

    told = drafter.post(address, before | {"amount": "9,900,000"})

    assert told.status_code == 409
    page = text_of(told)
    for expected in ("まだ保存されていません", "12,100,000円", "9,900,000円", "先に保存した人"):
        assert expected in page
    assert tosu.version.amount == 12_100_000
    assert drafter.post(address, before | {"amount": "9,900,000", "edit_number": "1"}).status_code == 302
    assert tosu.version.amount == 9_900_000


def test_a_row_is_added_without_javascript_and_without_saving(drafted, drafter):
    typed = sheet(drafted, add="payments", payments_1_when="引渡しの日", days_off="日曜日", amount="まだ決まらない")
    before = written()

    page = drafter.post(reverse("version_edit", args=[drafted.pk]), typed)

    assert page.status_code == 200
    assert written() == before
    for expected in ('name="payments_2_when"', "引渡しの日", "日曜日", "まだ決まらない"):
        assert expected in text_of(page)
    assert "読めません" not in text_of(page)


def test_lines_are_kept_as_they_were_typed():
    texts = ("第1項\n続き", "第2項")

    assert read_lines(write_lines(texts)) == texts
    assert read_lines("　字下げで始まる\n\n  \nあ") == ("字下げで始まる", "あ")


def test_a_city_that_prints_the_day_asks_for_it(tosu, desk):
    factories.rule_set(tosu.tenant, deadline={"date_basis": "printed_date"})
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant)).accepted()
    version = drafting.draft(other.case, actor=other.drafter, at=timezone.now(), signatory=other.signatory)
    client, address = desk(tosu.tenant, user=user_of(tosu.drafter)), reverse("version_edit", args=[version.pk])

    assert client.post(address, sheet(version)).status_code == 422
    today = timezone.localdate()
    assert client.post(address, sheet(version, contract_date=today.isoformat())).status_code == 302


def test_the_clause_sets_are_those_of_the_cases_rules_in_effect(tosu, drafted):
    form = SheetForm(version=drafted, actor=tosu.drafter, today=timezone.localdate())
    assert [name for name, _ in form.fields["clause_set"].choices] == ["工事請負契約約款"]

    early = SheetForm(version=drafted, actor=tosu.drafter, today=timezone.localdate().replace(year=2020))
    assert [name for name, _ in early.fields["clause_set"].choices] == [drafted.clause_set]


def test_a_draft_is_seen_as_it_would_print_and_nothing_is_stored(drafted, drafter):
    before = written()

    page = drafter.get(reverse("version_preview", args=[drafted.pk]))
    image = drafter.get(reverse("preview_page", args=[drafted.pk, 1]))

    assert "工事請負契約書" in text_of(page)
    assert "金11,000,000円" in text_of(page)
    assert image.content.startswith(b"RIFF")
    assert image["Cache-Control"] == "no-store"
    assert drafter.get(reverse("preview_page", args=[drafted.pk, 99])).status_code == 404
    assert written() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空です"),
        (b"hello", "PDF"),
        (b"%PDF-1.7 broken", "PDF"),
        (factories.pdf(password="himitsu"), "パスワード"),
        (b"%PDF-1.7\n" + bytes(60 * 1024 * 1024), "1ファイルの上限は50MBです"),
    ],
    ids=["empty", "text", "broken", "encrypted", "60MB"],
)
def test_what_is_not_a_sound_pdf_is_refused_in_words(drafted, drafter, content, says):
    typed = {"kind": "specification", "title": "仕様書", "file": SimpleUploadedFile("a.pdf", content)}

    page = drafter.post(reverse("document_add", args=[drafted.pk]), typed)

    assert page.status_code == 422
    assert says in text_of(page)
    assert not Document.unscoped.filter(version=drafted).exists()


def test_a_file_over_the_limit_is_refused_and_the_limit_named(tosu, drafted, drafter):
    tosu.tenant.max_file_bytes = 1024 * 1024
    tosu.tenant.save()
    content = b"%PDF-" + b"0" * 1024 * 1024
    typed = {"kind": "specification", "title": "仕様書", "file": SimpleUploadedFile("a.pdf", content)}

    page = drafter.post(reverse("document_add", args=[drafted.pk]), typed)

    assert page.status_code == 422
    assert "1ファイルの上限は1MBです" in text_of(page)


def test_an_upload_that_was_put_in_order_says_so_with_both_fingerprints(tosu, drafted, drafter):
    content = hostile.pdf(hostile.opening_script)
    typed = {"kind": "specification", "title": "特記仕様書", "file": SimpleUploadedFile("a.pdf", content)}

    draft = text_of(drafter.post(reverse("document_add", args=[drafted.pk]), typed, follow=True))

    document = Document.unscoped.get(version=drafted)
    page = text_of(drafter.get(reverse("document", args=[document.pk])))
    assert "整えて受け付けました" in draft
    for shown_there in (draft, page):
        assert "自動で動く仕掛け（スクリプト）を取り除きました。" in shown_there
        assert sha256(content).hexdigest() in shown_there
        assert document.revisions.get().sha256 in shown_there


def test_what_was_put_in_order_can_be_taken_back(tosu, drafted, drafter):
    document = add(drafted, tosu, hostile.pdf(hostile.opening_script))

    page = drafter.post(reverse("document_remove", args=[document.pk]), follow=True)

    assert "整えたこと" not in text_of(page)


def test_an_upload_is_taken_out_again_and_shown_to_nobody(tosu, drafted, drafter):
    wrong = add(drafted, tosu, factories.pdf(), "古い図面")

    drafter.post(reverse("document_remove", args=[wrong.pk]))

    assert "古い図面" not in text_of(drafter.get(reverse("version_edit", args=[drafted.pk]), follow=True)).replace(
        "「古い図面」を起案から外しました。", ""
    )
    assert drafter.get(reverse("document", args=[wrong.pk])).status_code == 404


def test_uploads_change_places_by_buttons_and_the_second_of_two_people_is_told(tosu, drafted, drafter):
    plan, _ = add(drafted, tosu, factories.pdf(), "図面"), add(drafted, tosu, factories.pdf(2), "特記仕様書")
    page, address = reverse("version_edit", args=[drafted.pk]), reverse("document_move", args=[plan.pk])
    shown = text_of(drafter.get(page))
    assert [shown.count(f'name="to" value="{way}"') for way in ("up", "down")] == [1, 1]

    moved = drafter.post(address, {"to": "down", "edit_number": 0})
    late = drafter.post(address, {"to": "up", "edit_number": 0})

    assert moved["Location"] == f"{page}#documents"
    html = text_of(drafter.get(page))
    assert html.index("特記仕様書") < html.index("図面")
    assert late.status_code == 409
    assert "他の職員が先に保存しました" in text_of(late)


def test_the_two_copies_of_an_upload_are_found_with_document_and_page(tosu, drafted, drafter):
    term = "本書2通を作成し、発注者及び受注者が記名押印の上、各自1通を保有する。"
    old = replace(paperwork.CONTRACT, conditions=paperwork.with_terms(special_terms=(term,)))
    content = render_contract(old)
    number = next(n for n, text in enumerate(paperwork.pages_of(content), start=1) if "本書2通" in text)
    add(drafted, tosu, content, "昔の契約書")

    page = text_of(drafter.get(reverse("version_findings", args=[drafted.pk])))
    part = text_of(drafter.get(reverse("version_findings", args=[drafted.pk]), headers={"HX-Request": "true"}))

    assert f"昔の契約書 {number}ページ" in page
    assert "本書2通を作成し" in page
    assert "工事請負契約書 1ページ" not in page
    assert "<html" not in part
    assert f"昔の契約書 {number}ページ" in part


def test_only_the_first_pages_of_a_long_upload_are_read_and_that_is_said(tosu, drafted, monkeypatch):
    monkeypatch.setattr(linting, "MOST_PAGES", 2)
    add(drafted, tosu, factories.pdf(3), "長い図面")

    found = linting.examine(drafted, at=timezone.now())

    assert "長い図面" in found.unread


def test_a_returned_draft_goes_on_as_the_next_version_and_says_what_changed(tosu, drafted, drafter):
    add(drafted, tosu, factories.pdf(2))
    drafting.submit(drafted, actor=tosu.drafter, at=timezone.now())
    approving.return_(drafted, actor=tosu.approver, at=timezone.now(), reason="前払金をご確認ください。")
    page = text_of(drafter.get(reverse("case", args=[tosu.case.pk])))
    assert "前払金をご確認ください。" in page
    assert "内容を引き継いで起案し直す" in page
    assert "第1版の内容を引き継ぎます" in text_of(drafter.get(reverse("case_draft", args=[tosu.case.pk])))
    chosen = Membership.unscoped.get(user=tosu.signatory, role=Role.SIGNATORY)

    drafter.post(reverse("case_draft", args=[tosu.case.pk]), {"signatory": chosen.pk})
    again = tosu.version
    typed = sheet(again, advance_percent="30", amount="12,100,000", work_ends_date=again.work_ends_date + timedelta(30))
    drafter.post(reverse("version_edit", args=[again.pk]), typed)

    compared = text_of(drafter.get(reverse("version_compare", args=[again.pk])))
    for expected in ("11,000,000円", "12,100,000円", "30日延長", "前払金の割合", "第1版（差戻し）"):
        assert expected in compared
    kept = next(each for each in comparing.compared(drafted, again).documents if each.title == "特記仕様書")
    assert kept.state == "same"


def test_the_first_version_has_nothing_to_be_compared_with(drafted, drafter):
    assert "比べる版はありません" in text_of(drafter.get(reverse("version_compare", args=[drafted.pk])))


def test_a_discarded_draft_is_told_and_offered_again(tosu, drafted, drafter):
    page = text_of(drafter.post(reverse("version_discard", args=[drafted.pk]), follow=True))

    assert "起案を取り止めました" in page
    assert "契約書をもう一度起案してください" in page


def test_a_version_that_is_no_draft_any_more_says_so(tosu, drafter):
    tosu.sent()

    page = drafter.get(reverse("version_edit", args=[tosu.version.pk]))

    assert page.status_code == 409
    assert "この版の起案は終わっています" in text_of(page)
    assert drafter.get(reverse("version_preview", args=[tosu.version.pk])).status_code == 302


def test_an_amendment_is_compared_with_the_contract_in_force(tosu, drafter):
    tosu.concluded()
    version = amending.amend(
        tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory, reason="設計変更のため。"
    )
    nothing = drafter.get(reverse("version_preview", args=[version.pk]))
    assert nothing.status_code == 409
    assert "変更する条件がありません" in text_of(nothing)

    drafter.post(reverse("version_edit", args=[version.pk]), sheet(version, amount="13,200,000"))

    page = text_of(drafter.get(reverse("version_compare", args=[version.pk])))
    assert "当初契約 第1版（締結済）" in page
    assert "13,200,000円" in page
    assert "増額" in text_of(drafter.get(reverse("version_preview", args=[version.pk])))
    case = text_of(drafter.get(reverse("case", args=[tosu.case.pk])))
    assert case.index("第1回変更契約") < case.index('id="contract-')
    for expected in ("当初契約", "落札から締結まで", "節約した印紙税"):
        assert expected in case


def test_a_correction_asks_for_its_slips_alone(tosu, drafter):
    tosu.concluded()
    version = amending.amend(
        tosu.case,
        actor=tosu.drafter,
        at=timezone.now(),
        signatory=tosu.signatory,
        reason="誤記のため。",
        kind=ContractKind.CORRECTION,
    )
    address = reverse("version_edit", args=[version.pk])
    assert 'name="amount"' not in text_of(drafter.get(address))
    slip = {"corrections_0_item": "工事場所", "corrections_0_wrong": "宿町", "corrections_0_right": "元町"}
    known = {name: value for name, value in sheet(version).items() if name in ("edit_number", "signatory", "reason")}

    assert drafter.post(address, known | slip | {"corrections_0_right": ""}).status_code == 422
    assert drafter.post(address, known | slip).status_code == 302

    saved = sheets.sheet_of(tosu.version)
    assert (saved.terms.corrections[0].right, saved.amount) == ("元町", tosu.case.amount)
    assert "元町" in text_of(drafter.get(reverse("version_preview", args=[version.pk])))


def test_a_declined_request_is_told_and_taken_over(tosu, drafter):
    tosu.sent()
    holder = tosu.holder(Purpose.SIGN)
    ending.decline(tosu.step(1), actor=holder, at=timezone.now(), reason="金額が違います。")

    page = text_of(drafter.get(reverse("case", args=[tosu.case.pk])))

    assert "第1版は却下となりました。理由: 金額が違います。" in page
    assert "内容を引き継いで起案し直す" in page

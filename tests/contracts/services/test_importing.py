"""Files of rows: a dry run says what each would do, then all of it happens at once, or nothing."""

import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Case, Contractor, ImportKind
from contracts.services.editing import Overtaken
from contracts.services.register import enlisting, importing
from contracts.services.register.import_rows import digest
from contracts.services.register.importing import ImportRefused
from contracts.states import ImportState
from tests import factories

pytestmark = pytest.mark.django_db
HEAD = "登録番号,商号又は名称,委任先の支店等,住所,代表者の役職,代表者名,メールアドレス,電話番号"
CASES = "工事番号,工事名,区分,調達方法,公告日,落札日,落札者の登録番号,落札者,請負代金額,工期の始期,工期の終期,担当課"


@pytest.fixture
def tosu(db):
    return factories.city("tosu")


@pytest.fixture
def clerk(tosu):
    return factories.staff(tosu, Role.DRAFTER)


def firm_row(number, name=None, *, branch="", address="鳥栖市宿町1", email="a@firm.example.jp", phone="") -> str:
    return f"{number},{name or f'㈱髙﨑{number}組'},{branch},{address},代表取締役,髙﨑　𠮷男,{email},{phone}"


def case_row(number="鳥工1", *, firm="", name="", amount="１１，０００，０００円", **dates) -> str:
    days = {"announced": "令和8年3月2日", "awarded": "R8.3.6", "starts": "2026/4/10", "ends": "2026年10月末"} | dates
    return (
        f"{number},市道改良工事,建設工事,open_tender,{days['announced']},{days['awarded']},{firm},{name},"
        f'"{amount}",{days["starts"]},{days["ends"]},建設課'
    )


def preview(clerk, *rows, head=HEAD, kind=ImportKind.REGISTER):
    content = "\r\n".join([head, *rows]).encode()
    return importing.preview(actor=clerk, at=timezone.now(), kind=kind, name="名簿.csv", content=content)


def preview_cases(clerk, *rows, head=CASES):
    return preview(clerk, *rows, head=head, kind=ImportKind.CASES)


def apply(job, clerk):
    return importing.apply(job, actor=clerk, at=timezone.now(), seen=digest(job.report))


def outcomes(job) -> list[tuple[int, str]]:
    return [(row["line"], row["outcome"]) for row in job.report["rows"]]


def reasons(job) -> list[str]:
    return [f"{label}: {why}" for row in job.report["rows"] for label, why in row["problems"]]


def test_the_dry_run_tells_new_changed_same_and_refused_rows_and_writes_nothing(tosu, clerk):
    factories.contractor(
        tosu, name="㈱髙﨑1組", registration_number="1", address="鳥栖市宿町1", email="a@firm.example.jp"
    )
    Contractor.unscoped.filter(registration_number="1").update(phone="")
    factories.contractor(tosu, name="旧名", registration_number="2", address="鳥栖市宿町1")

    job = preview(clerk, firm_row("1"), firm_row("2"), firm_row("3"), firm_row("4", "=1+1"))

    assert job.report["counts"] == {"new": 1, "changed": 1, "same": 1, "refused": 1}
    assert outcomes(job) == [(2, "same"), (3, "changed"), (4, "new"), (5, "refused")]
    assert ["商号又は名称", "旧名", "㈱髙﨑2組"] in job.report["rows"][1]["changes"]
    assert reasons(job)[0].startswith("商号又は名称: 「=」で始まる値は")
    assert Contractor.unscoped.count() == 2
    assert job.state == ImportState.PREVIEWED


def test_taking_in_writes_the_good_rows_in_one_go_and_says_so_in_the_log(tosu, clerk):
    old = factories.contractor(tosu, name="旧名", registration_number="2", address="鳥栖市宿町1")
    case = factories.case(tosu, contractor=old)
    job = preview(clerk, firm_row("2"), firm_row("3"), firm_row("4", email="だめ"))

    job = apply(job, clerk)

    assert job.state == ImportState.APPLIED
    old.refresh_from_db()
    case.refresh_from_db()
    assert (old.name, old.edit_number) == ("㈱髙﨑2組", 1)
    assert "高崎2組" in case.search_key
    assert Contractor.unscoped.get(registration_number="3").name_key == "高崎3組 3"
    assert not Contractor.unscoped.filter(registration_number="4").exists()
    event = Event.objects.latest("seq")
    assert event.action == "import.applied"
    assert json.loads(event.data)["report_sha256"] == digest(job.report)


def test_the_same_file_again_changes_nothing(clerk):
    apply(preview(clerk, firm_row("1"), firm_row("", "無番建設")), clerk)

    again = preview(clerk, firm_row("1"), firm_row("", "無番建設"))

    assert again.report["counts"] == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    with pytest.raises(ImportRefused, match="取り込む行がありません"):
        apply(again, clerk)


def test_a_register_that_changed_between_the_dry_run_and_the_taking_in_is_shown_again(tosu, clerk):
    job = preview(clerk, firm_row("1"))
    seen = digest(job.report)
    factories.contractor(tosu, name="先に登録", registration_number="1")

    job = importing.apply(job, actor=clerk, at=timezone.now(), seen=seen)

    assert job.state == ImportState.PREVIEWED
    assert job.report["counts"]["changed"] == 1
    assert Contractor.unscoped.get().name == "先に登録"
    assert apply(job, clerk).state == ImportState.APPLIED


def test_an_edit_form_that_was_open_during_the_import_is_overtaken(clerk):
    apply(preview(clerk, firm_row("1")), clerk)
    firm = Contractor.unscoped.get()
    apply(preview(clerk, firm_row("1", phone="0942")), clerk)

    with pytest.raises(Overtaken, match="他の職員が先に"):
        enlisting.correct(firm, actor=clerk, at=timezone.now(), edit_number=0, phone="0952")


def test_doubles_within_the_file_name_both_lines(clerk):
    job = preview(
        clerk, firm_row("1"), firm_row("2"), firm_row("1", "別名"), firm_row("3", "双子"), firm_row("4", "双子")
    )

    assert outcomes(job) == [(2, "refused"), (3, "new"), (4, "refused"), (5, "refused"), (6, "refused")]
    assert reasons(job)[:2] == [
        "行全体: 同じ登録番号が4行目にもあります。",
        "行全体: 同じ登録番号が2行目にもあります。",
    ]
    assert "6行目" in reasons(job)[2]


def test_two_rows_that_lead_to_one_entry_are_refused(tosu, clerk):
    factories.contractor(tosu, name="一社", registration_number="1", address="鳥栖市宿町1")

    job = preview(clerk, firm_row("1", "改名後"), firm_row("", "一社", address="鳥栖市宿町2"))

    assert [outcome for _, outcome in outcomes(job)] == ["refused", "refused"]
    assert "3行目と同じ登録を指しています" in reasons(job)[0]


def test_rows_that_may_be_any_of_several_entries_or_take_anothers_place_are_refused(tosu, clerk):
    for address in ("甲町", "乙町"):
        factories.contractor(tosu, name="同名", address=address)
    factories.contractor(tosu, name="一社", registration_number="1", address="鳥栖市宿町1")
    factories.contractor(tosu, name="JV", address="鳥栖市宿町1", is_joint_venture=True)

    job = preview(clerk, firm_row("", "同名", address="丙町"), firm_row("9", "一社"), firm_row("", "JV"))

    told = reasons(job)
    assert "同じ名称の登録が2件あり" in told[0]
    assert "登録番号の違う事業者と" in told[1]
    assert "共同企業体として登録されています" in told[2]


def test_nothing_is_imported_when_the_header_is_wrong(clerk):
    with pytest.raises(ImportRefused) as refused:
        preview(clerk, firm_row("1"), head=HEAD.replace("住所", "所在地"))

    assert refused.value.problems == ("見出しに足りない列があります: 住所。", "見出しに知らない列があります: 所在地。")


def test_ten_thousand_rows_with_one_bad_one_take_a_handful_of_queries(clerk):
    rows = [firm_row(str(number)) for number in range(10_000)]
    rows[5_000] = firm_row("5000", "悪\u202e意")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        job = preview(clerk, *rows)

    assert job.report["counts"] == {"new": 9_999, "changed": 0, "same": 0, "refused": 1}
    assert reasons(job) == ["商号又は名称: 2文字目に、名前には使えない文字の向きを変える文字（U+202E）があります。"]
    assert job.report["rows"][5_000]["line"] == 5_002
    assert len(asked) < 30
    with CaptureQueriesContext(connection) as asked:
        assert apply(job, clerk).state == ImportState.APPLIED
    assert len(asked) < 60
    assert Contractor.unscoped.count() == 9_999


def test_a_file_is_taken_in_or_given_up_once(clerk):
    job = preview(clerk, firm_row("1"))
    importing.discard(job, actor=clerk, at=timezone.now())

    with pytest.raises(ImportRefused, match="すでに取りやめです"):
        apply(job, clerk)
    assert not Contractor.unscoped.exists()


def test_only_those_who_keep_the_register_or_the_cases_may_import(tosu):
    administrator = factories.staff(tosu, Role.ADMINISTRATOR)
    assert preview(administrator, firm_row("1")).pk

    with pytest.raises(PermissionDenied):
        preview(factories.staff(tosu, Role.AUDITOR), firm_row("1"))
    with pytest.raises(PermissionDenied):
        preview_cases(administrator, case_row())


def test_a_risky_address_is_only_remarked_on(clerk):
    job = preview(clerk, firm_row("1", email="firm@gmail.com"))

    assert job.report["counts"]["new"] == 1
    assert "だれでも取れる" in job.report["rows"][0]["notes"][0]


def test_cases_are_judged_in_the_dry_run_and_registered_with_their_deadline(tosu, clerk):
    factories.contractor(tosu, name="㈱髙﨑建設", registration_number="第1号")
    job = preview_cases(
        clerk,
        case_row("鳥工1", firm="第1号"),
        case_row("鳥工2", name="株式会社 高崎建設", starts="2027年4月1日", ends="R9.9.30"),
    )
    assert outcomes(job) == [(2, "new"), (3, "new")], reasons(job)
    assert job.report["rows"][0]["notes"][1].startswith("対象: ")
    assert "契約締結期限 令和8年3月11日" in job.report["rows"][0]["notes"][2]
    assert job.report["rows"][1]["notes"][0] == "落札者 ㈱髙﨑建設（第1号）・11,000,000円"
    assert job.report["rows"][1]["notes"][1].startswith("対象外: 4月1日履行開始分")

    apply(job, clerk)

    case = Case.unscoped.get(number="鳥工1")
    assert (case.amount, case.awarded_date, case.work_ends_date) == (11_000_000, date(2026, 3, 6), date(2026, 10, 31))
    assert case.conclusion_deadline_date == date(2026, 3, 11)
    assert case.search_key == "鳥工1 市道改良工事 高崎建設"
    assert Event.objects.of_thread(tosu.pk, case.thread).get().action == "case.registered"
    assert preview_cases(clerk, case_row("鳥工1", firm="第1号")).report["counts"]["same"] == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (case_row(firm="第1号", awarded="令和0年3月6日"), "落札日: "),
        (case_row(firm="第1号", awarded="2026/2/30"), "という日付はありません"),
        (case_row(firm="第1号", starts="R8.11.1"), "工期の終期が始期より前"),
        (case_row(firm="第1号", awarded="R8.3.1"), "落札日が公告日より前"),
        (case_row(firm="第1号", amount="-1"), "0円以上"),
        (case_row(firm="第1号", amount="0"), "1円以上"),
        (case_row(firm="第1号", amount="9" * 20), "桁数が多すぎます"),
        (case_row(firm="第9号"), "登録番号「第9号」の事業者は名簿にありません"),
        (case_row(firm="第1号", name="別の会社"), "「別の会社」ではありません"),
        (case_row(name="知らない会社"), "名簿にありません"),
        (case_row(name="双子建設"), "2者あります: 双子建設（甲町）、双子建設（乙町）。"),
        (case_row(name="休業建設"), "登録が停止されています"),
        (case_row(), "落札者の登録番号か、落札者の名称を"),
        (case_row(firm="第1号").replace("建設課", "無い課"), "「無い課」という課はありません"),
        (case_row(firm="第1号").replace("建設工事", "宇宙工事"), "「宇宙工事」は規程にありません"),
        (case_row("=1", firm="第1号"), "「=」で始まる値は"),
    ],
)
def test_a_bad_row_of_a_case_is_refused_with_its_reason(tosu, clerk, row, why):
    factories.contractor(tosu, name="㈱髙﨑建設", registration_number="第1号")
    factories.contractor(tosu, name="双子建設", address="甲町")
    factories.contractor(tosu, name="双子建設", address="乙町")
    factories.contractor(tosu, name="休業建設", active=False)

    job = preview_cases(clerk, row)

    assert job.report["counts"]["refused"] == 1
    assert why in "".join(reasons(job))


def test_a_number_that_is_taken_by_another_case_is_refused_and_the_difference_named(tosu, clerk):
    firm = factories.contractor(tosu, name="㈱髙﨑建設", registration_number="第1号")
    factories.case(tosu, number="鳥工1", contractor=firm, title="別の工事")

    job = preview_cases(clerk, case_row("鳥工1", firm="第1号"), case_row("鳥工2", firm="第1号"))

    assert "工事名（登録済: 別の工事 / ファイル: 市道改良工事）" in reasons(job)[0]
    assert apply(job, clerk).state == ImportState.APPLIED
    assert Case.unscoped.get(number="鳥工1").title == "別の工事"


def test_council_and_exclusions_are_read_by_the_rules_words(tosu, clerk):
    firm = factories.contractor(tosu, name="㈱髙﨑建設", registration_number="第1号")
    head, row = f"{CASES},議会の議決,対象外の事由", f"{case_row(firm='第1号')},要,"

    job = preview_cases(clerk, row, head=head)

    assert job.report["counts"]["new"] == 1, reasons(job)
    assert apply(job, clerk)
    assert Case.unscoped.get(contractor=firm).needs_council

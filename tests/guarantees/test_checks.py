"""A certificate is compared with its contract line by line, and every line that does not fit says why."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.rules import checks, lines, marking, papers
from guarantees.rules.expected import Clauses, Expected, Namesake
from guarantees.rules.lines import Finding, Line
from guarantees.rules.shown import Seal, Shown

STARTS, ENDS, TODAY = date(2026, 3, 15), date(2026, 9, 30), date(2026, 4, 1)
EXPECTED = Expected(
    type="contract",
    type_label="契約保証",
    number="2070202096",
    city="鳥栖市",
    beneficiaries=("鳥栖市長", "鳥栖市", "鳥栖市長　向門　慶人"),
    applicants=("株式会社髙﨑𠮷建設",),
    institution="西日本建設業保証株式会社",
    seal_name="Mihon Hosho K.K.",
    institutions=("西日本建設業保証株式会社", "東日本建設業保証株式会社"),
    work_title="市道〇〇線道路改良工事",
    price=100_000_000,
    minimum=10_000_000,
    maximum=None,
    work_from=STARTS,
    work_until=ENDS,
    contracted_date=date(2026, 3, 10),
    today=TODAY,
)
NOTICE = NoticeFacts(
    type="contract",
    number="2070202096",
    work_title="市道〇〇線道路改良工事",
    orderer="鳥栖市長",
    guarantor="西日本建設業保証株式会社",
)
CERTIFICATE = CertificateFacts(
    title="保証証書（契約保証）",
    type="contract",
    issued_date=date(2026, 3, 9),
    number="2070202096",
    applicant_name="㈱髙﨑𠮷建設",
    beneficiary="鳥栖市長 様",
    amount=10_000_000,
    guaranteed_from=date(2026, 3, 10),
    guaranteed_until=ENDS,
    work_from=STARTS,
    work_until=ENDS,
    work_title="市道○○線　道路改良工事",
    price=100_000_000,
    guarantor="西日本建設業保証（株）佐賀支店",
)


def compared(expected: Expected = EXPECTED, *, notice: NoticeFacts = NOTICE, **read: object) -> dict[str, Line]:
    found = checks.compare(notice, replace(CERTIFICATE, **read), expected)
    return {line.name: line for line in found}


def test_a_fitting_certificate_fits_on_every_line():
    found = compared()

    assert {line.outcome for line in found.values()} == {Finding.FITS}
    assert list(found) == [
        "type",
        "number",
        "beneficiary",
        "applicant_name",
        "guarantor",
        "work_title",
        "price",
        "amount",
        "guaranteed_until",
        "work_until",
        "issued_date",
        "changed",
    ]
    assert found["work_title"].to_dict() == {
        "name": "work_title",
        "subject": "工事名",
        "outcome": "fits",
        "label": "適合",
        "text": "契約の工事名と一致しています。",
        "notice": "市道〇〇線道路改良工事",
        "read": "市道○○線　道路改良工事",
        "expected": "市道〇〇線道路改良工事",
        "by_eye": False,
    }


def test_short_by_one_yen_is_short_and_says_so():
    line = compared(amount=9_999_999)["amount"]

    assert line.outcome is Finding.SHORT
    assert line.text == "必要な額 10,000,000円 に 1円 足りません。"
    assert (line.read, line.expected) == ("9,999,999円", "10,000,000円以上")
    assert not lines.passes(compared(amount=9_999_999).values())


@given(amount=st.integers(1, 10**12), minimum=st.integers(1, 10**12))
def test_an_amount_fits_exactly_from_the_least_yen_on(amount, minimum):
    line = compared(replace(EXPECTED, minimum=minimum), amount=amount)["amount"]

    assert (line.outcome is Finding.FITS) == (amount >= minimum)
    assert amount >= minimum or f"に {minimum - amount:,}円 足りません" in line.text


def test_one_yen_above_the_limit_of_an_advance_is_for_a_person_to_decide():
    line = compared(replace(EXPECTED, minimum=1, maximum=40_000_000), amount=40_000_001)["amount"]

    assert (line.outcome, line.text) == (Finding.UNSURE, "上限 40,000,000円 を 1円 超えています。")
    assert line.expected == "40,000,000円以下"


@pytest.mark.parametrize(
    "written",
    ["鳥栖市長", "鳥栖市", "鳥栖市　長 殿", "佐賀県鳥栖市長", "鳥栖市長　向門　慶人 様", "鳥栖市 御中"],
)
def test_the_city_may_be_named_in_the_ways_people_name_it(written):
    assert compared(beneficiary=written)["beneficiary"].outcome is Finding.FITS


@pytest.mark.parametrize("stranger", ["臼杵市長 様", "佐賀県知事", "大分県臼杵市長", "近畿地方整備局 様", "国土交通省"])
def test_a_certificate_for_another_body_is_short(stranger):
    line = compared(beneficiary=stranger)["beneficiary"]

    assert line.outcome is Finding.SHORT
    assert line.text == f"証書の被保証者が「{stranger}」です。鳥栖市あての証書ではありません。"


def test_a_notice_for_another_body_is_short_even_before_the_certificate_is_read():
    line = compared(notice=replace(NOTICE, orderer="臼杵市長"), beneficiary=None)["beneficiary"]

    assert line.outcome is Finding.SHORT
    assert line.text == "お知らせの発注者が「臼杵市長」です。鳥栖市あての証書ではありません。"


@pytest.mark.parametrize("written", ["鳥栖市水道事業管理者", "向門　慶人", "鳥栖市契約担当者"])
def test_a_name_that_may_be_the_city_is_shown_to_a_person(written):
    line = compared(beneficiary=written)["beneficiary"]

    assert line.outcome is Finding.UNSURE
    assert "鳥栖市のことか、ご確認ください" in line.text


@pytest.mark.parametrize("title", ["県道〇〇線道路改良工事", "市道〇〇線道路改良工事（第２工区）"])
def test_another_title_is_shown_to_a_person_and_never_refused(title):
    found = compared(work_title=title)

    assert found["work_title"].outcome is Finding.UNSURE
    assert found["work_title"].text == "証書の工事名が契約と異なります。別の工事の保証ではないか、ご確認ください。"
    assert lines.passes(found.values())
    assert [line.name for line in lines.unsure(found.values())] == ["work_title"]


def test_both_papers_that_name_another_work_are_named():
    other = "△△トンネル工事"
    line = compared(notice=replace(NOTICE, work_title=other), work_title=other)["work_title"]

    assert "証書とお知らせの工事名が契約と異なります" in line.text


def test_a_certificate_of_another_institution_is_short_and_says_which_it_is():
    known = compared(guarantor="東日本建設業保証株式会社")["guarantor"]
    unknown = compared(guarantor="見本損害保険株式会社")["guarantor"]

    assert known.outcome is unknown.outcome is Finding.SHORT
    assert known.text == "証書の保証機関は、登録された西日本建設業保証株式会社ではありません。"
    assert unknown.text == "証書の「見本損害保険株式会社」は、鳥栖市が電子保証を受け付ける保証機関ではありません。"


def test_a_certificate_for_another_firm_is_shown_to_a_person():
    line = compared(applicant_name="株式会社別の建設")["applicant_name"]

    assert (line.outcome, line.expected) == (Finding.UNSURE, "株式会社髙﨑𠮷建設")
    assert "同じ会社か、ご確認ください" in line.text


@pytest.mark.parametrize("paper", ["証書", "お知らせ"])
def test_a_paper_of_another_number_is_short(paper):
    other = "2070004426"
    found = compared(number=other) if paper == "証書" else compared(notice=replace(NOTICE, number=other))

    assert found["number"].outcome is Finding.SHORT
    assert found["number"].text.startswith(f"{paper}の番号が、提出された番号と異なります。")


def test_a_number_that_secures_another_work_is_short_and_names_it():
    line = compared(replace(EXPECTED, namesakes=(Namesake("△△トンネル工事", "前払金保証"),)))["number"]

    assert line.outcome is Finding.SHORT
    assert line.text == "この番号は、△△トンネル工事の前払金保証としてすでに登録されています。"


def test_a_released_guarantee_secures_nothing_again():
    released = Namesake("△△トンネル工事", "契約保証", is_released=True)
    line = compared(replace(EXPECTED, namesakes=(released,)))["number"]

    assert line.outcome is Finding.SHORT
    assert line.text == "この番号の保証（△△トンネル工事の契約保証）は、すでに返還・解除されています。"


@pytest.mark.parametrize("paper", ["証書", "お知らせ"])
def test_a_paper_of_another_type_is_short(paper):
    found = compared(type="advance") if paper == "証書" else compared(notice=replace(NOTICE, type="advance"))

    assert found["type"].outcome is Finding.SHORT
    assert found["type"].text == f"{paper}は前払金保証のものです。契約保証の証書が要ります。"


@given(days=st.integers(-100, 400))
def test_a_period_fits_exactly_when_it_reaches_the_end_of_the_work(days):
    line = compared(guaranteed_until=ENDS + timedelta(days=days))["guaranteed_until"]

    assert line.outcome is (Finding.FITS if days >= 0 else Finding.SHORT)
    assert days >= 0 or line.text == f"工期の終わりに {-days}日 足りません。"


def test_a_period_that_is_over_says_when_it_ended():
    line = compared(guaranteed_until=date(2026, 3, 31))["guaranteed_until"]

    assert (line.outcome, line.text) == (Finding.SHORT, "保証期間は令和8年3月31日に終わっています。")
    assert compared(guaranteed_until=TODAY)["guaranteed_until"].text.startswith("工期の終わりに")


def test_a_period_follows_a_work_that_was_prolonged_and_needs_no_new_certificate():
    prolonged = replace(EXPECTED, work_until=date(2026, 12, 28), earlier_ends=(ENDS,), today=date(2026, 11, 1))
    found = compared(prolonged)

    assert found["guaranteed_until"].outcome is found["work_until"].outcome is Finding.FITS
    assert "変更の証書は要りません" in found["guaranteed_until"].text
    assert compared(prolonged, guaranteed_until=date(2026, 9, 29))["guaranteed_until"].outcome is Finding.SHORT


def test_a_period_of_a_guarantor_who_does_not_follow_the_work_is_short():
    insurer = replace(EXPECTED, work_until=date(2026, 12, 28), earlier_ends=(ENDS,), follows_work=False)

    assert compared(insurer)["guaranteed_until"].text == "工期の終わりに 89日 足りません。"


def test_a_contract_guarantee_that_starts_after_the_contract_is_shown_to_a_person():
    late = date(2026, 3, 12)

    assert compared(guaranteed_from=late)["guaranteed_until"].text.startswith("契約の日の 2日後 から始まっています。")
    advance = compared(replace(EXPECTED, type="advance", minimum=1), type="advance", guaranteed_from=late)
    assert advance["guaranteed_until"].outcome is Finding.FITS


def test_another_price_is_shown_to_a_person_with_the_difference():
    less, more = compared(price=99_999_999)["price"], compared(price=100_000_001)["price"]
    before = compared(replace(EXPECTED, earlier_prices=(90_000_000,)), price=90_000_000)["price"]

    assert less.outcome is more.outcome is before.outcome is Finding.UNSURE
    assert less.text == "契約より 1円 少ない額です。証書をご確認ください。"
    assert more.text == "契約より 1円 多い額です。証書をご確認ください。"
    assert before.text == "契約より 10,000,000円 少ない額です。変更前の請負代金額の証書です。"


def test_other_days_of_work_are_shown_to_a_person():
    assert compared(work_until=date(2026, 9, 29))["work_until"].outcome is Finding.UNSURE
    assert compared(work_from=date(2026, 3, 16))["work_until"].outcome is Finding.UNSURE


def test_a_certificate_from_tomorrow_is_shown_to_a_person():
    assert compared(issued_date=TODAY)["issued_date"].outcome is Finding.FITS
    assert compared(issued_date=TODAY + timedelta(1))["issued_date"].outcome is Finding.UNSURE


def test_a_change_certificate_is_expected_exactly_when_a_guarantee_is_changed():
    change = replace(EXPECTED, is_change=True)

    assert compared()["changed"].outcome is compared(change, changed=True)["changed"].outcome is Finding.FITS
    assert compared(change)["changed"].text.startswith("（変更）の表示がありません。")
    assert compared(changed=True)["changed"].text.startswith("（変更）の証書です。")


@pytest.mark.parametrize(
    ("clauses", "outcome", "said"),
    [
        (Clauses(name="約款", effective_date=date(2025, 4, 1), electronic=True), Finding.FITS, "使える約款です"),
        (Clauses(name="約款", electronic=False), Finding.SHORT, "「約款」には、電磁的方法による"),
        (
            Clauses(
                name="約款(令和6年)",
                effective_date=date(2024, 4, 1),
                electronic=True,
                required_name="約款(令和7年)",
                required_date=date(2025, 4, 1),
            ),
            Finding.SHORT,
            "（約款(令和7年)）より前のものです",
        ),
        (Clauses(required_name="約款(令和7年)"), Finding.UNSURE, "契約書でご確認ください"),
        (Clauses(required_name="約款(令和7年)", seen=True), Finding.FITS, "受付のときに"),
    ],
)
def test_the_general_terms_must_let_a_certificate_be_deposited_electronically(clauses, outcome, said):
    line = compared(replace(EXPECTED, clauses=clauses))["clauses"]

    assert line.outcome is outcome
    assert said in line.text


def test_nothing_that_was_not_read_fits():
    empty = checks.compare(NoticeFacts(), CertificateFacts(changed=False), EXPECTED)
    unsure = [line for line in empty if line.outcome is Finding.UNSURE]
    blank = [line for line in empty if line.outcome is Finding.BLANK]

    assert {line.name for line in unsure} == {
        "type",
        "number",
        "beneficiary",
        "work_title",
        "amount",
        "guaranteed_until",
    }
    assert {line.text for line in unsure} == {lines.UNREAD}
    assert {line.name for line in blank} == {"applicant_name", "guarantor", "price", "work_until", "issued_date"}
    assert [line.name for line in empty if line not in unsure + blank] == ["changed"]


def test_an_advance_has_its_base_and_its_bank_on_lines_of_their_own():
    advance = replace(EXPECTED, type="advance", minimum=1, maximum=40_000_000)
    found = compared(advance, type="advance", base_price=90_000_000, deposit_bank="見本銀行　見本支店")

    assert (found["base_price"].outcome, found["base_price"].read) == (Finding.FITS, "90,000,000円")
    assert found["deposit_bank"].read == "見本銀行　見本支店"
    above = compared(advance, type="advance", base_price=100_000_001)
    assert above["base_price"].text == "請負代金額を 1円 超えています。証書をご確認ください。"
    assert above["deposit_bank"].outcome is Finding.BLANK


@pytest.mark.parametrize(
    ("seal", "outcome", "said"),
    [
        (Seal.HOLDS, Finding.FITS, "保証機関の電子署名を検証しました"),
        (Seal.BROKEN, Finding.SHORT, "電子署名に問題があります"),
        (Seal.UNKNOWN, Finding.UNSURE, "確かめきれません"),
        (Seal.ABSENT, Finding.UNSURE, "電子署名がありません"),
    ],
)
def test_the_seal_that_a_guarantor_showed_is_a_line_of_its_own(seal, outcome, said):
    shown = Shown(seal, "Mihon Hosho K.K.", "current", "有効")
    found = {line.name: line for line in checks.compare(NOTICE, CERTIFICATE, EXPECTED, shown=shown)}

    assert found["seal"].outcome is outcome
    assert said in found["seal"].text
    assert found["standing"].outcome is Finding.FITS


def test_a_good_seal_of_somebody_else_is_shown_to_a_person():
    shown = Shown(Seal.HOLDS, "Somebody Else", "current", "有効")
    found = {line.name: line for line in checks.compare(NOTICE, CERTIFICATE, EXPECTED, shown=shown)}

    assert found["seal"].outcome is Finding.UNSURE
    assert "署名した人の名が、登録された名義と異なります" in found["seal"].text


@pytest.mark.parametrize(
    ("standing", "said"), [("changed", "変更後の証書があります"), ("cancelled", "解約されています")]
)
def test_a_certificate_that_no_longer_stands_with_its_guarantor_is_short(standing, said):
    shown = Shown(Seal.HOLDS, "Mihon Hosho K.K.", standing, "")
    found = {line.name: line for line in checks.compare(NOTICE, CERTIFICATE, EXPECTED, shown=shown)}

    assert found["standing"].outcome is Finding.SHORT
    assert said in found["standing"].text


def test_what_a_person_found_by_eye_says_so_and_is_compared_all_the_same():
    found = {line.name: line for line in checks.compare(NOTICE, CERTIFICATE, EXPECTED, by_eye={"work_title"})}
    other = {
        line.name: line
        for line in checks.compare(NOTICE, replace(CERTIFICATE, work_title="別の工事"), EXPECTED, by_eye={"work_title"})
    }

    assert (found["work_title"].by_eye, found["beneficiary"].by_eye) == (True, False)
    assert found["work_title"].text == lines.BY_EYE
    assert other["work_title"].outcome is Finding.UNSURE


def test_the_letters_that_differ_are_marked_and_spelling_is_not():
    def odd(text: str, other: str) -> list[str]:
        return [part.text for part in marking.marked(text, other) if part.differs]

    assert odd("県道〇〇線道路改良工事", "市道〇〇線道路改良工事") == ["県"]
    assert odd("市道○○線　道路改良工事", "市道〇〇線道路改良工事") == []
    assert odd("市道〇〇線道路改良工事", "市道〇〇線道路改良工事（第２工区）") == []
    assert odd("市道〇〇線道路改良工事（第２工区）", "市道〇〇線道路改良工事") == ["第２工区"]
    assert "".join(part.text for part in marking.marked("（甲）乙　丙", "丁")) == "（甲）乙　丙"


def test_papers_that_are_missing_are_named_in_the_order_of_the_rules():
    assert papers.missing(["notice", "certificate_screen"], ["notice"]) == ("certificate_screen",)
    assert papers.missing(["notice", "certificate_screen"], []) == ("notice", "certificate_screen")
    assert papers.missing(["notice"], ["notice", "certificate_screen"]) == ()

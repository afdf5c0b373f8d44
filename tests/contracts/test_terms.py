"""The terms of a version: kept as JSON, read by people, refused when they contradict themselves."""

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from accounts.refusals import Refusal
from contracts.dates import MAX_YEN
from contracts.terms import LABELS, Correction, Payment, Terms, TermsRefused, check, guarantee_column

STARTS, ENDS = date(2026, 3, 10), date(2026, 11, 30)
FULL = Terms(
    place="鳥栖市轟木町地内",
    start_condition="契約成立の日又は工事許可日から30日以内",
    delivery_date=date(2026, 12, 7),
    payments=(Payment(when="契約成立時", amount=20_000_000), Payment(when="引渡しの日", amount=30_000_000)),
    guarantee_kind="guarantor",
    guarantee_amount=5_000_000,
    advance_percent=40,
    interim_percent=20,
    partial_payments=3,
    days_off="土曜日及び日曜日",
    delay_rate="年2.5パーセント",
    attachments=("設計図書", "現場説明書"),
    special_terms=("文化財調査に協力する。", "登校時間帯は通行しない。"),
    corrections=(Correction(item="工事場所", wrong="轟町", right="轟木町"),),
    blanks=("risk", "supplied"),
)


def checked(terms: Terms, *, price: int = 50_000_000, starts: date = STARTS, ends: date = ENDS) -> None:
    check(terms, price=price, starts=starts, ends=ends)


def test_terms_come_back_from_json_as_they_were() -> None:
    stored = json.loads(json.dumps(FULL.to_json(), ensure_ascii=False))

    assert stored == FULL.to_json()
    assert Terms.from_json(stored) == FULL


def test_what_is_missing_or_null_was_not_settled_and_what_is_unknown_is_left_aside() -> None:
    assert Terms.from_json({}) == Terms()
    assert Terms.from_json({"place": None, "delivery_date": None, "payments": None, "no_more": 1}) == Terms()


def test_every_term_has_a_label() -> None:
    assert list(LABELS) == [field.name for field in fields(Terms)]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("place", ("鳥栖市轟木町地内",)),
        ("delivery_date", ("令和8年12月7日",)),
        ("payments", ("契約成立時　金20,000,000円", "引渡しの日　金30,000,000円")),
        ("guarantee_kind", ("保証事業会社の保証",)),
        ("guarantee_amount", ("金5,000,000円",)),
        ("advance_percent", ("100分の40以内",)),
        ("partial_payments", ("3回以内",)),
        ("attachments", ("設計図書", "現場説明書")),
        ("special_terms", ("1　文化財調査に協力する。", "2　登校時間帯は通行しない。")),
        ("corrections", ("工事場所：「轟町」を「轟木町」に",)),
        ("risk", ("（空欄）",)),
        ("hours_off", ()),
    ],
)
def test_a_term_is_said_as_a_person_reads_it(name: str, lines: tuple[str, ...]) -> None:
    assert FULL.lines(name) == lines


@pytest.mark.parametrize(
    ("kind", "amount", "column"),
    [
        ("cash", 5_000_000, "金5,000,000円"),
        ("bank", 5_000_000, "金5,000,000円（銀行等の保証による。）"),
        ("guarantor", 5_000_000, "金5,000,000円（保証事業会社の保証による。）"),
        ("bond", 0, "免除（公共工事履行保証証券による。）"),
        ("insurance", 0, "免除（履行保証保険による。）"),
        ("exempt", 0, "免除"),
        ("none", 0, "請負代金額の100分の10以上"),
    ],
)
def test_the_guarantee_column_states_the_amount_or_the_exemption(kind: str, amount: int, column: str) -> None:
    terms = Terms(guarantee_kind=kind, guarantee_amount=amount)

    checked(terms)

    assert guarantee_column(terms, otherwise="請負代金額の100分の10以上") == column


@pytest.mark.parametrize("terms", [Terms(), FULL, replace(FULL, delivery_date=ENDS)])
def test_terms_that_stand_together_pass(terms: Terms) -> None:
    checked(terms)


def payments(*amounts: int) -> tuple[Payment, ...]:
    return tuple(Payment(when="支払日", amount=amount) for amount in amounts)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"payments": payments(30_000_000, 20_000_001)}, "代金の支払の合計50,000,001円が、契約金額50,000,000円を"),
        ({"payments": payments(10, -1)}, "代金の支払の2番目"),
        ({"payments": (Payment(when=" ", amount=1),)}, "代金の支払の1番目"),
        ({"payments": payments(*[1] * 51)}, "50件まで"),
        ({"delivery_date": date(2026, 11, 29)}, "引渡しの日は、工期（履行期間）の終わり（令和8年11月30日）以後"),
        ({"guarantee_kind": "gold"}, "契約保証の方法を選び直して"),
        ({"guarantee_kind": "cash"}, "契約保証金の額は、1円以上"),
        ({"guarantee_kind": "cash", "guarantee_amount": 50_000_001}, "契約保証金の額は、1円以上、契約金額以下"),
        ({"guarantee_kind": "bond", "guarantee_amount": 1}, "契約保証金の額を空けて"),
        ({"guarantee_amount": -1}, "契約保証金の額を空けて"),
        ({"advance_percent": 101}, "前払金の割合は0以上100以下"),
        ({"advance_percent": -1}, "前払金の割合は0以上100以下"),
        ({"advance_percent": 90, "interim_percent": 20}, "割合の合計が100を超えて"),
        ({"interim_percent": 20}, "前払金の割合も入力して"),
        ({"partial_payments": -1}, "部分払の回数"),
        ({"days_off": "日" * 201}, "工事を施工しない日は200文字以内で入力してください（いま201文字）"),
        ({"special_terms": ("特" * 1001,)}, "特約事項は1000文字以内"),
        ({"special_terms": ("協力\u202eする",)}, "特約事項に使えない文字があります：3文字目に"),
        ({"risk": "危\x00険"}, "U+0000"),
        ({"corrections": (Correction(item="工期", wrong="", right="x"),)}, "訂正の1番目に"),
        ({"corrections": (Correction(item="工期", wrong="x", right="x"),)}, "訂正の1番目（工期）は、誤り"),
        ({"blanks": ("payments",)}, "「代金の支払の時期と額」は空欄のままにできません"),
        ({"blanks": ("risk",), "risk": "発注者の負担"}, "どちらかにして"),
    ],
)  # fmt: skip
def test_terms_that_contradict_themselves_are_refused_in_words(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(TermsRefused) as refused:
        checked(replace(Terms(), **wrong))

    assert said in str(refused.value)
    assert isinstance(refused.value, Refusal)


def test_the_days_and_the_price_are_checked_too() -> None:
    with pytest.raises(TermsRefused, match="履行期間"):
        checked(Terms(), starts=ENDS, ends=STARTS)
    with pytest.raises(TermsRefused, match="1円以上"):
        checked(Terms(), price=0)


def test_the_largest_price_may_be_paid_in_parts() -> None:
    checked(replace(FULL, payments=payments(MAX_YEN - 1, 1)), price=MAX_YEN)

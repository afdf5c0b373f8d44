"""Wording meant for paper is found wherever a PDF breaks it, and nothing else is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.documents import render_consent, render_contract
from contracts.wording import Finding, lint, lint_documents, lint_pages
from signing import pages
from tests.contracts.paperwork import AMENDMENT, CONSENT, CONTRACT, CORRECTION, SERVICE, with_terms

ON = date(2026, 3, 11)
PAPER_CONTRACT = """建設工事請負契約書
１　工事名　市道轟木線道路改良工事
２　工期　令和8年3月10日から令和8年11月30日まで
３　請負代金額　金50,000,000円
　収入印紙を貼付し、双方が消印する。
　契約書は袋とじとし、表紙と裏表紙に割印を、各頁に契
印を押す。契約書には実印を用い、印鑑登録証明書を添付する。
　この契約の成立を証するため、本書２ 通を作成し、発注者と受注者が記名押
印の上、正副の別を記して各自1通を保有する。
　令和8年3月10日
　受注者　代表取締役　山田　太郎　　㊞
"""


def rules_of(text: str, **options: object) -> list[str]:
    return [finding.rule for finding in lint(text, kind="other", on=ON, **options)]


def text_pages(pdf: bytes) -> list[str]:
    return [pages.text(pdf, page=number) for number in range(1, pages.count(pdf) + 1)]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("本書2通を作成し", "copies"),
        ("本書２通を作成し", "copies"),
        ("この契約書二通を作成し", "copies"),
        ("弐通", "copies"),
        ("契約書を3通作成し", "copies"),
        ("本書12通を作成し", "copies"),
        ("各自1通を保有する", "copies"),
        ("各自その一通を所持", "copies"),
        ("それぞれ１通ずつ", "copies"),
        ("記名押印", "seal"),
        ("署名押印", "seal"),
        ("署名捺印", "seal"),
        ("捺印", "seal"),
        ("押印", "seal"),
        ("調印", "seal"),
        ("代表取締役　山田太郎　㊞", "seal_column"),
        ("代表取締役　山田太郎　（印）", "seal_column"),
        ("実印", "registered_seal"),
        ("印鑑証明書", "registered_seal"),
        ("収入印紙", "revenue_stamp"),
        ("印紙を貼付", "revenue_stamp"),
        ("印紙税は受注者の負担とする", "revenue_stamp"),
        ("割印", "joined_seals"),
        ("割り印", "joined_seals"),
        ("契印", "joined_seals"),
        ("朱肉", "joined_seals"),
        ("袋とじ", "binding"),
        ("袋綴じ", "binding"),
        ("正副", "originals"),
        ("自署", "handwriting"),
        ("契約書を持参し", "delivery"),
    ],
)
def test_wording_meant_for_paper_is_found(words, rule):
    assert rules_of(words) == [rule]


@pytest.mark.parametrize(
    "words",
    [
        "押印不要",
        "（押印不要）",
        "押印を要しない",
        "押印は必要ありません",
        "記名押印及び割印を要しない",
        "記名押印に代えて電子署名を施す",
        "押印に代わる措置",
        "収入印紙は不要",
        "収入印紙の貼付は不要です",
        "収入印紙を貼る必要はありません",
        "印紙税は課されない",
        "押印（不要）",
        "印鑑登録証明書の添付を要しない",
        "電子署名は、押印と同じ効力を有する",
        "印紙税の課税対象とならない",
        "12通",
        "見積書12通を受領した",
        "2通りの方法",
        "第2通路",
        "令和8年第2通知",
        "二通知",
        "交通",
        "当日消印有効",
        "電子署名を施し、それぞれその電磁的記録を保管する",
        "印刷した書面は写しです",
        "電子証明書の原本性",
        "書面により通知する",
    ],
)
def test_nothing_is_found_where_paper_is_not_asked_for(words):
    assert rules_of(words) == []


@pytest.mark.parametrize(
    "words",
    ["記名押印し、収入印紙を要しない", "記名押印する。収入印紙は不要", "押印の上、印紙は省略する"],
)
def test_a_denial_covers_only_what_it_denies(words):
    assert rules_of(words) == ["seal"]


@pytest.mark.parametrize("broken", ["記名\n押印", "記　名　押　印", "記名押\r\n印", "⼆通", "２\n通", "記名\u200b押印"])
def test_a_word_broken_by_the_page_is_still_found(broken):
    assert len(rules_of(f"本契約の証として{broken}を")) == 1


def test_a_finding_says_where_it_stands_and_what_to_write():
    [finding] = lint("第1条\n総則\n本書を作成し、記名\n押印の上保管する", kind="other", on=ON)

    assert (finding.severity, finding.page, finding.line) == ("error", 1, 3)
    assert finding.excerpt == "第1条総則本書を作成し、記名押印の上保管する"
    assert finding.place == "1ページ 3行目"
    assert "電子署名" in finding.advice


def test_a_finding_names_its_document_and_page():
    documents = [("契約書", ["一枚目", "二枚目\n記名押印"]), ("仕様書", ["収入印紙"])]

    findings = lint_documents(documents, kind="other", on=ON)

    assert [finding.place for finding in findings] == ["契約書 2ページ 2行目", "仕様書 1ページ 1行目"]


def test_a_word_broken_between_two_pages_belongs_to_the_first():
    [finding] = lint_pages(["前文\n記名", "押印の上"], kind="other", on=ON)

    assert (finding.page, finding.line) == (1, 2)


def test_a_paper_contract_shows_every_kind_of_paper_wording():
    found = [finding.rule for finding in lint(PAPER_CONTRACT, kind="construction", on=ON)]

    wording = [rule for rule in found if not rule.startswith("construction_act")]
    assert wording == [
        "revenue_stamp",
        "revenue_stamp",
        "binding",
        "joined_seals",
        "joined_seals",
        "registered_seal",
        "registered_seal",
        "copies",
        "seal",
        "originals",
        "copies",
        "seal_column",
    ]


def missing(findings: tuple[Finding, ...], severity: str) -> list[int]:
    rules = [finding.rule for finding in findings if finding.severity == severity]
    return [int(rule.rpartition("_")[2]) for rule in rules if rule.startswith("construction_act_19_")]


def test_a_front_sheet_without_clauses_lacks_items_of_article_19():
    findings = lint(PAPER_CONTRACT, kind="construction", on=ON)

    assert missing(findings, "error") == [6, 7, 8, 9, 11, 12, 14, 15]
    assert missing(findings, "info") == [4, 5, 10, 13]


def test_a_missing_item_is_said_by_its_number_and_words_and_has_no_place():
    found = [finding for finding in lint("", kind="construction", on=ON) if finding.rule.endswith("_15")]

    assert found[0].label == "建設業法第19条第1項第15号"
    assert found[0].reason == "「契約に関する紛争の解決方法」が見つかりません。"
    assert found[0].place == ""


def test_items_may_stand_anywhere_in_the_set():
    front = ("契約書", ["工事名、請負代金額、工期"])
    clauses = text_pages(render_contract(CONTRACT))

    assert lint_documents([front, ("約款", clauses)], kind="construction", on=ON) == ()


@pytest.mark.parametrize("kind", ["survey_consulting", "maintenance", "other"])
def test_only_construction_needs_the_items_of_article_19(kind):
    assert lint("業務委託契約書", kind=kind, on=ON) == ()


def test_an_amendment_need_not_repeat_the_items():
    assert lint("第1回変更契約書", kind="construction", on=ON, whole=False) == ()


def test_how_a_price_change_is_reckoned_must_be_said_since_the_amendment_of_2024():
    clause = "物価の変動により請負代金額を変更することができる。"
    before, after = (lint(clause, kind="construction", on=on) for on in (date(2024, 12, 12), date(2024, 12, 13)))

    assert 8 not in missing(before, "error")
    assert 8 in missing(after, "error")
    assert 8 not in missing(lint(f"{clause}その額は協議して定める。", kind="construction", on=ON), "error")


@pytest.mark.parametrize("kind", ["construction", "other"])
def test_a_day_before_electronic_contracts_is_refused(kind):
    with pytest.raises(ValueError, match="規則がありません。"):
        lint("", kind=kind, on=date(2020, 9, 30))


@pytest.mark.parametrize("paper", [CONTRACT, SERVICE], ids=["construction", "service"])
def test_our_own_contracts_show_nothing(paper):
    text = text_pages(render_contract(paper))

    assert lint_pages(text, kind=paper.case_kind, on=ON) == ()


@pytest.mark.parametrize("paper", [AMENDMENT, CORRECTION], ids=["amendment", "correction"])
def test_our_own_amendments_and_corrections_show_nothing(paper):
    text = text_pages(render_contract(paper))

    assert lint_pages(text, kind=paper.case_kind, on=ON, whole=False) == ()


def test_the_consent_form_says_that_no_seal_is_needed_and_shows_nothing():
    assert lint_pages(text_pages(render_consent(CONSENT)), kind="other", on=ON) == ()


def test_a_special_term_meant_for_paper_is_found_in_our_own_contract():
    term = "本書2通を作成し、発注者及び受注者が記名押印の上、各自1通を保有する。"
    paper = replace(CONTRACT, conditions=with_terms(special_terms=(term,)))

    findings = lint_pages(text_pages(render_contract(paper)), kind="construction", on=ON)

    assert [finding.rule for finding in findings] == ["copies", "seal", "copies"]


@given(st.lists(st.text(alphabet="記名押印本書2２通\n 　㊞（㌔ｶﾞ\ufffe正副不要。", max_size=60), max_size=3))
def test_any_text_is_linted_and_every_place_exists(texts):
    for finding in lint_pages(texts, kind="other", on=ON):
        assert 1 <= finding.line <= texts[finding.page - 1].count("\n") + 1
        assert finding.excerpt

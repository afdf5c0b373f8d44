"""What each kind of contract says: the front sheet, its clauses, amendments, corrections, joint ventures."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts import clauses
from contracts.documents import (
    ContractPaper,
    NothingChanged,
    heading,
    render_contract,
)
from contracts.terms import Payment
from tests.contracts.paperwork import (
    AMENDMENT,
    CONDITIONS,
    CONTRACT,
    CONTRACTOR,
    CORRECTION,
    FIRM,
    SERVICE,
    SERVICES,
    SIGNED_ON,
    WORKS,
    pages_of,
    text_of,
    with_terms,
)


@pytest.fixture(scope="module")
def contract() -> bytes:
    return render_contract(CONTRACT)


def test_the_contract_states_its_front_sheet_and_both_parties(contract: bytes) -> None:
    said = text_of(contract)

    for words in ("工事請負契約書", "工事番号", "令和8年3月10日", "令和8年11月30日", "金50,000,000円", "金4,545,454円"):
        assert words in said
    for words in ("請負代金額の100分の40以内", "請負代金額の100分の20以内", "鳥栖市長", "山田太郎", FIRM):
        assert words in said


@pytest.mark.parametrize(
    "paper",
    [CONTRACT, SERVICE, replace(CONTRACT, is_provisional=True), AMENDMENT, CORRECTION],
    ids=["works", "services", "provisional", "amendment", "correction"],
)
def test_every_kind_is_worded_for_electronic_form(paper: ContractPaper) -> None:
    said = text_of(render_contract(paper))

    assert "電磁的記録を作成し" in said
    assert "電子署名を施し" in said
    assert "締結日は、最後の電子署名に付されたタイムスタンプの日とする。" in said
    assert not [words for words in ("2通", "２通", "弐通", "記名押印", "収入印紙") if words in said]


def test_another_kind_than_construction_is_a_service_contract() -> None:
    said = text_of(render_contract(SERVICE))

    assert "業務委託契約書" in said
    assert "履行期間" in said
    assert "中間前払金" not in said


@pytest.mark.parametrize("articles", [WORKS, SERVICES], ids=["works", "services"])
def test_articles_are_numbered_in_order_and_refer_to_articles_that_exist(articles: tuple[clauses.Article, ...]) -> None:
    text = "".join(line for one in clauses.numbered(articles) for line, _ in one.lines)

    # 「法律…第２条」は他の法律の条なので数えない。
    referred = {int(number) for number in re.findall(r"(?<!号）)第([0-9０-９]+)条", text)}

    assert referred - {27, 28} <= {*range(1, len(articles) + 1)}


@pytest.mark.parametrize(
    "words",
    [
        "工事を完成し", "請負代金を支払う", "着手", "施工しない日", "前払金", "部分払", "設計図書を変更", "工期の変更",
        "不可抗力", "物価の変動", "第三者に損害", "支給材料", "貸与", "検査", "引渡し", "40日以内", "契約不適合",
        "保険", "遅延利息", "違約金", "紛争",
    ],
)  # fmt: skip
def test_the_works_clauses_cover_article_19_of_the_construction_business_act(contract: bytes, words: str) -> None:
    assert words in text_of(contract)


@pytest.mark.parametrize("paper", [CONTRACT, SERVICE], ids=["works", "services"])
def test_the_clauses_know_electronic_guarantees(paper: ContractPaper) -> None:
    assert "寄託したものとみなす" in text_of(render_contract(paper))


def test_a_printed_contract_date_replaces_the_last_signatures_on_the_sheet_and_in_the_clauses() -> None:
    said = text_of(render_contract(replace(CONTRACT, contract_date=SIGNED_ON)))

    assert said.count("契約締結日は、令和8年3月10日とする。") == 1
    assert "契約締結日令和8年3月10日" in said
    assert "タイムスタンプの日" not in said


def test_a_provisional_contract_says_how_it_becomes_the_contract() -> None:
    said = text_of(render_contract(replace(CONTRACT, is_provisional=True)))

    assert "工事請負仮契約書" in said
    assert (
        "鳥栖市議会の議決があったときは、この契約は、改めて契約書を作成することその他何らの行為を要することなく" in said
    )
    assert "契約締結日は、鳥栖市議会の議決のあった日とする。" in said
    assert "仮契約締結日は、最後の電子署名" in said


def test_an_amendment_sets_before_beside_after_and_leaves_the_rest() -> None:
    said = text_of(render_contract(AMENDMENT))

    assert "工事請負変更契約書（第２回）" in said
    assert "令和8年3月10日に締結した" in said
    assert "擁壁の基礎を変更する必要が生じたため。" in said
    for words in ("金50,000,000円", "金55,500,000円", "増額金5,500,000円", "金500,000円", "令和9年1月29日"):
        assert words in said
    assert "前記の事項のほかは、原契約に定めるとおりとする。" in said
    for unchanged in ("前払金", "特約事項", "契約保証金"):
        assert unchanged not in said


def test_a_smaller_price_is_a_decrease() -> None:
    smaller = replace(AMENDMENT, conditions=replace(CONDITIONS, price=44_000_000, tax=4_000_000))

    said = text_of(render_contract(smaller))

    assert "減額金6,000,000円（うち取引に係る消費税及び地方消費税の額金545,454円）" in said


def test_an_amendment_or_a_correction_that_changes_nothing_is_refused() -> None:
    with pytest.raises(NothingChanged, match="変更する条件"):
        render_contract(replace(AMENDMENT, conditions=CONDITIONS))
    with pytest.raises(NothingChanged, match="訂正する事項"):
        render_contract(replace(CORRECTION, conditions=CONDITIONS))


def test_a_correction_sets_the_slip_beside_what_was_meant() -> None:
    said = text_of(render_contract(CORRECTION))

    assert "訂正合意書" in said
    assert "事項誤正工事場所鳥栖市轟町地内鳥栖市轟木町地内" in said
    assert "原契約の内容を変更するものではない" in said
    assert "合意締結日は、最後の電子署名" in said


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"case_kind": "construction"}, "工事請負契約書"),
        ({"case_kind": "maintenance"}, "業務委託契約書"),
        ({"case_kind": "construction", "is_provisional": True}, "工事請負仮契約書"),
        ({"case_kind": "other", "kind": "amendment", "number": 12}, "業務委託変更契約書（第12回）"),
        ({"case_kind": "construction", "kind": "correction", "number": 1}, "訂正合意書"),
        ({"case_kind": "construction", "kind": "correction", "number": 3}, "訂正合意書（第３回）"),
    ],
)
def test_a_document_is_named_after_its_kind(values: dict[str, Any], name: str) -> None:
    assert heading(**values) == name


def test_the_members_of_a_joint_venture_stand_in_order_with_their_roles() -> None:
    members = tuple(
        replace(CONTRACTOR, name=name, role=role)
        for name, role in ((FIRM, "代表構成員"), ("渡邉\U000e0102工業株式会社", "構成員"), ("有限会社葛城組", "構成員"))
    )
    venture = "髙﨑𠮷・渡邉・葛城特定建設工事共同企業体"

    said = text_of(render_contract(replace(CONTRACT, joint_venture=venture, contractors=members)))

    assert f"{venture}（以下「受注者」という。）" in said
    assert "共同連帯してこの契約を履行する" in said
    assert re.search("共同企業体の名称.*代表構成員.*㈱髙﨑𠮷建設.*構成員.*渡邉.*構成員.*葛城組", said)


def test_what_was_settled_is_printed_and_what_was_not_says_so() -> None:
    settled = with_terms(
        start_condition="契約成立の日から30日以内",
        delivery_date=date(2026, 12, 7),
        payments=(Payment(when="契約成立時", amount=20_000_000), Payment(when="引渡しの日", amount=30_000_000)),
        partial_payments=3,
        soil_destination="鳥栖市指定の仮置場",
        supplied="アスファルト合材",
        special_terms=("文化財調査に協力する。", "登校時間帯は通行しない。"),
    )

    [page, *_] = pages_of(render_contract(replace(CONTRACT, conditions=settled)))

    said = re.sub(r"\s", "", page)
    for words in ("着手令和8年3月10日契約成立の日から30日以内", "引渡し令和8年12月7日", "契約成立時金20,000,000円"):
        assert words in said
    for words in ("部分払3回以内", "建設発生土の搬出先等鳥栖市指定の仮置場", "注文者の負担・支給材料アスファルト合材"):
        assert words in said
    for words in (
        "1文化財調査に協力する。2登校時間帯は通行しない。",
        "解体工事に要する費用等該当なし",
        "審査会定めない",
    ):
        assert words in said
    assert "危険負担の特約" not in said


def test_a_blank_is_left_to_be_filled_in() -> None:
    blank = with_terms(blanks=("risk", "delivery_date"))

    [page, *_] = pages_of(render_contract(replace(CONTRACT, conditions=blank)))

    said = re.sub(r"\s", "", page)
    assert "危険負担の特約解体工事" in said
    assert "引渡し請負代金額" in said


def test_without_articles_the_contract_refers_to_the_attached_clauses() -> None:
    pages = pages_of(render_contract(replace(CONTRACT, articles=())))

    assert len(pages) == 2
    assert "公共工事請負契約約款（別添の約款による。）" in re.sub(r"\s", "", pages[0])
    assert "別添の約款によって" in re.sub(r"\s", "", pages[0])


def test_articles_print_the_contracts_own_values() -> None:
    article = clauses.Article(title="（遅延）", paragraphs=("{orderer}は{delay_rate}とする。", "一\n(1)　号の文"))

    said = text_of(render_contract(replace(CONTRACT, articles=(article,))))

    assert "（遅延）第１条鳥栖市は年2.5パーセントとする。２一(1)号の文" in said


def test_an_article_that_asks_for_an_unknown_value_is_refused() -> None:
    article = clauses.Article(title="（総則）", paragraphs=("{mayor}は",))

    with pytest.raises(clauses.ClauseRefused, match=r"\{mayor\}"):
        render_contract(replace(CONTRACT, articles=(article,)))

"""The printed papers: what they say, with which fonts, and what they never fetch."""

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.template.loader import render_to_string

from config.demo.specification import specification_pdf
from contracts.documents import ConsentPaper, ContractPaper, Party, Unprintable, render_consent, render_contract
from contracts.documents.fonts import unprintable
from contracts.documents.renderer import BundledFetcher, ForbiddenReference, print_html

FIRM = "㈱髙﨑𠮷建設"
CONSENT = ConsentPaper(
    consented_date=date(2026, 3, 5),
    addressee="鳥栖市長",
    address="佐賀県鳥栖市宿町1118番地",
    company_name=FIRM,
    representative_name="代表取締役　髙﨑　𠮷郎",
    statement="鳥栖市との次の案件の契約締結にあたり、電子契約サービスの利用に同意します。",
    case_title="市道轟木線道路改良工事",
    authority_company=FIRM,
    authority_title="代表取締役",
    authority_name="髙﨑　𠮷郎",
    authority_email="keiyaku@example.jp",
    contact_department="総務部",
    contact_title="課長",
    contact_name="渡邉\U000e0102　葛\U000e0100",
    contact_phone="0942-85-0000",
    notes=(
        "本書は電子メールにて提出してください。（押印不要）",
        "案件名は契約する工事（業務）名等を記載してください。",
    ),
    case_number="建設第12号",
)
CONTRACT = ContractPaper(
    kind="construction",
    kind_label="建設工事",
    number="建設第12号",
    title="市道轟木線道路改良工事",
    place="鳥栖市轟木町地内",
    starts_date=date(2026, 3, 10),
    ends_date=date(2026, 11, 30),
    price=50_000_000,
    tax=4_545_454,
    guarantee="金5,000,000円以上",
    orderer=Party(
        address="鳥栖市宿町1118番地", name="鳥栖市", representative_title="鳥栖市長", representative_name="山田　太郎"
    ),
    contractor=Party(
        address="鳥栖市本鳥栖町1番地", name=FIRM, representative_title="代表取締役", representative_name="髙﨑　𠮷郎"
    ),
    clause_set="公共工事請負契約約款",
    advance_percent=40,
    interim_percent=20,
)
SERVICE = replace(CONTRACT, kind="survey_consulting", kind_label="測量・建設コンサルタント等業務")


@pytest.fixture(scope="module")
def contract() -> bytes:
    return render_contract(CONTRACT)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(pages_of(pdf)))


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Name every font of a PDF and say whether its program is embedded."""
    found = {}
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                name = str(item.FontName).partition("+")[2]
                found[name] = any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def pixels_of(pdf: bytes) -> bytes:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().tobytes()


def test_the_consent_form_says_everything_of_form_1_on_one_page() -> None:
    pdf = render_consent(CONSENT)

    [page] = pages_of(pdf)
    said = re.sub(r"\s", "", page)
    for words in ("様式第1号", "電子契約利用承諾書", "令和8年3月5日", "鳥栖市長様", "住所", "商号又は名称", "代表者名"):
        assert words in said
    for words in (
        "案件名",
        "【契約締結権限者】",
        "請負（受注）者名",
        "【契約事務担当者】",
        "部署名",
        "電話番号",
        "備考",
    ):
        assert words in said
    for value in (
        CONSENT.statement,
        CONSENT.case_title,
        CONSENT.authority_email,
        CONSENT.contact_phone,
        *CONSENT.notes,
    ):
        assert value in said


def test_names_keep_their_characters_and_their_variants() -> None:
    pdf = render_consent(CONSENT)

    said = text_of(pdf)

    assert FIRM in said
    assert "渡邉\U000e0102" in said
    assert "葛\U000e0100" in said


def test_a_variant_looks_different_from_its_base() -> None:
    variant = replace(CONSENT, contact_name="渡邉\U000e0102")

    drawn = pixels_of(render_consent(variant))

    assert drawn != pixels_of(render_consent(replace(variant, contact_name="渡邉")))


def test_the_contract_states_its_front_sheet_and_both_parties(contract: bytes) -> None:
    said = text_of(contract)

    for words in ("工事請負契約書", "工事番号", "令和8年3月10日", "令和8年11月30日", "金50,000,000円", "金4,545,454円"):
        assert words in said
    for words in ("請負代金額の100分の40以内", "請負代金額の100分の20以内", "鳥栖市長", "山田太郎", FIRM):
        assert words in said


@pytest.mark.parametrize("paper", [CONTRACT, SERVICE], ids=["construction", "service"])
def test_a_contract_is_worded_for_electronic_form(paper: ContractPaper) -> None:
    said = text_of(render_contract(paper))

    assert "電磁的記録を作成し" in said
    assert "電子署名を施し" in said
    assert "契約締結日は、最後の電子署名に付されたタイムスタンプの日とする。" in said
    assert "寄託したものとみなす" in said
    assert not [words for words in ("2通", "２通", "弐通", "記名押印", "収入印紙") if words in said]


def test_another_kind_than_construction_is_a_service_contract() -> None:
    said = text_of(render_contract(SERVICE))

    assert "業務委託契約書" in said
    assert "履行期間" in said
    assert "中間前払金" not in said


@pytest.mark.parametrize("name", ["construction", "service"])
def test_articles_are_numbered_in_order_and_refer_to_articles_that_exist(name: str) -> None:
    text = render_to_string(f"contracts/pdf/{name}_clauses.html")

    numbers = [int(number) for number in re.findall(r"<p>第([0-9０-９]+)条　", text)]
    # 「法律…第２条」は他の法律の条なので数えない。
    referred = [int(number) for number in re.findall(r"(?<!号）)第([0-9０-９]+)条", text)]

    assert numbers == list(range(1, len(numbers) + 1))
    assert {*referred} - {27, 28} <= {*numbers}


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


def test_the_file_is_titled_after_the_contract(contract: bytes) -> None:
    with pikepdf.open(io.BytesIO(contract)) as opened:
        assert str(opened.docinfo.Title) == "工事請負契約書 市道轟木線道路改良工事"


def test_every_page_carries_its_number_and_the_case_number(contract: bytes) -> None:
    pages = pages_of(contract)

    assert len(pages) >= 8
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page
        assert CONTRACT.number in page


@pytest.mark.parametrize("draw", [lambda: render_consent(CONSENT), lambda: render_contract(SERVICE)])
def test_papers_are_a4_pdfa_3u_tagged_in_japanese_and_inert(draw) -> None:
    pdf = draw()

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        xmp = opened.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "ja"
        assert {tuple(round(float(side)) for side in page.mediabox) for page in opened.pages} == {(0, 0, 595, 842)}
        assert not {"/OpenAction", "/AA", "/AcroForm", "/Names", "/AF"} & set(opened.Root.keys())
        assert not any("/Annots" in page for page in opened.pages)


def test_only_the_bundled_fonts_are_used_and_all_are_embedded(contract: bytes) -> None:
    assert fonts_of(contract) == {"Musubi-Serif": True, "Musubi-Sans": True}


def test_footers_print_rare_characters_with_the_bundled_fonts() -> None:
    pdf = render_contract(replace(CONTRACT, number="髙﨑𠮷㈱ 葛\U000e0100第1号"))

    assert all("髙﨑𠮷㈱ 葛\U000e0100第1号" in page for page in pages_of(pdf))
    assert set(fonts_of(pdf)) == {"Musubi-Serif", "Musubi-Sans"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("山田😀", "U+1F600"),
        ("\u202e山田", "U+202E"),
        ("สวัสดี", "U+0E2A"),
        ("山\U000e0110田", "U+5C71 U+E0110"),
        ("山\x00田", "U+0000"),
    ],
    ids=["emoji", "bidi override", "thai", "unknown variant", "nul"],
)
def test_a_character_the_fonts_lack_is_refused_by_name(name: str, shown: str) -> None:
    with pytest.raises(Unprintable, match=re.escape(shown)):
        render_consent(replace(CONSENT, authority_name=name))


def test_a_name_of_known_characters_is_printable() -> None:
    assert unprintable(f"{FIRM}渡邉\U000e0102 ①～−－「」Abc 令和㋿") == []


def test_values_are_escaped() -> None:
    hostile = "<script>alert(1)</script><img src=http://127.0.0.1:1/a><link rel=attachment href=file:///etc/passwd>"

    said = text_of(render_contract(replace(CONTRACT, title=hostile, special_terms=(hostile,))))

    assert said.count("<script>alert(1)</script>") == 2
    assert "file:///etc/passwd" in said


def test_a_value_cannot_leave_its_attribute_or_write_a_style() -> None:
    hostile = "\"><style>@import 'http://127.0.0.1:1/a.css';</style>"

    pages = pages_of(render_contract(replace(CONTRACT, number=hostile, rules_version=hostile)))

    assert all("@import" in page for page in pages)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.css",
        "https://example.jp/a.png",
        "ftp://example.jp/a",
        "file:///etc/passwd",
        "file:paper.css",
        "data:text/css,p{}",
        "bundled:../settings.py",
        "bundled:/etc/passwd",
        "bundled://example.jp/paper.css",
        "bundled:paper.css?x",
        "BUNDLED:paper.css",
        "",
    ],
)
def test_the_fetcher_serves_nothing_but_the_bundled_files(url: str) -> None:
    with pytest.raises(ForbiddenReference):
        BundledFetcher().fetch(url)


def test_the_fetcher_serves_a_style_sheet_and_a_font() -> None:
    assert b"@font-face" in BundledFetcher().fetch("bundled:paper.css").read()
    assert BundledFetcher().fetch("bundled:serif.otf").read(4) == b"OTTO"


@pytest.mark.parametrize(
    "markup",
    [
        "<img src='http://127.0.0.1:1/a.png'>",
        "<img src='file:///etc/passwd'>",
        "<img src='a.png'>",
        "<link rel=stylesheet href='http://127.0.0.1:1/a.css'>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<a rel=attachment href='file:///etc/passwd'>a</a>",
        "<style>@import 'http://127.0.0.1:1/a.css';</style>",
        "<style>p { background: url(file:///etc/passwd) }</style><p>a",
        "<style>@font-face { font-family: x; src: url(http://127.0.0.1:1/a.otf) }</style><p>a",
        "<object data='file:///etc/passwd'></object>",
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd' width='9' height='9'/></svg>",
    ],
)
def test_a_page_that_asks_for_anything_else_is_not_printed(markup: str) -> None:
    with pytest.raises(ForbiddenReference):
        print_html(f"<!doctype html><html lang='ja'><link rel=stylesheet href='bundled:paper.css'><body>{markup}")


def test_long_values_wrap_inside_the_page() -> None:
    long = "髙﨑𠮷" * 66 + "葛終"

    pdf = render_contract(replace(CONTRACT, title=long, place=long, number="A" * 60, special_terms=(long,)))

    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        assert all(left >= 60 and right <= 540 for left, _, right, _ in boxes)
    assert text_of(pdf).count(long) == 3


def test_the_same_paper_gives_the_same_bytes(contract: bytes) -> None:
    assert render_contract(CONTRACT) == contract


def test_a_contract_refuses_tax_beyond_its_price_and_a_term_that_ends_early() -> None:
    with pytest.raises(ValueError, match="消費税"):
        replace(CONTRACT, tax=CONTRACT.price)
    with pytest.raises(ValueError, match="工期"):
        replace(CONTRACT, ends_date=date(2026, 3, 1))


def test_printing_leaves_no_files_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    render_consent(CONSENT)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pages", [1, 3, 40])
def test_a_specification_has_exactly_the_pages_asked_for(pages: int) -> None:
    assert len(pages_of(specification_pdf("特記仕様書", pages))) == pages

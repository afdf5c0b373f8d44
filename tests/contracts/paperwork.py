"""The papers that the tests print, and ways to read what was printed."""

import io
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from contracts import clauses
from contracts.documents import Conditions, ConsentPaper, ContractPaper, Party
from contracts.terms import Correction, Terms

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
WORKS, SERVICES = (
    clauses.read(tomllib.loads(Path(f"contracts/presets/clauses/{name}.toml").read_text())["articles"])
    for name in ("works", "services")
)
TERMS = Terms(place="鳥栖市轟木町地内", advance_percent=40, interim_percent=20, delay_rate="年2.5パーセント")
CONDITIONS = Conditions(
    price=50_000_000,
    tax=4_545_454,
    starts_date=date(2026, 3, 10),
    ends_date=date(2026, 11, 30),
    terms=TERMS,
    guarantee="金5,000,000円以上",
    clause_set="公共工事請負契約約款",
)
CITY = Party(
    address="鳥栖市宿町1118番地", name="鳥栖市", representative_title="鳥栖市長", representative_name="山田　太郎"
)
CONTRACTOR = Party(
    address="鳥栖市本鳥栖町1番地", name=FIRM, representative_title="代表取締役", representative_name="髙﨑　𠮷郎"
)
CONTRACT = ContractPaper(
    case_kind="construction",
    case_kind_label="建設工事",
    number="建設第12号",
    title="市道轟木線道路改良工事",
    conditions=CONDITIONS,
    orderer=CITY,
    contractors=(CONTRACTOR,),
    articles=WORKS,
)
SERVICE = replace(
    CONTRACT,
    case_kind="survey_consulting",
    case_kind_label="測量・建設コンサルタント等業務",
    conditions=replace(CONDITIONS, terms=replace(TERMS, interim_percent=0)),
    articles=SERVICES,
)
SIGNED_ON = date(2026, 3, 10)
AMENDMENT = replace(
    CONTRACT,
    kind="amendment",
    amendment_number=2,
    before=CONDITIONS,
    conditions=replace(CONDITIONS, price=55_500_000, tax=5_045_454, ends_date=date(2027, 1, 29)),
    reason="擁壁の基礎を変更する必要が生じたため。",
    original_date=SIGNED_ON,
    articles=(),
)
SLIP = Correction(item="工事場所", wrong="鳥栖市轟町地内", right="鳥栖市轟木町地内")
CORRECTION = replace(
    CONTRACT,
    kind="correction",
    amendment_number=1,
    conditions=replace(CONDITIONS, terms=replace(TERMS, corrections=(SLIP,))),
    original_date=SIGNED_ON,
    articles=(),
)


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


def with_terms(**settled: Any) -> Conditions:
    return replace(CONDITIONS, terms=replace(TERMS, **settled))


def pixels_of(pdf: bytes) -> bytes:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().tobytes()

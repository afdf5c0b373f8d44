"""読み取りの直しに一度も使っていない組み方。ここで読めなかったものは、そのまま試験に残す。"""

from collections.abc import Callable
from html import escape

from contracts.dates import wareki
from guarantees.facts import CertificateFacts, NoticeFacts
from tests.signing.producers import chrome_made, weasyprint_made

from .notices import TYPES, page
from .round_one import office_made
from .strokes import Sheet
from .written import headed

HEADING = "電子証書閲覧用「認証キー」等のお知らせ"
CONTRACTOR = ("〒841-0052　佐賀県鳥栖市宿町1118番地", "株式会社むすび建設　御中")
COMPANY = ("西日本建設業保証株式会社", "佐賀支店　佐賀市松原一丁目2番35号", "TEL 0952-22-0335")


def _items(facts: NoticeFacts) -> list[tuple[str, str]]:
    return [
        ("区分", TYPES[facts.type or ""]),
        ("保証契約番号", facts.number or ""),
        ("認証キー", facts.key or ""),
        ("工事名", facts.work_title or ""),
        ("発注者", facts.orderer or ""),
        ("保証機関", facts.guarantor or ""),
    ]


def word_table(facts: NoticeFacts) -> bytes:
    """Write the letter with its table as a word processor would, addressee above and company below."""
    style = (
        '<style:style style:name="C" style:family="table-cell"><style:table-cell-properties '
        'fo:border="0.75pt solid #000000" fo:padding="0.1cm"/></style:style>'
        '<style:style style:name="A" style:family="table-column"><style:table-column-properties '
        'style:column-width="4cm"/></style:style><style:style style:name="B" style:family="table-column">'
        '<style:table-column-properties style:column-width="12cm"/></style:style>'
        '<style:style style:name="R" style:family="paragraph"><style:paragraph-properties fo:text-align="end"/>'
        "</style:style>"
    )
    cell = '<table:table-cell table:style-name="C"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{cell.format(name)}{cell.format(escape(value))}</table:table-row>"
        for name, value in _items(facts)
    )
    columns = '<table:table-column table:style-name="A"/><table:table-column table:style-name="B"/>'
    before = "".join(f"<text:p>{line}</text:p>" for line in (*CONTRACTOR, "", HEADING, ""))
    after = "".join(f'<text:p text:style-name="R">{line}</text:p>' for line in COMPANY)
    note = "<text:p>①電子契約システムへの登録 又は ②電子メールに添付して、発注者様へご提出ください。</text:p>"
    return office_made(style, f'{before}<table:table table:name="表">{columns}{rows}</table:table>{note}{after}')


def grey_labels(facts: NoticeFacts) -> bytes:
    """Print a boxed title and a table with grey labels, the contractor and the amount among its lines."""
    items = _items(facts)
    items[3:3] = [("受注者", "株式会社むすび建設"), ("保証金額", "40,000,000円")]
    rows = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in items)
    style = (
        "body{font-family:'Noto Sans CJK JP'}h1{border:2px solid;text-align:center;font-size:18px;padding:8px}"
        "table{width:100%;border-collapse:collapse}th,td{border:1px solid #888;padding:8px 10px;text-align:left}"
        "th{background:#e8e8e8;width:9em}footer{text-align:right;margin-top:20px;font-size:12px}"
    )
    foot = "<br>".join(COMPANY)
    note = "<p>「保証確認サービス（D-Sure）」に「保証契約番号」と「認証キー」を入力し、電子証書を閲覧ください。</p>"
    return chrome_made(page(style, f"<h1>{HEADING}</h1><table>{rows}</table>{note}<footer>{foot}</footer>"))


def office_form(facts: NoticeFacts) -> bytes:
    """Place a form with a date, an addressee and a ruled table, in a font that is not embedded."""
    sheet = Sheet(encoding="UniJIS-UTF16-H")
    sheet.write(420, 800, "令和　８年　５月１０日", 10)
    for index, line in enumerate(CONTRACTOR):
        sheet.write(50, 775 - 16 * index, line, 10)
    sheet.write(130, 715, HEADING, 15)
    y = 680.0
    for name, value in _items(facts):
        parts = [value[at : at + 33] for at in range(0, len(value), 33)]
        height = 12 + 15.0 * len(parts)
        sheet.box(50, y - height, 120, height)
        sheet.box(170, y - height, 380, height)
        sheet.write(60, y - height / 2 - 4, name, spacing=(90 - 11 * len(name)) / max(len(name) - 1, 1))
        for index, part in enumerate(parts):
            sheet.write(176, y - 18 - 15 * index, part)
        y -= height
    for index, line in enumerate(COMPANY):
        sheet.write(330, y - 30 - 15 * index, line, 10)
    return sheet.pdf()


def plain_lines(facts: NoticeFacts) -> bytes:
    """Print lines of label, colon and value, indented under the title, with notes under them."""
    lines = "".join(f"<div>{name}：{escape(value)}</div>" for name, value in _items(facts))
    style = "main{margin-left:3em;line-height:2.1;width:34em}ol{font-size:11px}"
    notes = "<ol><li>本書を発注者様へご提出ください。<li>認証キーは第三者に知られないようご注意ください。</ol>"
    return weasyprint_made(page(style, f"<h2>{HEADING}</h2><main>{lines}</main>{notes}"))


def certificate_table(facts: CertificateFacts) -> bytes:
    """Print a certificate as a table of pairs with the date above and the company below."""
    rows = "".join(
        f"<tr><th>{name}<td>{value}"
        for name, value in (
            ("保証契約番号", facts.number),
            ("保証契約者", f"{facts.applicant_address}<br>{facts.applicant_name} 様"),
            ("被保証者", f"{facts.beneficiary} 様"),
            ("保証金額（総額）", f"{facts.amount:,}円"),
            ("保証期間", f"{wareki(facts.guaranteed_from)}から{wareki(facts.guaranteed_until)}まで"),
            ("工期", f"{wareki(facts.work_from)}から{wareki(facts.work_until)}まで"),
            ("工事名", escape(facts.work_title or "")),
            ("請負金額（総額）", f"{facts.price:,}円"),
            ("前払金預託金融機関", facts.deposit_bank),
        )
    )
    style = (
        "table{border-collapse:collapse;width:100%}th,td{border:1px solid;padding:6px}th{width:11em}"
        ".r{text-align:right}"
    )
    foot = f"<p>取扱支店　{facts.branch}</p><p class=r>大阪市西区立売堀二丁目1番2号<br>{facts.guarantor}</p>"
    head = f"<p class=r>{wareki(facts.issued_date)}</p><h1>{headed(facts)}</h1>"
    return chrome_made(page(style, f"{head}<table>{rows}</table>{foot}"))


NOTICES: dict[str, Callable[[NoticeFacts], bytes]] = {
    "宛名と表のある手紙（LibreOffice）": word_table,
    "灰色の見出しの表（Chromium）": grey_labels,
    "日付と宛名のある帳票": office_form,
    "見出しと値の行（WeasyPrint）": plain_lines,
}
CERTIFICATES: dict[str, Callable[[CertificateFacts], bytes]] = {
    "組にした表（Chromium）": certificate_table,
}

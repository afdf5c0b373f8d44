"""読み取りを作り終えてから、読み取りを見ずに描いた組み方。初めの結果を見て、読み取りを直した。"""

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from contracts.dates import wareki
from guarantees.facts import CertificateFacts, NoticeFacts
from tests.signing.producers import chrome_made, weasyprint_made

from .notices import TYPES, page
from .strokes import Sheet
from .written import headed


def app_screen(facts: NoticeFacts) -> bytes:
    """Print a page of a web application: rows parted by grey lines, the key large in a shaded box of its own."""
    rows = {
        "発行日": "2026年5月10日",
        "保証の種類": TYPES[facts.type or ""],
        "保証契約番号": facts.number,
        "工事名等": facts.work_title,
        "受注者": "株式会社むすび建設",
        "発注者（被保証者）": facts.orderer,
        "保証金額": "40,000,000円",
        "保証機関": facts.guarantor,
    }
    lines = "".join(f"<dt>{name}</dt><dd>{escape(value or '')}</dd>" for name, value in rows.items())
    style = (
        "body{font-family:'Noto Sans CJK JP';color:#333;font-size:13px}h1{font-size:19px;border-left:6px solid #06c;"
        "padding-left:10px}dl{display:grid;grid-template-columns:11em 1fr}dt,dd{margin:0;padding:9px 6px;"
        "border-bottom:1px solid #ddd}dt{color:#666}.key{background:#eef4ff;border-radius:8px;text-align:center;"
        "padding:14px}.key b{display:block;font-size:26px;letter-spacing:.2em;font-family:monospace}"
        "footer{font-size:10px}"
    )
    key = f'<div class="key"><span>認証キー</span><b>{facts.key}</b></div>'
    foot = "発注者が電子証書を閲覧するための情報を記載したものです。発注者へご提出ください。"
    head = "<h1>電子証書閲覧用「認証キー」等のお知らせ</h1>"
    return chrome_made(page(style, f"{head}{key}<dl>{lines}</dl><footer>{foot}</footer>"))


def letter(facts: NoticeFacts) -> bytes:
    """Write a letter in a word processor: a body, then 「記」 with numbered items set by tabs, then 「以上」."""
    items = (
        ("保証の種類", TYPES[facts.type or ""]),
        ("保証契約番号", facts.number),
        ("認証キー", facts.key),
        ("工事名", facts.work_title),
        ("発注者", facts.orderer),
        ("保証機関", facts.guarantor),
    )
    before = (
        "令和８年５月１０日",
        "株式会社むすび建設　御中",
        "電子証書閲覧用「認証キー」等のお知らせ",
        "　このたびは当社の保証をご利用いただき、誠にありがとうございます。"
        "電子証書の閲覧に必要な認証キー等を下記のとおりお知らせいたします。発注者にこの書面をご提出くださいますようお願い申し上げます。",
        "記",
    )
    body = "".join(f"<text:p>{escape(line)}</text:p>" for line in before)
    body += "".join(
        f'<text:p text:style-name="Item">{index}　{name}<text:tab/>{escape(value or "")}</text:p>'
        for index, (name, value) in enumerate(items, 1)
    )
    style = (
        '<style:style style:name="Item" style:family="paragraph"><style:paragraph-properties fo:margin-left="5.5cm" '
        'fo:text-indent="-4.5cm"><style:tab-stops><style:tab-stop style:position="0cm"/></style:tab-stops>'
        "</style:paragraph-properties></style:style>"
    )
    return office_made(style, f"{body}<text:p>以　上</text:p>")


def bilingual(facts: NoticeFacts, border: str = "0.5pt solid #000000") -> bytes:
    """Print a table of a word processor with merged cells, each label in its cell with the English under it."""
    rows = (
        ("区分", "Type of Bond", TYPES[facts.type or ""]),
        ("保証契約番号", "Bond No.", facts.number),
        ("認証キー", "Authentication Key", facts.key),
        ("工事名", "Project", facts.work_title),
        ("発注者", "Obligee", facts.orderer),
        ("保証機関", "Surety", facts.guarantor),
    )
    table = "".join(
        '<table:table-row table:style-name="R">'
        f'<table:table-cell table:style-name="C"><text:p>{name}</text:p><text:p>{english}</text:p></table:table-cell>'
        '<table:table-cell table:style-name="C" table:number-columns-spanned="2">'
        f"<text:p>{escape(value or '')}</text:p></table:table-cell><table:covered-table-cell/></table:table-row>"
        for name, english, value in rows
    )
    style = (
        '<style:style style:name="C" style:family="table-cell"><style:table-cell-properties '
        f'fo:border="{border}" style:vertical-align="middle"/></style:style>'
        '<style:style style:name="W" style:family="table-column"><style:table-column-properties '
        'style:column-width="5.2cm"/></style:style><style:style style:name="R" style:family="table-row">'
        '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
    )
    columns = '<table:table-column table:style-name="W" table:number-columns-repeated="3"/>'
    title = "<text:p>電子証書閲覧用「認証キー」等のお知らせ</text:p>"
    return office_made(style, f'{title}<table:table table:name="通知">{columns}{table}</table:table>')


def borderless(facts: NoticeFacts) -> bytes:
    """Print the same table without its borders."""
    return bilingual(facts, border="none")


def report_server(facts: NoticeFacts) -> bytes:
    """Place every character on its own, in no order, with boxes of thin filled bars, as report servers do."""
    sheet = Sheet(encoding="UniJIS-UCS2-H", size=(595, 421))
    rows = (
        (("区　分",), TYPES[facts.type or ""]),
        (("保証契約番号",), facts.number or ""),
        (("認証キー",), facts.key or ""),
        (("工事名",), facts.work_title or ""),
        (("発注者",), facts.orderer or ""),
        (("保証機関",), facts.guarantor or ""),
    )
    letters = list(_letters("電子証書閲覧用「認証キー」等のお知らせ", 150, 385, 13))
    y = 350.0
    for names, value in rows:
        parts = [value[at : at + 30] for at in range(0, len(value), 30)]
        height = 14.0 * len(parts) + 12
        for x, width in ((50, 110), (160, 385)):
            _bars(sheet, x, y - height, width, height)
        for name in names:
            letters += _letters(name, 60, y - height / 2 - 4, 11)
        for index, part in enumerate(parts):
            letters += _letters(part, 168, y - 17 - 14 * index, 11)
        y -= height
    random.Random(7).shuffle(letters)
    for char, x, at, size in letters:
        sheet.write(x, at, char, size)
    return sheet.pdf()


def _letters(text: str, x: float, y: float, size: float) -> Iterator[tuple[str, float, float, float]]:
    for char in text:
        yield char, x, y, size
        x += size * (0.5 if ord(char) < 128 else 1)


def _bars(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    for left, low, across, up in (
        (x, y, width, 0.6),
        (x, y + height, width, 0.6),
        (x, y, 0.6, height),
        (x + width, y, 0.6, height),
    ):
        sheet.strokes.append(f"{left} {low} {across} {up} re f".encode())


def card(facts: NoticeFacts) -> bytes:
    """Print two halves side by side: the notice at the left, the request to the orderer in small type at the right."""
    items = {
        "区 分": TYPES[facts.type or ""],
        "保証契約番号": facts.number,
        "認 証 キ ー": facts.key,
        "工 事 名": facts.work_title,
        "発 注 者": facts.orderer,
        "保 証 機 関": facts.guarantor,
    }
    left = "".join(f"<li>【{name}】<br>　{escape(value or '')}</li>" for name, value in items.items())
    right = (
        "<h4>発注者様へのお願い</h4><p>「保証確認サービス（D-Sure）」にログインし、左記の保証契約番号及び認証キーを入力の上、"
        "電子証書を閲覧ください。</p><h4>受注者様へのお願い</h4><p>この用紙を発注者様へご提出ください。工事名・発注者に"
        "誤りがあるときは、取扱支店までご連絡ください。</p>"
    )
    style = (
        "@page{size:A4 landscape}body>div{display:flex;gap:1.2cm}"
        "ul{width:14cm;list-style:none;padding:0;line-height:1.5}li{margin-bottom:8px}section{width:9cm;font-size:11px}h2{text-align:center}"
    )
    head = "<h2>電子証書閲覧用「認証キー」等のお知らせ</h2>"
    return weasyprint_made(page(style, f"{head}<div><ul>{left}</ul><section>{right}</section></div>"))


def slip(facts: NoticeFacts) -> bytes:
    """Let MuPDF draw a slip with its own font: two columns of labels over values, parted by a level rule."""
    rows = (
        (("区分", TYPES[facts.type or ""]), ("保証契約番号", facts.number or "")),
        (("認証キー", facts.key or ""), ("発注者名", facts.orderer or "")),
        (("工事名称", facts.work_title or ""),),
        (("保証会社名", facts.guarantor or ""),),
    )
    out = [
        "%%MediaBox 0 0 595 842",
        "%%CJKFont F Japan1 H sans",
        "0.4 w",
        _mu("認証キー等のお知らせ（電子証書閲覧用）", 170, 790, 15),
    ]
    y = 740.0
    for row in rows:
        lowest = y
        for x, (name, value) in zip((60, 320), row, strict=False):
            width = 21 if len(row) > 1 else 42
            parts = [value[at : at + width] for at in range(0, len(value), width)]
            out.append(_mu(name, x, y, 8))
            out += [_mu(part, x, y - 16 - 15 * index, 11) for index, part in enumerate(parts)]
            lowest = min(lowest, y - 16 - 15 * (len(parts) - 1))
        out.append(f"55 {lowest - 8} m 540 {lowest - 8} l S")
        y = lowest - 26
    with tempfile.TemporaryDirectory() as name:
        script, made = Path(name, "slip.txt"), Path(name, "slip.pdf")
        script.write_text("\n".join(out))
        subprocess.run(["mutool", "create", "-o", made, script], check=True, capture_output=True, timeout=60)
        return made.read_bytes()


def _mu(text: str, x: float, y: float, size: float) -> str:
    return f"BT /F {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET"


def bond(facts: CertificateFacts) -> bytes:
    """Print a certificate as an insurer would: sections with headings written downwards, western and Japanese words."""
    style = (
        "body{font-size:11px}table{border-collapse:collapse;width:100%}td,th{border:1px solid #777;padding:4px 6px}"
        ".side{writing-mode:vertical-rl;letter-spacing:.3em;background:#eee}h1{font-size:17px;letter-spacing:.5em;"
        "text-align:center}.r{text-align:right}"
    )
    body = (
        f'<p class="r">証書発行日　{facts.issued_date:%Y.%m.%d}</p><h1>{headed(facts)}</h1><table>'
        f'<tr><th class="side" rowspan="4">当事者<th>保証契約者<td>住所　{facts.applicant_address}<br>氏名　'
        f"{facts.applicant_name}　代表取締役　結　太郎"
        f"<tr><th>被保証者<td>{facts.beneficiary}　様<tr><th>保証機関<td>{facts.guarantor}"
        f"<tr><th>取扱支店<td>{facts.branch}"
        f'<tr><th class="side" rowspan="3">契約<th>工事名<td>{escape(facts.work_title or "")}'
        f"<tr><th>請負代金額<td>{facts.price:,}円（うち消費税及び地方消費税の額 9,090,909円）"
        f"<tr><th>工　期<td>着工 {wareki(facts.work_from)}<br>完成 {wareki(facts.work_until)}"
        f'<tr><th class="side" rowspan="4">保証<th>保証契約番号<td>第{facts.number}号'
        f"<tr><th>保証金額<td>{facts.amount:,}円"
        f"<tr><th>保証期間<td>始期 {wareki(facts.guaranteed_from)}<br>終期 {wareki(facts.guaranteed_until)}"
        f"<tr><th>前払金預託金融機関<td>{facts.deposit_bank}</table>"
    )
    return chrome_made(page(style, body))


def plain_text(facts: CertificateFacts) -> bytes:
    """Write a certificate in a word processor with lines of text only."""
    lines = (
        f"発行日：{wareki(facts.issued_date)}　　　　　　　　　　保証契約番号：{facts.number}",
        headed(facts),
        f"保証契約者　住所　{facts.applicant_address}",
        f"　　　　　　商号　{facts.applicant_name}",
        f"被保証者：{facts.beneficiary}　殿",
        f"工事名：{facts.work_title}",
        f"請負金額（総額）：金{facts.price:,}円　　　　保証金額（総額）：金{facts.amount:,}円",
        f"工期：{wareki(facts.work_from)}から{wareki(facts.work_until)}まで",
        f"保証期間：{wareki(facts.guaranteed_from)}から{wareki(facts.guaranteed_until)}まで",
        f"前払金預託金融機関：{facts.deposit_bank}",
        "当会社は、前払金保証約款に基づき、上記のとおり保証します。",
        str(facts.guarantor),
        f"取扱支店　{facts.branch}",
    )
    return office_made("", "".join(f"<text:p>{escape(line)}</text:p>" for line in lines))


def office_made(styles: str, body: str) -> bytes:
    """Convert a flat document with a real LibreOffice."""
    spaces = {
        "office": "office",
        "text": "text",
        "table": "table",
        "style": "style",
    }
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"' for name, full in spaces.items()
    )
    names += ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {names} office:version="1.3" office:mimetype='
        f'"application/vnd.oasis.opendocument.text"><office:automatic-styles>{styles}</office:automatic-styles>'
        f"<office:body><office:text>{body}</office:text></office:body></office:document>"
    )
    office = shutil.which("soffice")
    assert office, "scripts/bootstrap --tests installs libreoffice-writer-nogui"
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "paper.fodt")
        source.write_text(document)
        profile = f"-env:UserInstallation=file://{name}/profile"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return source.with_suffix(".pdf").read_bytes()


NOTICES: dict[str, Callable[[NoticeFacts], bytes]] = {
    "画面の印刷（Chromium）": app_screen,
    "手紙の記書き（LibreOffice）": letter,
    "英語を添えた表（LibreOffice）": bilingual,
    "英語を添えた罫線のない表（LibreOffice）": borderless,
    "一字ずつ順不同に置く帳票": report_server,
    "左右に分けた用紙（WeasyPrint）": card,
    "見出しの小さな二列の票（MuPDF）": slip,
}
CERTIFICATES: dict[str, Callable[[CertificateFacts], bytes]] = {
    "縦の見出しで区切る様式（Chromium）": bond,
    "文だけの様式（LibreOffice）": plain_text,
}

"""読み取りを作りながら見たお知らせの組み方。"""

from collections.abc import Callable
from functools import partial
from html import escape

from guarantees.facts import NoticeFacts
from tests.signing.producers import chrome_made, libreoffice_made, weasyprint_made

from .strokes import Sheet

TYPES = {"advance": "前払金保証", "interim_advance": "中間前払金保証", "contract": "契約保証"}
HEADING = "電子証書閲覧用「認証キー」等のお知らせ"
LEAD = "「保証確認サービス（D-Sure）」で電子証書を閲覧するための「認証キー」等は、以下のとおりとなります。"
TO_CONTRACTOR = (
    "次の方法で当該PDFファイルを発注者様にご提出ください。",
    "①電子契約システムへの登録（アップロード） 又は ②電子メールに添付して送信",
)
TO_ORDERER = (
    "「保証確認サービス（D-Sure）」にログインし、"
    "上記の「保証契約番号」と「認証キー」を入力の上、電子証書を閲覧ください。"
)
FONT = "font-family:'Noto Serif CJK JP','Noto Sans CJK JP',serif"


def page(style: str, body: str) -> str:
    return f'<html lang="ja"><meta charset="utf-8"><style>body{{{FONT}}}{style}</style><body>{body}</body></html>'


def _notes() -> str:
    return (
        f"<p>【お客様へのお願い】<br>{TO_CONTRACTOR[0]}<br>{TO_CONTRACTOR[1]}</p>"
        f"<p>【発注者様へのお願い】<br>{TO_ORDERER}</p>"
    )


def rows(facts: NoticeFacts) -> dict[str, str]:
    return {
        "区分": TYPES[facts.type or ""],
        "保証契約番号": facts.number or "",
        "認証キー": facts.key or "",
        "工事名": facts.work_title or "",
        "発注者": facts.orderer or "",
        "保証機関": facts.guarantor or "",
    }


def as_in_the_guide(facts: NoticeFacts) -> bytes:
    """Draw the ruled table of the guide, with its notes."""
    table = "".join(f"<tr><th>{name}<td>{escape(value)}" for name, value in rows(facts).items())
    style = "table{border-collapse:collapse;width:100%}th,td{border:1px solid #000;padding:6px}th{width:30%}"
    signed = '<p style="text-align:right">西日本建設業保証株式会社</p>'
    return weasyprint_made(page(style, f"<h2>{HEADING}</h2><p>{LEAD}</p><table>{table}</table>{_notes()}{signed}"))


def without_rules(facts: NoticeFacts) -> bytes:
    """Print labels spread over one width and values after a colon, digits in full width."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    values = rows(facts) | {"保証契約番号": (facts.number or "").translate(wide), "発注者": f"{facts.orderer}　様"}
    names = {"区分": "保証種別", "工事名": "工事名称", "保証機関": "保証会社"}
    table = "".join(
        f"<p class=row><b>{names.get(name, name)}</b><span>：</span><span>{escape(value)}</span></p>"
        for name, value in values.items()
    )
    style = (
        ".row{display:flex;margin:9px 0;gap:4px}.row b{width:8em;text-align:justify;text-align-last:justify}"
        ".row span:last-child{width:22em}"
    )
    return chrome_made(page(style, f"<h1>{HEADING}</h1><p>{LEAD}</p>{table}{_notes()}"))


def two_columns(facts: NoticeFacts) -> bytes:
    """Convert a table of two pairs a row, where labels break and letters of the key stand apart."""
    row = rows(facts)
    key = " ".join(row["認証キー"])
    table = (
        f"<tr><th>保証の<br>種類<td>{row['区分']}<th>保証契約<br>番　号<td>{row['保証契約番号']}"
        f"<tr><th>認証<br>キー<td>{key}<th>発注者名<td>{escape(row['発注者'])}"
        f"<tr><th>工事名<td colspan=3>{escape(row['工事名'])}"
        f"<tr><th>保証機関名<td colspan=3>{escape(row['保証機関'])}"
    )
    body = f'<h2>{HEADING}</h2><table border="1" cellspacing="0" cellpadding="4" width="90%">{table}</table>{_notes()}'
    return libreoffice_made(page("", body))


def typewritten(facts: NoticeFacts) -> bytes:
    """Place fonts that are not embedded at fixed places; a long name takes two lines, its label between them."""
    sheet = Sheet()
    sheet.write(150, 780, HEADING, 14)
    names = {"区分": "区　　　分", "工事名": "工　事　名", "発注者": "発　注　者"}
    y = 730.0
    for name, value in rows(facts).items():
        parts = [value[at : at + 26] for at in range(0, len(value), 26)]
        middle = y - (len(parts) - 1) * 7
        sheet.write(70, middle, names.get(name, name))
        for part in parts:
            sheet.write(190, y, part)
            y -= 14
        y -= 12
    notes = ("【お客様へのお願い】", *TO_CONTRACTOR, "【発注者様へのお願い】", TO_ORDERER[:44], TO_ORDERER[44:])
    for index, note in enumerate(notes):
        sheet.write(70, y - 14 * index, note, 9)
    return sheet.pdf()


def stacked(facts: NoticeFacts) -> bytes:
    """Print each label over its value, in cards side by side, with labels in white on a dark ground."""
    row = rows(facts)
    wide = {"工事名", "保証機関"}
    card = "".join(
        f'<section class="{"wide" if name in wide else ""}"><h3>{name}</h3><p>{escape(value)}</p></section>'
        for name, value in row.items()
    )
    style = (
        "main{display:grid;grid-template-columns:1fr 1fr;gap:14px}.wide{grid-column:1/3}"
        "h3{background:#246;color:#fff;font-size:11px;padding:3px 8px;margin:0}section p{margin:5px 8px;font-size:16px}"
    )
    return chrome_made(page(style, f"<h2>{HEADING}</h2><main>{card}</main>{_notes()}"))


def upright(facts: NoticeFacts) -> bytes:
    """Write a ruled table from right to left in vertical columns."""
    sheet = Sheet(encoding="90ms-RKSJ-V")
    sheet.write(540, 800, HEADING, 14)
    x = 490.0
    for name, value in rows(facts).items():
        parts = [value[at : at + 30] for at in range(0, len(value), 30)]
        width = 20.0 * len(parts) + 8
        sheet.box(x - width, 600, width, 150)
        sheet.box(x - width, 100, width, 500)
        sheet.write(x - width / 2, 740, name, 12)
        for index, part in enumerate(parts):
            sheet.write(x - 14 - 20 * index, 590, part, 12)
        x -= width
    sheet.write(x - 40, 750, TO_ORDERER[:40], 9)
    return sheet.pdf()


def header_row(facts: NoticeFacts) -> bytes:
    """Print labels in a row over their values, the type as boxes to tick, and the title of the works apart."""
    ticks = "　".join(f"{'☑' if type_ == facts.type else '□'}{name}" for type_, name in TYPES.items())
    row = rows(facts)
    style = "table{border-collapse:collapse}td,th{border:1px solid #555;padding:4px 10px}th{background:#eee}"
    body = (
        f"<h2>{HEADING}</h2><table><tr><th>保証契約番号<th>認証キー<th>発注者<tr><td>{row['保証契約番号']}"
        f"<td><code>{row['認証キー']}</code><td>{escape(row['発注者'])} 殿</table>"
        f"<p>保証の区分：{ticks}</p><p>件　名：{escape(row['工事名'])}</p><p>{LEAD}</p>"
        f'<p style="text-align:right">{row["保証機関"]}</p>'
    )
    return weasyprint_made(page(style, body))


def lying(facts: NoticeFacts, turned: int = 180) -> bytes:
    """Turn a page that was written the other way, rows parted by level rules only."""
    sheet = Sheet(encoding="UniJIS-UTF16-H", size=(842, 842), turned=turned)
    sheet.strokes.append({90: b"0 1 -1 0 842 0 cm", 180: b"-1 0 0 -1 842 842 cm", 270: b"0 -1 1 0 0 842 cm"}[turned])
    sheet.write(200, 540, HEADING, 15)
    y = 480.0
    for name, value in rows(facts).items():
        parts = [value[at : at + 40] for at in range(0, len(value), 40)]
        sheet.rule(80, y + 18, 760, y + 18)
        sheet.write(90, y, name)
        for index, part in enumerate(parts):
            sheet.write(240, y - 16 * index, part)
        y -= 30 + 16 * (len(parts) - 1)
    sheet.rule(80, y + 18, 760, y + 18)
    return sheet.pdf()


LAYOUTS: dict[str, Callable[[NoticeFacts], bytes]] = {
    "案内のとおりの表（WeasyPrint）": as_in_the_guide,
    "罫線のない均等割付（Chromium）": without_rules,
    "二列の表（LibreOffice）": two_columns,
    "字体を埋め込まない帳票": typewritten,
    "見出しの下に値（Chromium）": stacked,
    "縦書きの表": upright,
    "見出しの行と値の行（WeasyPrint）": header_row,
    "横線だけの、逆さに書いて回した頁": lying,
    "横線だけの、右に回した頁": partial(lying, turned=90),
    "横線だけの、左に回した頁": partial(lying, turned=270),
}

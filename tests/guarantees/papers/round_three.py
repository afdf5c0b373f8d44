"""二度目の直しのあとで、読み取りを見ずに描いた組み方。初めの結果を見て、読み取りを直した。"""

from collections.abc import Callable
from html import escape

from guarantees.facts import CertificateFacts, NoticeFacts
from tests.signing.producers import chrome_made, weasyprint_made

from .notices import TYPES, page
from .round_one import office_made
from .strokes import Sheet
from .written import headed


def _items(facts: NoticeFacts) -> list[tuple[str, str]]:
    return [
        ("区分", TYPES[facts.type or ""]),
        ("保証契約番号", facts.number or ""),
        ("認証キー", facts.key or ""),
        ("工事名", facts.work_title or ""),
        ("発注者", facts.orderer or ""),
        ("保証機関", facts.guarantor or ""),
    ]


def with_instructions(facts: NoticeFacts) -> bytes:
    """Print the table on one page and, on the next, what each of its lines means."""
    told = {
        "区分": "保証の種類（契約保証・前払金保証・中間前払金保証）です。",
        "保証契約番号": "保証契約を特定する10桁の番号です。",
        "認証キー": "電子証書を閲覧するためのキーです。",
        "工事名": "申込み時に登録された名称です。",
        "発注者": "電子証書を閲覧できる方です。",
        "保証機関": "保証をした会社です。",
    }
    first = "".join(f"<tr><th>{name}<td>{escape(value)}" for name, value in _items(facts))
    second = "".join(f"<tr><th>{name}<td>{words}" for name, words in told.items())
    style = (
        "table{border-collapse:collapse;width:100%}td,th{border:1px solid;padding:5px}"
        "h2{break-before:page}th{width:25%;text-align:justify;text-align-last:justify}"
    )
    head = "<h1>電子証書閲覧用「認証キー」等のお知らせ</h1>"
    return weasyprint_made(
        page(style, f"{head}<table>{first}</table><h2>各項目の説明</h2><table><tr><th>項目<th>説明{second}</table>")
    )


def numbered(facts: NoticeFacts) -> bytes:
    """Print a table with a column of numbers and a row of headings, striped, in a sans-serif face."""
    rows = "".join(
        f"<tr><td>{index}<td>{name}<td>{escape(value)}" for index, (name, value) in enumerate(_items(facts), 1)
    )
    style = (
        "body{font-family:'Noto Sans CJK JP'}table{border-spacing:0;width:90%}thead{background:#036;color:#fff}"
        "tr:nth-child(even){background:#f3f3f3}td,th{padding:7px;border-bottom:1px solid #ccc;text-align:left}"
    )
    head = "<h2>電子証書閲覧用「認証キー」等のお知らせ</h2>"
    table = f"<table><thead><tr><th>No.<th>項目<th>内容</thead><tbody>{rows}</tbody></table>"
    return chrome_made(page(style, f"{head}{table}<p>お問い合わせ：佐賀支店 0952-22-0335</p>"))


def underlined(facts: NoticeFacts) -> bytes:
    """Set labels flush with the right of their column and underline every line of the values."""
    sheet = Sheet(encoding="EUC-H")
    sheet.write(150, 780, "電子証書閲覧用「認証キー」等のお知らせ", 14)
    y = 720.0
    for name, value in _items(facts):
        sheet.write(170 - 11 * len(name), y, name)
        for part in [value[at : at + 30] for at in range(0, len(value), 30)]:
            sheet.write(190, y, part)
            sheet.rule(186, y - 3, 530, y - 3)
            y -= 18
        y -= 8
    sheet.write(70, y - 20, "上記の保証契約番号と認証キーにより、電子証書を閲覧してください。", 10)
    return sheet.pdf()


def tabbed(facts: NoticeFacts) -> bytes:
    """Write the notice with dotted tabs, under a letterhead, in a word processor."""
    style = (
        '<style:style style:name="T" style:family="paragraph"><style:paragraph-properties fo:margin-left="6cm" '
        'fo:text-indent="-5cm"><style:tab-stops><style:tab-stop style:position="0cm" style:leader-style="dotted" '
        'style:leader-text="."/></style:tab-stops></style:paragraph-properties></style:style>'
    )
    head = "".join(
        f"<text:p>{line}</text:p>"
        for line in ("西日本建設業保証株式会社　佐賀支店", "電子証書閲覧用「認証キー」等のお知らせ", "")
    )
    body = "".join(
        f'<text:p text:style-name="T">{name}<text:tab/>{escape(value)}</text:p>' for name, value in _items(facts)
    )
    return office_made(style, head + body)


def contract_guarantee(facts: CertificateFacts) -> bytes:
    """Print a certificate of numbered articles, each with its label in brackets."""
    lines = (
        ("保証契約番号", facts.number),
        ("保証契約者", f"{facts.applicant_address}　{facts.applicant_name}"),
        ("被保証者", facts.beneficiary),
        ("工事名", escape(facts.work_title or "")),
        ("請負代金額", f"金{facts.price:,}円"),
        ("保証金額", f"金{facts.amount:,}円"),
        ("工期", f"{facts.work_from:%Y年%-m月%-d日}から{facts.work_until:%Y年%-m月%-d日}まで"),
        ("保証期間", f"{facts.guaranteed_from:%Y年%-m月%-d日}から{facts.guaranteed_until:%Y年%-m月%-d日}まで"),
        ("前払金預託金融機関", facts.deposit_bank),
        ("取扱支店", facts.branch),
    )
    body = "".join(f"<p>{index}．（{name}）　{value}</p>" for index, (name, value) in enumerate(lines, 1))
    head = f"<h1 align=center>{headed(facts)}</h1><p align=right>{facts.issued_date:%Y年%-m月%-d日}</p>"
    return weasyprint_made(page("", f"{head}{body}<p align=right>{facts.guarantor}</p>"))


NOTICES: dict[str, Callable[[NoticeFacts], bytes]] = {
    "次の頁に説明のある表（WeasyPrint）": with_instructions,
    "番号の列のある縞の表（Chromium）": numbered,
    "下線を引いた帳票": underlined,
    "点線でつないだ手紙（LibreOffice）": tabbed,
}
CERTIFICATES: dict[str, Callable[[CertificateFacts], bytes]] = {
    "条を並べた様式（WeasyPrint）": contract_guarantee,
}

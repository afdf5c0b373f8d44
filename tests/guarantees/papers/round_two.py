"""一度目の直しのあとで、読み取りを見ずに描いた組み方。初めの結果を見て、読み取りを直した。"""

from collections.abc import Callable
from html import escape

from contracts.dates import wareki
from guarantees.facts import CertificateFacts, NoticeFacts
from tests.signing.producers import chrome_made, libreoffice_made, weasyprint_made

from .notices import TYPES, page
from .strokes import Sheet
from .written import headed


def printed_mail(facts: NoticeFacts) -> bytes:
    """Print a mail with its headers, the facts in a frame with bullets and colons."""
    head = "".join(
        f"<tr><td>{name}:<td>{value}"
        for name, value in (
            ("差出人", "e-Net保証 &lt;noreply@example.jp&gt;"),
            ("宛先", "株式会社むすび建設 &lt;info@example.jp&gt;"),
            ("件名", "電子証書閲覧用「認証キー」等のお知らせ"),
            ("日時", "2026年5月10日 9:41"),
        )
    )
    body = "<br>".join(
        f"■{name}：{escape(value or '')}"
        for name, value in (
            ("区分", TYPES[facts.type or ""]),
            ("保証契約番号", facts.number),
            ("認証キー", facts.key),
            ("工事名", facts.work_title),
            ("発注者", facts.orderer),
            ("保証機関", facts.guarantor),
        )
    )
    style = ".frame{border:1px solid #000;padding:10px;width:32em;line-height:1.7}hr{border:0;border-top:2px solid}"
    lead = "<p>株式会社むすび建設 御中</p><p>以下の認証キー等を発注者様へご提出ください。</p>"
    return chrome_made(page(style, f"<table>{head}</table><hr>{lead}<div class=frame>{body}</div>"))


def shaded(facts: NoticeFacts) -> bytes:
    """Convert a table with no lines at all: labels at the right of their shaded cells, values in plain cells."""
    rows = "".join(
        f'<tr><td align="right" bgcolor="#d9e2f3" width="22%">{name}<td>{escape(value or "")}'
        for name, value in (
            ("種別", TYPES[facts.type or ""]),
            ("保証契約番号", facts.number),
            ("閲覧用認証キー", facts.key),
            ("工事（業務）名", facts.work_title),
            ("発注機関", facts.orderer),
            ("保証会社", facts.guarantor),
            ("お問い合わせ先", "佐賀支店　0952-22-0335"),
        )
    )
    head = '<h3 align="center">電子証書閲覧用<br>「認証キー」等のお知らせ</h3>'
    return libreoffice_made(
        page("", f'{head}<table border="0" cellpadding="6" cellspacing="2" width="100%">{rows}</table>')
    )


def squares(facts: NoticeFacts) -> bytes:
    """Give each character of the number and the key a square of its own, as official forms do."""
    sheet = Sheet(encoding="90ms-RKSJ-H")
    sheet.write(140, 790, "電子証書閲覧用「認証キー」等のお知らせ", 14)
    rows = (
        ("区　　　分", TYPES[facts.type or ""], False),
        ("保証契約番号", facts.number or "", True),
        ("認 証 キ ー", facts.key or "", True),
        ("工　事　名", facts.work_title or "", False),
        ("発　注　者", facts.orderer or "", False),
        ("保 証 機 関", facts.guarantor or "", False),
    )
    y = 740.0
    for name, value, squared in rows:
        parts = [value] if squared else [value[at : at + 32] for at in range(0, len(value), 32)]
        height = 18.0 + 15 * (len(parts) - 1) + 8
        sheet.box(45, y - height, 95, height)
        sheet.box(140, y - height, 410, height)
        sheet.write(55, y - height / 2 - 4, name)
        if squared:
            for index, char in enumerate(value):
                sheet.box(150 + 22 * index, y - height + 3, 22, height - 6)
                sheet.write(158 + 22 * index, y - height / 2 - 4, char, 12)
        else:
            for index, part in enumerate(parts):
                sheet.write(148, y - 17 - 15 * index, part)
        y -= height
    sheet.write(45, y - 30, "※太枠内の番号とキーを「保証確認サービス」に入力してください。", 9)
    return sheet.pdf()


def downwards(facts: NoticeFacts) -> bytes:
    """Print a page written downwards by a browser, which lays digits and Latin letters on their side."""
    items = "".join(
        f"<p><b>{name}</b>　{escape(value or '')}</p>"
        for name, value in (
            ("区分", TYPES[facts.type or ""]),
            ("保証契約番号", facts.number),
            ("認証キー", facts.key),
            ("工事名", facts.work_title),
            ("発注者", facts.orderer),
            ("保証機関", facts.guarantor),
        )
    )
    style = "body{writing-mode:vertical-rl;height:22cm}p{margin:0 10px}"
    return chrome_made(page(style, f"<h2>電子証書閲覧用「認証キー」等のお知らせ</h2>{items}"))


def landscape(facts: CertificateFacts) -> bytes:
    """Print a certificate on its side: two blocks, labels over values in one, beside them in the other."""
    left = (
        ("保証契約者", f"{facts.applicant_address}<br>{facts.applicant_name}　様"),
        ("被保証者", f"{facts.beneficiary}　様"),
        ("工事名", escape(facts.work_title or "")),
    )
    right = (
        ("保証契約番号", facts.number),
        ("発行日", wareki(facts.issued_date)),
        ("保証金額（総額）", f"{facts.amount:,}円"),
        ("保証期間", f"{wareki(facts.guaranteed_from)}～<br>{wareki(facts.guaranteed_until)}"),
        ("工期", f"{wareki(facts.work_from)}～<br>{wareki(facts.work_until)}"),
        ("請負金額（総額）", f"{facts.price:,}円"),
        ("前払金預託金融機関", facts.deposit_bank),
        ("取扱支店", facts.branch),
    )
    over = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in left)
    beside = "".join(f"<tr><th>{name}<td>{value}" for name, value in right)
    style = (
        "@page{size:A4 landscape}main{display:flex;gap:1.5cm}dl{width:11cm}dt{font-size:10px;color:#555}"
        "dd{margin:2px 0 12px}th{font-weight:400;text-align:left;padding:4px 14px 4px 0;vertical-align:top}"
        "td{vertical-align:top;padding:4px}"
        "h1{font-size:20px}footer{text-align:right}"
    )
    foot = f"<footer>上記のとおり保証します。<br>{facts.guarantor}</footer>"
    head = f"<h1>{headed(facts)}</h1>"
    return weasyprint_made(page(style, f"{head}<main><dl>{over}</dl><table>{beside}</table></main>{foot}"))


NOTICES: dict[str, Callable[[NoticeFacts], bytes]] = {
    "メールの印刷（Chromium）": printed_mail,
    "色で分けた表（LibreOffice）": shaded,
    "一字一升の様式": squares,
    "縦書きの手紙（Chromium）": downwards,
}
CERTIFICATES: dict[str, Callable[[CertificateFacts], bytes]] = {
    "横向きの二段（WeasyPrint）": landscape,
}

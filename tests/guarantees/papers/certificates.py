"""読み取りを作りながら見た保証証書の組み方。"""

from collections.abc import Callable
from html import escape

from contracts.dates import wareki
from guarantees.facts import CertificateFacts
from tests.signing.producers import chrome_made, libreoffice_made, weasyprint_made

from .notices import page
from .strokes import Sheet
from .written import headed

STATEMENT = "当会社は、前払金保証約款に基づき上記のとおり前払金保証契約を締結し、その責に任じます。"
NOTES = (
    "【注】1. 保証金額の増減等の変更があった場合は（変更）と表示し、変更後の内容を確認できます。",
    "2. 保証期間については、工期の変更に応じて自動的に変更されますので、変更の保証証書は発行しません。",
)


def _yen(amount: int | None) -> str:
    return f"{amount:,}円" if amount is not None else ""


def as_in_the_guide(facts: CertificateFacts) -> bytes:
    """Draw the screen of the guide: no rules, labels spread out, the day of issue above the title."""
    rows = {
        "保証契約番号": facts.number,
        "保証契約者": f"{facts.applicant_address}<br>{facts.applicant_name}　様",
        "被保証者": f"{facts.beneficiary}　様",
        "保証金額（総額）": _yen(facts.amount),
        "保証期間": f"{wareki(facts.guaranteed_from)}から {wareki(facts.guaranteed_until)}まで",
        "工期": f"{wareki(facts.work_from)}から {wareki(facts.work_until)}まで",
        "工事名": escape(facts.work_title or ""),
        "請負金額（総額）": _yen(facts.price),
        "前払金預託金融機関": facts.deposit_bank,
    }
    body = "".join(f"<p><b>{name}</b><span>{value}</span></p>" for name, value in rows.items() if value)
    style = (
        "p{display:flex;gap:2em;margin:8px 0}p b{flex:0 0 10em;text-align:justify;text-align-last:justify}"
        "h1{font-size:20px;text-align:center}.end{text-align:right}"
    )
    foot = f"<div class=end>大阪市西区立売堀二丁目1番2号<br>{facts.guarantor}<br>取締役社長　保証　太郎</div>"
    branch = f"<p><b>取扱支店</b><span>{facts.branch}</span></p><div>TEL 0952-22-0335　FAX 0952-22-0336</div>"
    notes = "".join(f"<div>{note}</div>" for note in NOTES)
    head = f"<div class=end>{wareki(facts.issued_date)}</div><h1>{headed(facts)}</h1>"
    return chrome_made(page(style, f"{head}{body}<div>{STATEMENT}</div>{foot}{branch}{notes}"))


def ruled(facts: CertificateFacts) -> bytes:
    """Draw a ruled form with the parties in parts, and western dates."""
    title = "前払金保証証書" + ("（変更）" if facts.changed else "")
    style = "table{border-collapse:collapse;width:100%}td,th{border:1px solid #000;padding:5px;font-weight:400}"
    base = f"<tr><th colspan=2>請負代金額（対象額）<td>{_yen(facts.base_price)}" if facts.base_price else ""
    body = (
        f"<h2>{title}</h2><table><tr><th colspan=2>証書番号<td>{facts.number}"
        f"<tr><th colspan=2>発行年月日<td>{facts.issued_date:%Y年%m月%d日}"
        f"<tr><th rowspan=2>保証<br>契約者<th>住　所<td>{facts.applicant_address}"
        f"<tr><th>商号又は名称<td>{facts.applicant_name}"
        f"<tr><th colspan=2>被保証者（発注者）<td>{facts.beneficiary}　殿"
        f"<tr><th colspan=2>工事名<td>{escape(facts.work_title or '')}"
        f"<tr><th colspan=2>請負代金額（総額）<td>金 {facts.price:,} 円{base}"
        f"<tr><th colspan=2>保証金額<td>金 {facts.amount:,} 円也"
        f"<tr><th colspan=2>保証期間<td>自 {facts.guaranteed_from:%Y/%m/%d}　至 {facts.guaranteed_until:%Y/%m/%d}"
        f"<tr><th colspan=2>工期<td>自 {facts.work_from:%Y/%m/%d}　至 {facts.work_until:%Y/%m/%d}"
        f"<tr><th colspan=2>預託金融機関<td>{facts.deposit_bank}<tr><th colspan=2>取扱店<td>{facts.branch}"
        f"</table><p>{STATEMENT}</p><p style='text-align:right'>{facts.guarantor}</p>"
    )
    return weasyprint_made(page(style, body))


def typewritten(facts: CertificateFacts) -> bytes:
    """Place fonts that are not embedded in two columns of pairs."""
    sheet = Sheet(encoding="UniJIS-UCS2-H")
    sheet.write(230, 790, "保　証　証　書", 16)
    sheet.write(250, 770, "（前払金保証）" + ("（変更）" if facts.changed else ""), 11)
    sheet.write(60, 740, f"発　行　日：{wareki(facts.issued_date)}")
    sheet.write(330, 740, f"保証契約番号：{facts.number}")
    pairs = {
        "保証契約者": (facts.applicant_address or "", f"{facts.applicant_name}　代表取締役　結　太郎"),
        "被 保 証 者": (facts.beneficiary or "",),
        "工　事　名": (facts.work_title or "",),
    }
    y = 710.0
    for name, parts in pairs.items():
        sheet.write(60, y, name)
        for part in parts:
            sheet.write(170, y, part)
            y -= 15
        y -= 9
    halves = [
        ("請負金額", f"￥{facts.price:,}-", "保証金額", f"￥{facts.amount:,}-"),
        ("工　　期", f"{wareki(facts.work_from)}から", "保証期間", f"{wareki(facts.guaranteed_from)}から"),
        ("", f"{wareki(facts.work_until)}まで", "", f"{wareki(facts.guaranteed_until)}まで"),
    ]
    for left, one, right, other in halves:
        for x, text in ((60, left), (130, one), (320, right), (390, other)):
            if text:
                sheet.write(x, y, text)
        y -= 16
    sheet.write(60, y - 10, "預託先金融機関")
    sheet.write(170, y - 10, facts.deposit_bank or "")
    sheet.write(60, y - 40, STATEMENT, 10)
    sheet.write(300, y - 80, facts.guarantor or "", 12)
    sheet.write(300, y - 96, f"取扱支店　{facts.branch}", 10)
    return sheet.pdf()


def office(facts: CertificateFacts) -> bytes:
    """Convert a table of two pairs a row, made in a word processor."""
    rows = (
        ("発行日", wareki(facts.issued_date), "保証契約番号", facts.number),
        ("保証契約者", f"{facts.applicant_address} {facts.applicant_name} 様", "被保証者", f"{facts.beneficiary} 様"),
        ("工事名", escape(facts.work_title or ""), "取扱支店", facts.branch),
        ("請負金額<br>（総額）", _yen(facts.price), "保証金額<br>（総額）", _yen(facts.amount)),
        (
            "工期",
            f"{wareki(facts.work_from)}～{wareki(facts.work_until)}",
            "保証期間",
            f"{wareki(facts.guaranteed_from)}～{wareki(facts.guaranteed_until)}",
        ),
        ("前払金預託<br>金融機関", facts.deposit_bank, "保証機関", facts.guarantor),
    )
    table = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    body = f'<h2 align="center">{headed(facts)}</h2><table border="1" cellpadding="4">{table}</table><p>{STATEMENT}</p>'
    return libreoffice_made(page("", body))


LAYOUTS: dict[str, Callable[[CertificateFacts], bytes]] = {
    "案内の画面（Chromium）": as_in_the_guide,
    "罫線の様式（WeasyPrint）": ruled,
    "字体を埋め込まない帳票": typewritten,
    "二列の表（LibreOffice）": office,
}

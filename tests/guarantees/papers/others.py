"""お知らせでも証書でもないもの、読み取れないもの。"""

from io import BytesIO

import pikepdf

from tests.signing import producers

from . import notices
from .strokes import Sheet
from .written import NOTICE


def locked(pdf: bytes) -> bytes:
    """Ask for a password before the file opens."""
    with pikepdf.open(BytesIO(pdf)) as made:
        output = BytesIO()
        made.save(output, encryption=pikepdf.Encryption(user="ひみつ", owner="ひみつ"))
        return output.getvalue()


def kept_from_changes(pdf: bytes) -> bytes:
    """Let everybody read and nobody change, as services that issue papers do."""
    with pikepdf.open(BytesIO(pdf)) as made:
        output = BytesIO()
        allowed = pikepdf.Permissions(modify_other=False, extract=False)
        made.save(output, encryption=pikepdf.Encryption(user="", owner="ひみつ", allow=allowed))
        return output.getvalue()


def joined(*pdfs: bytes) -> bytes:
    """Put several files one after the other."""
    with pikepdf.new() as made:
        for pdf in pdfs:
            with pikepdf.open(BytesIO(pdf)) as each:
                made.pages.extend(each.pages)
        output = BytesIO()
        made.save(output)
        return output.getvalue()


def recognised_scan() -> bytes:
    """Lay text that nobody sees under a picture, as a copier with recognition does."""
    sheet = Sheet()
    for index, (name, value) in enumerate(notices.rows(NOTICE).items()):
        sheet.write(80, 700 - 30 * index, name, mode=3)
        sheet.write(200, 700 - 30 * index, value, mode=3)
    sheet.write(80, 760, notices.HEADING, mode=3)
    with pikepdf.open(BytesIO(sheet.pdf())) as text, pikepdf.open(BytesIO(producers.scanned_in_black())) as scan:
        scan.pages[0].add_overlay(text.pages[0])
        output = BytesIO()
        scan.save(output)
        return output.getvalue()


def without_meaning() -> bytes:
    """Leave out what the characters of the embedded fonts mean, as careless producers do."""
    with pikepdf.open(BytesIO(notices.as_in_the_guide(NOTICE))) as made:
        for each in made.objects:
            if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each:
                del each.ToUnicode
        output = BytesIO()
        made.save(output)
        return output.getvalue()


def list_of_works() -> bytes:
    """Print the list of guaranteed works from the contractor's screen (R104)."""
    works = {
        "種別": "電子",
        "証書発行日": "2026/05/10",
        "保証契約番号": "2070004426",
        "区分": "前払",
        "発注者": "鳥栖市長",
        "工事名": "市道改良工事",
        "保証金額": "40,000,000",
        "認証キー": "表示",
    }
    table = "".join(f"<th>{head}" for head in works) + "<tr>" + "".join(f"<td>{cell}" for cell in works.values())
    lead = "認証キーの「表示」ボタンを押すと、発注者へ提出いただく情報が表示されます。"
    body = f"<h2>保証工事一覧</h2><p>{lead}</p><table border=1><tr>{table}</table>"
    return producers.weasyprint_made(notices.page("td,th{font-size:9px}", body))


def customers_copy() -> bytes:
    """Print the contractor's copy, with numbers and amounts but no key."""
    rows = {"保証契約番号": "2070004426", "工事名": "市道改良工事", "保証金額": "40,000,000円", "保証料": "120,000円"}
    table = "".join(f"<tr><th>{name}<td>{value}" for name, value in rows.items())
    return producers.weasyprint_made(
        notices.page("", f"<h2>前払金保証　お客様控え</h2><table border=1>{table}</table>")
    )


def agreement() -> bytes:
    """Print a contract for works."""
    rows = {"工事名": "市道改良工事", "工期": "令和8年5月11日から令和9年3月31日まで", "請負代金額": "100,000,000円"}
    table = "".join(f"<tr><th>{name}<td>{value}" for name, value in rows.items())
    text = "発注者と受注者は、次の条項によって公正な請負契約を締結する。"
    return producers.weasyprint_made(
        notices.page("", f"<h2>建設工事請負契約書</h2><table>{table}</table><p>{text}</p>")
    )

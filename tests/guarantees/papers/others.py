"""お知らせでも証書でもないもの、読み取れないもの。"""

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from guarantees.facts import NoticeFacts
from tests.signing import producers

from . import notices
from .strokes import Sheet
from .written import NOTICE


def saved(made: pikepdf.Pdf, **options: pikepdf.Encryption) -> bytes:
    """Return a file as bytes."""
    output = BytesIO()
    made.save(output, **options)
    return output.getvalue()


def locked(pdf: bytes) -> bytes:
    """Ask for a password before the file opens."""
    with pikepdf.open(BytesIO(pdf)) as made:
        return saved(made, encryption=pikepdf.Encryption(user="ひみつ", owner="ひみつ"))


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
        return saved(made)


def recognised_scan() -> bytes:
    """Lay text that nobody sees under a picture, as a copier with recognition does."""
    sheet = Sheet()
    for index, (name, value) in enumerate(notices.rows(NOTICE).items()):
        sheet.write(80, 700 - 30 * index, name, mode=3)
        sheet.write(200, 700 - 30 * index, value, mode=3)
    sheet.write(80, 760, notices.HEADING, mode=3)
    with pikepdf.open(BytesIO(sheet.pdf())) as text, pikepdf.open(BytesIO(producers.scanned_in_black())) as scan:
        scan.pages[0].add_overlay(text.pages[0])
        return saved(scan)


def without_meaning() -> bytes:
    """Leave out what the characters of the embedded fonts mean, as careless producers do."""
    with pikepdf.open(BytesIO(notices.as_in_the_guide(NOTICE))) as made:
        for each in made.objects:
            if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each:
                del each.ToUnicode
        return saved(made)


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


def with_hidden_key(facts: NoticeFacts, key: str) -> bytes:
    """Write another key that nobody sees before the one that is seen."""
    sheet = Sheet()
    sheet.write(70, 760, f"認証キー　{key}", mode=3)
    sheet.write(70, 780, notices.HEADING)
    for index, (name, value) in enumerate(notices.rows(facts).items()):
        sheet.write(70, 700 - 30 * index, name)
        sheet.write(190, 700 - 30 * index, value)
    return sheet.pdf()


def filled_form(facts: NoticeFacts) -> bytes:
    """Leave the values in form fields over printed labels, as forms filled by a program are."""
    sheet = Sheet()
    sheet.write(70, 780, notices.HEADING)
    with pikepdf.open(BytesIO(sheet.pdf())) as made:
        page = made.pages[0]
        font = page.obj.Resources.Font
        fields = []
        for index, (name, value) in enumerate(notices.rows(facts).items()):
            y = 700 - 30 * index
            page.contents_add(_shown(name, 70, y).encode())
            look = made.make_stream(_shown(value, 2, 4).encode(), Type=Name.XObject, Subtype=Name.Form)
            look.update(Dictionary(BBox=[0, 0, 360, 16], Resources=Dictionary(Font=font)))
            field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, FT=Name.Tx, T=String(name), V=String(value))
            field.update(Dictionary(Rect=[190, y - 4, 550, y + 12], AP=Dictionary(N=look)))
            fields.append(made.make_indirect(field))
        page.obj.Annots = Array(fields)
        made.Root.AcroForm = Dictionary(Fields=Array(fields))
        return saved(made)


def _shown(text: str, x: float, y: float) -> str:
    return f"BT /F1 11 Tf {x} {y} Td <{text.encode('cp932').hex()}> Tj ET"

"""見出しと値から、お知らせと証書の記載事項を組み立てる。"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise

from contracts.dates import parse_date
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.reading import pairing, tables
from guarantees.reading.labels import Label
from guarantees.reading.letters import code, folded
from guarantees.reading.lines import lines, run_on
from guarantees.reading.page import Page
from guarantees.reading.tables import Value

NUMBER = re.compile(r"(?:No\.?|第)?([0-9A-Za-z][0-9A-Za-z-]{3,31})")
KEY = re.compile(r"[!-'*-~]{4,64}")
LEADER = re.compile(r"^(?:[\s:：]|[・･.…‥]{2})[\s・･.…‥:：]*")
QUOTES = re.compile(r"^[「『【\[〔<〈《(]+")
HEADING = re.compile("認証キー.*お知らせ")  # 紙の題。値ではない
CHECKED, UNCHECKED = "■☑☒✓✔●◉", "□☐○◯"
MARKED = re.compile(f"([{CHECKED}{UNCHECKED}])([^{CHECKED}{UNCHECKED}]*)")
HONORIFIC = re.compile(r"\s*(?:様|殿|御中)$")
LEGAL_FORM = re.compile("株式会社|有限会社|合同会社|合資会社|合名会社|協同組合|企業組合|工務店|[(（][株有][)）]|[㈱㈲]")
SURETY = re.compile("保証|保険|損害|海上|火災|共済|銀行|信用金庫")
REPRESENTATIVE = re.compile(r"\s*(?:代表取締役|代表社員|代表者|取締役).*$")
PHONE = re.compile(r"\s*(?:TEL|FAX|電話|☎).*$", re.IGNORECASE)
TITLE = re.compile(r"[^、。「」]{0,10}(?:保証証書|保証証券|保証書)(?:\([^()]{1,14}\))*")
BRACKETED = re.compile(r"(?:\([^()]{1,14}\))+")
CHANGED = re.compile(r"\(変更\)(?!と)")
DATE = re.compile(
    r"(?:(?:令和|平成|昭和|[RHS])\.?(?:元|[0-9〇一二三四五六七八九十]{1,3})|(?:西暦)?[12][0-9]{3})"
    r"[年./-][0-9〇一二三四五六七八九十]{1,3}[月./-][0-9〇一二三四五六七八九十]{1,3}日?"
)
YEN = re.compile(r"[¥\\金]?([0-9][0-9,]*)(千|万|百万)?円|[¥\\]([0-9][0-9,]*)-?")
UNITS = {"千": 1_000, "万": 10_000, "百万": 1_000_000}


class Sheet:
    """The values of one page and its text, with what they amount to."""

    def __init__(self, page: Page) -> None:
        self.values = _values(page)
        rows = lines(page.glyphs)
        self.chunks = [chunk.text.strip() for row in rows for chunk in row.chunks()]
        self.rows = [folded(row.text) for row in rows]
        self.text = "".join(self.rows)

    def first(self, *labels: Label) -> str | None:
        """Return the first value of the first of these labels that has one, on one line."""
        found = (run_on(value).strip() for label in labels for value in self.values.get(label, ()))
        return next((text for text in found if text and not HEADING.search(text)), None)

    def number(self) -> str | None:
        """Return the number of the guarantee, or else that of its paper."""
        return self.only(Label.NUMBER, NUMBER) or self.only(Label.PAPER_NUMBER, NUMBER)

    def only(self, label: Label, pattern: re.Pattern[str]) -> str | None:
        """Return the code that stands at a label; None where there are two different ones."""
        found = {match[match.lastindex or 0] for match in self._codes(label, pattern)}
        return found.pop() if len(found) == 1 else None

    def _codes(self, label: Label, pattern: re.Pattern[str]) -> Iterable[re.Match[str]]:
        texts = (QUOTES.sub("", code(run_on(value))) for value in self.values.get(label, ()))
        return [found for text in texts if (found := pattern.match(text))]


def _values(page: Page) -> Mapping[Label, list[Value]]:
    """Collect the values of every label, those from tables first: they are surer."""
    found: dict[Label, list[Value]] = {}
    for label, value in [*tables.values(page), *pairing.values(page)]:
        plain = tuple(LEADER.sub("", line) for line in value)
        if any(plain) and plain not in found.setdefault(label, []):
            found[label].append(plain)
    return found


def is_notice(sheet: Sheet) -> bool:
    """Tell whether a page is the notice of a key: it has one, or says so in its heading."""
    titled = any("認証キー" in row and "お知らせ" in row for row in sheet.rows)
    return sheet.only(Label.KEY, KEY) is not None or titled


def is_certificate(sheet: Sheet) -> bool:
    """Tell whether a page is a certificate: its title and at least two lines that only a certificate has."""
    known = {Label.APPLICANT, Label.BENEFICIARY, Label.AMOUNT, Label.GUARANTEED, Label.PRICE}
    return _title(sheet) is not None and len(known & set(sheet.values)) >= 2


def notice(sheet: Sheet) -> NoticeFacts:
    """Read the six facts of a notice (R89)."""
    heading = next((row for row in sheet.rows if "お知らせ" in row), "")
    return NoticeFacts(
        type=type_of(sheet.first(Label.TYPE) or heading),
        number=sheet.number(),
        key=sheet.only(Label.KEY, KEY),
        work_title=sheet.first(Label.WORK_TITLE, Label.SUBJECT),
        orderer=_addressed(sheet.first(Label.ORDERER, Label.BENEFICIARY)),
        guarantor=_guarantor(sheet),
    )


def certificate(sheet: Sheet) -> CertificateFacts:
    """Read the facts of a certificate (R105)."""
    title = _title(sheet)
    name, address = _applicant(sheet)
    guaranteed, works = _period(sheet.first(Label.GUARANTEED)), _period(sheet.first(Label.WORK_PERIOD))
    return CertificateFacts(
        title=title,
        changed=any(CHANGED.search(row) for row in sheet.rows),
        type=type_of(sheet.first(Label.TYPE) or title or ""),
        issued_date=_issued(sheet),
        number=sheet.number(),
        applicant_name=name,
        applicant_address=address,
        beneficiary=_addressed(sheet.first(Label.BENEFICIARY, Label.ORDERER)),
        amount=_yen(sheet.first(Label.AMOUNT)),
        guaranteed_from=guaranteed[0],
        guaranteed_until=guaranteed[1],
        work_from=works[0],
        work_until=works[1],
        work_title=sheet.first(Label.WORK_TITLE, Label.SUBJECT),
        price=_yen(sheet.first(Label.PRICE)),
        base_price=_yen(sheet.first(Label.BASE_PRICE)),
        deposit_bank=sheet.first(Label.DEPOSIT_BANK),
        guarantor=_guarantor(sheet, but=name),
        branch=PHONE.sub("", sheet.first(Label.BRANCH) or "") or None,
    )


def type_of(written: str) -> str | None:
    """Tell the type of guarantee from what is written; of boxes to tick, the ticked one. None for 契約保証予約."""
    text = folded(written)
    marked = MARKED.findall(text)
    if marked:
        text = "".join(words for mark, words in marked if mark in CHECKED)
    if "予約" in text or "入札ボンド" in text:
        return None
    if "前払" in text or "前金払" in text:
        return "interim_advance" if "中間" in text else "advance"
    return "contract" if "契約" in text or "履行" in text else None


def _title(sheet: Sheet) -> str | None:
    """Return the heading of a certificate with its type, which may stand under it in brackets, without （変更）."""
    for row, following in pairwise([*sheet.rows, ""]):
        if TITLE.fullmatch(row) and "お知らせ" not in row:
            return CHANGED.sub("", row + (following if BRACKETED.fullmatch(following) else ""))
    return None


def _addressed(name: str | None) -> str | None:
    return HONORIFIC.sub("", name) if name else None


def _guarantor(sheet: Sheet, *, but: str | None = None) -> str | None:
    """Return the guarantor that is named, or the company of that trade that signs the page."""
    named = sheet.first(Label.GUARANTOR)
    signs = [
        chunk
        for chunk in sheet.chunks
        if len(chunk) <= 30 and LEGAL_FORM.search(chunk) and SURETY.search(chunk) and chunk != but
    ]
    return _addressed(named or (signs[-1] if signs else None))


def _applicant(sheet: Sheet) -> tuple[str | None, str | None]:
    """Return the name and the address of the contractor, which stand together or each on its own line."""
    together = next(iter(sheet.values.get(Label.APPLICANT, ())), ())
    pieces = [HONORIFIC.sub("", piece).strip() for line in together for piece in _pieces(line)]
    at = next((index for index, piece in enumerate(pieces) if LEGAL_FORM.search(piece)), len(pieces) - 1)
    name = _addressed(sheet.first(Label.APPLICANT_NAME)) or (pieces[at] if pieces else None)
    address = sheet.first(Label.ADDRESS) or run_on(pieces[: max(at, 0)]) or None
    return (REPRESENTATIVE.sub("", name) if name else None), address


def _pieces(line: str) -> Sequence[str]:
    """Part an address from the name after it on the same line."""
    words = line.split()
    at = next((index for index, word in enumerate(words) if index and LEGAL_FORM.search(word)), 0)
    return [" ".join(words[:at]), " ".join(words[at:])] if at else [line]


def _dates(text: str | None) -> list[date]:
    found = []
    for written in DATE.findall(folded(text or "")):
        with suppress(ValueError):
            found.append(parse_date(written))
    return found


def _period(text: str | None) -> tuple[date | None, date | None]:
    """Read from when until when; one day alone is the end."""
    days = _dates(text)
    return (days[0] if len(days) > 1 else None), (days[-1] if days else None)


def _issued(sheet: Sheet) -> date | None:
    """Read the day of issue, which often stands above the title with no label."""
    alone = (chunk for chunk in sheet.chunks if DATE.fullmatch(folded(chunk)))
    return next(iter(_dates(sheet.first(Label.ISSUED) or next(alone, None))), None)


def _yen(text: str | None) -> int | None:
    found = YEN.search(folded(text or ""))
    if found is None:
        return None
    return int((found[1] or found[3]).replace(",", "")) * UNITS.get(found[2] or "", 1)

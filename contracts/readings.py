"""Names with their readings: which part of a name is read how."""

import re
from collections.abc import Iterator

FORMS = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|特定建設工事共同企業体|共同企業体"
    "|(?:一般|公益)?(?:社団|財団)法人|協同組合|[㈱㈲]|[(（][株有同資名][)）]"
)
READ_FORM = re.compile("[カガ]イシャ|ホウジン|クミアイ|キギョウタイ")
PIECES = re.compile(f"({FORMS}|[\u3000 ]+)")


def pieces(name: str, kana: str) -> list[tuple[str, str]]:
    """Divide a name into [text, reading]: words one by one where they match, legal forms bare unless they are read.

    「株式会社髙﨑建設」 with 「タカサキケンセツ」 leaves 株式会社 bare; 「髙﨑　一郎」 with 「タカサキ　イチロウ」 is
    read word by word. What cannot be divided is read as a whole; "" is the reading of what stands bare.
    """
    divided = [part for part in PIECES.split(name) if part]
    words = [part for part in divided if not PIECES.fullmatch(part)]
    read = kana.split("\u3000")
    if READ_FORM.search(kana) or len(words) not in {1, len(read)}:
        return [(name, kana)]
    readings = iter([kana] if len(words) == 1 else read)
    return list(_read(divided, readings))


def _read(parts: list[str], readings: Iterator[str]) -> Iterator[tuple[str, str]]:
    for part in parts:
        yield part, "" if PIECES.fullmatch(part) else next(readings)

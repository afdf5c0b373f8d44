"""Cells of tables that leave the house: what a spreadsheet may run, and what CP932 cannot hold."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

Cell = str | int | date | None
# 表計算ソフトは、こう始まるセルを計算式として動かす（CSV インジェクション）。日本語の Excel は全角も計算式と読む。
FORMULA_STARTS = tuple("=+-@\t\r")
GUARDED = (*FORMULA_STARTS, *"\n＝＋－＠")
STARTS = frozenset(GUARDED)
# 見た目も意味も同じで、CP932 が別の符号位置に置く文字（Unicode の表と Windows の表の違い）
ALIKE = str.maketrans("〜−—‖¢£¬\u00a0", "～－―∥￠￡￢ ")
DETACHED_MARK = re.compile("[か-ほウカ-ホワ-ヲ][\u3099\u309a]")
MISSING = "〓"
MOST_LINES = 20


def guard(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula."""
    return f"'{cell}" if cell.startswith(GUARDED) else cell


def unguard(cell: str) -> str:
    """Read back a cell that was guarded."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell


def safe(cell: Cell) -> str | int:
    """Write a cell as text that no spreadsheet runs; numbers stay numbers, days become 2026-03-11."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return guard(cell) if isinstance(cell, str) else cell


def safe_row(row: Sequence[Cell]) -> list[str | int]:
    """Write all cells of a row, as `safe` does."""
    # 百万のセルの多くは、そのままでよい。関数を呼ぶ手間を省く
    return [cell if type(cell) is int or (type(cell) is str and cell[:1] not in STARTS) else safe(cell) for cell in row]


def fits(text: str) -> bool:
    """Tell whether CP932 can hold a text."""
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def unwritable(text: str) -> str:
    """List the characters of a text that CP932 lacks, each once."""
    return "".join(dict.fromkeys(char for char in _on_windows(text) if not fits(char)))


def _on_windows(text: str) -> str:
    """Write a text with the code points of Windows; a voiced sound written as two characters (macOS) becomes one."""
    joined = DETACHED_MARK.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
    return joined.translate(ALIKE)


class Losses:
    """The characters that a CP932 file could not hold: how often, and in which lines at first."""

    HEADING = ("文字", "符号位置", "置き換え", "回数", f"行（初めの{MOST_LINES}か所）")

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lines: dict[str, list[int]] = defaultdict(list)

    def fit(self, text: str, *, line: int) -> str:
        """Write a text with what CP932 has; what it lacks becomes 〓, or nothing where only a shape was chosen."""
        if fits(text):
            return text
        return "".join(char if fits(char) else self._lost(char, line) for char in _on_windows(text))

    def _lost(self, char: str, line: int) -> str:
        self._counts[char] += 1
        if len(self._lines[char]) < MOST_LINES:
            self._lines[char].append(line)
        return _instead(char)

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Yield one row for each character, by code point; the first line of a file is line 1."""
        for char, count in sorted(self._counts.items()):
            lines = "、".join(map(str, self._lines[char]))
            yield (char, f"U+{ord(char):04X}", _instead(char) or "（省く）", count, lines)


def _instead(char: str) -> str:
    # 異体字セレクタ（IVS）は直前の字の形を選ぶだけなので、省いても同じ字が残る。
    return "" if unicodedata.category(char) == "Mn" else MISSING

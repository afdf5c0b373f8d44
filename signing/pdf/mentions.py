"""どのオブジェクト番号が、どこで名指しされているかを数える。まだ無い番号への参照は、後の版が中身を入れられる。

まず全バイトを、構造を読まずに速く探す（多く数えることはあっても、見逃さない）。疑わしいときだけ、
生きているオブジェクトを一つずつ読んで確かめる。
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from signing.pdf.file import File
from signing.pdf.pieces import matches
from signing.pdf.syntax import REGULAR, WHITE, Broken, Buffer, Ref, Stream, TooLarge, children

WINDOW = 48
LONG_WINDOW = 4096
UNCLEAR = -1
MOST_DIGITS = 11
DIGITS = b"0123456789"

_LETTER = re.compile(rb"R(?<=" + WHITE + rb"R)(?!" + REGULAR + rb")")
_USUAL = re.compile(rb"(\d{1,10}+) 0 R(?!" + REGULAR + rb")")
_GAP = rb"(?:" + WHITE + rb"|%[^\r\n]*+[\r\n])++"
_BEFORE = re.compile(rb"(\d{1,10})" + WHITE + rb"++\d{1,10}" + WHITE + rb"++\Z")
_LONG_BEFORE = re.compile(rb"(\d{1,10})" + _GAP + rb"\d{1,10}" + _GAP + rb"\Z")
_COMMENT = re.compile(rb"%[^\r\n]*+[\r\n]")
_LINE_END = re.compile(rb"[\r\n]")
WHITES = b"\0\t\n\f\r "


class Mentions:
    """How often the live objects of each version mention a number."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._later: dict[int, Counter[int]] = {}
        self._exact: dict[int, Counter[int]] = {}

    def more_than(self, times: int, number: int, as_of: int) -> bool:
        """Tell whether a version mentions a number more often than so; raises TooLarge when that cannot be told."""
        try:
            later = self._written_later(as_of)
            if self._first[number] + later[number] <= times and not self._first[UNCLEAR]:
                return False
            if as_of not in self._exact:
                self._exact[as_of] = _counted(self._file, as_of, _numbers(self._file, as_of))
            return self._exact[as_of][number] > times
        except Broken as error:
            raise TooLarge("the references cannot be counted") from error

    def _written_later(self, as_of: int) -> Counter[int]:
        """Return what the versions after the first changed in the count: they wrote few objects, which are read."""
        if as_of not in self._later:
            changed = {number for version in range(1, as_of + 1) for number in self._file.changed(version)}
            found = _counted(self._file, as_of, changed)
            found.subtract(_counted(self._file, 0, changed))
            self._later[as_of] = found
        return self._later[as_of]

    @cached_property
    def _first(self) -> Counter[int]:
        revision = self._file.revisions[0]
        found = self._search(self._file.data, revision.start, revision.end)
        for container in {each for section in revision.sections for each in section.containers()}:
            content, _directory = self._file.pack(container, 0)
            found.update(self._search_packed(content))
        return found

    def _search_packed(self, content: bytes) -> Counter[int]:
        """Count at once in an object stream, dense with references, when all of them are written the usual way."""
        usual = _USUAL.findall(content)
        if len(usual) < len(_LETTER.findall(content)):
            return self._search(content, 0, len(content))
        self._file.budget.spend(decoded=WINDOW * len(usual))
        return Counter(map(int, usual))

    def _search(self, data: Buffer, start: int, end: int) -> Counter[int]:
        found: Counter[int] = Counter()
        for letter in matches(_LETTER, data, start, end, longest=2):
            at = letter.start()
            self._file.budget.spend(decoded=WINDOW)
            near = max(start, at - WINDOW)
            number = _number_before(data, near, at, cut=near > start)
            if number == UNCLEAR:
                self._file.budget.spend(decoded=4 * LONG_WINDOW)
                far = max(start, at - LONG_WINDOW)
                number = _number_far_before(bytes(data[far:at]), cut=far > start)
            if number is not None:
                found[number] += 1
        return found


def dangling(file: File) -> set[int]:
    """Return the numbers the latest version mentions but does not hold. Raises Broken, TooLarge."""
    return {each for each in _counted(file, file.latest, _numbers(file, file.latest)) if file.object(each) is None}


def _number_before(data: Buffer, near: int, at: int, *, cut: bool) -> int | None:
    """Return the number of the reference that an R ends; None when it ends none, UNCLEAR when more must be seen."""
    window = bytes(data[near:at])
    if window[-3:] == b" 0 ":  # ほとんどの参照はこの形
        digits = window[len(window[:-3].rstrip(DIGITS)) : -3]
        if 0 < len(digits) < MOST_DIGITS:
            return int(digits)
    found = _BEFORE.search(window)
    if found is not None and not (cut and found.start() == 0):
        return int(found[1])
    kept = window.rstrip(WHITES)
    if kept and not kept[-1:].isdigit() and not _LINE_END.search(window, len(kept)):
        return None
    return UNCLEAR


def _number_far_before(window: bytes, *, cut: bool) -> int | None:
    """Look further, past comments and long gaps."""
    found = _LONG_BEFORE.search(window)
    if found is not None and not (cut and found.start() == 0):
        return int(found[1])
    line = _LINE_END.search(window)
    rest = _COMMENT.sub(b"", window[line.end() if line else 0 :])
    return UNCLEAR if cut and not rest.strip(WHITES + DIGITS) else None


def _counted(file: File, as_of: int, numbers: Iterable[int]) -> Counter[int]:
    """Count the references in objects of a version; cross-reference streams are not objects of the document."""
    found: Counter[int] = Counter()
    for number in numbers:
        file.budget.spend(objects=1)
        stack = [file.object(number, as_of)]
        if isinstance(stack[0], Stream) and stack[0].dictionary.get("Type") == "XRef":
            continue
        while stack:
            value = stack.pop()
            if isinstance(value, Ref):
                found[value.number] += 1
            else:
                stack += children(value)
    return found


def _numbers(file: File, as_of: int) -> set[int]:
    sections = [section for revision in file.revisions[: as_of + 1] for section in revision.sections]
    file.budget.spend(objects=sum(map(len, sections)))
    return {number for section in sections for number in section.numbers()}

"""相互参照（表、流れ、両方を持つもの）を遡り、ファイルを版の積み重ねとして読む（ISO 32000-2 7.5.4–7.5.8）。

表は一件ずつ必要なときに読むので、費用はオブジェクトの数によらない。
"""

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from signing.pdf.streams import Budget, decode
from signing.pdf.syntax import LARGEST_NUMBER, SKIP, WHITE, Broken, Buffer, Dictionary, Stream, parse, parse_indirect

MOST_SECTIONS = 400
MOST_SUBSECTIONS = 20_000
HEAD = 1024
ENTRY_SIZE = 20
WIDEST_FIELD = 8

_TABLE = re.compile(rb"xref" + WHITE + rb"++")
_SUBSECTION = re.compile(WHITE + rb"*+(\d{1,10}) {1,2}(\d{1,10})[ \t]*+(?:\r\n|\n|\r)")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_TRAILER = re.compile(WHITE + rb"*+trailer")
_START = re.compile(
    rb"(?>[\0\t\n\f\r ]+|%(?!%EOF)[^\r\n]*+)*+startxref" + WHITE + rb"++(\d{1,12})" + WHITE + rb"++%%EOF"
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LINEARIZED = re.compile(SKIP + rb"\d{1,10} \d{1,5} obj" + SKIP + rb"<<[^>]{0,40}/Linearized")


class Free(NamedTuple):
    """The number is not in use."""


class Plain(NamedTuple):
    """The object stands by itself in the file."""

    offset: int
    generation: int


class Packed(NamedTuple):
    """The object is in an object stream; its generation is 0."""

    stream: int
    place: int


Entry = Free | Plain | Packed


class Run(NamedTuple):
    """Consecutive object numbers whose entries stand one after the other from a position."""

    first: int
    length: int
    position: int


class Section(ABC):
    """One cross-reference section: where it stands, its trailer, and its entries by number."""

    kind = ""

    def __init__(self, start: int, end: int, trailer: Dictionary, runs: list[Run], step: int) -> None:
        self.start = start
        self.end = end
        self.trailer = trailer
        self.hidden: Section | None = None
        self._runs = sorted(runs)
        self._firsts = [each.first for each in self._runs]
        self._step = step
        self._check()

    @property
    def size(self) -> int:
        """Return /Size. Raises Broken."""
        size = self.trailer.get("Size")
        if not isinstance(size, int) or not 0 < size <= LARGEST_NUMBER:
            raise Broken("a trailer without its size")
        return size

    def _check(self) -> None:
        reached = 0
        for run in self._runs:
            if run.first < reached:
                raise Broken("a number is listed twice")
            reached = run.first + run.length
        if reached > self.size:
            raise Broken("the cross-reference holds more than its size")

    def entry(self, number: int) -> Entry | None:
        """Return what it says of a number; of a hybrid file's two answers the one in use. Raises Broken."""
        at = bisect_right(self._firsts, number) - 1
        found = None
        if at >= 0 and number < self._runs[at].first + self._runs[at].length:
            found = self._read(self._runs[at].position + (number - self._runs[at].first) * self._step)
        if self.hidden is not None and not isinstance(found, Plain):
            return self.hidden.entry(number) or found
        return found

    @abstractmethod
    def _read(self, position: int) -> Entry: ...

    def numbers(self) -> Iterator[int]:
        """Yield every number it lists."""
        for run in self._runs:
            yield from range(run.first, run.first + run.length)
        if self.hidden is not None:
            yield from self.hidden.numbers()

    def __len__(self) -> int:
        return sum(run.length for run in self._runs) + (len(self.hidden) if self.hidden is not None else 0)

    def containers(self) -> set[int]:
        """Return the numbers of the object streams its entries point into."""
        return self.hidden.containers() if self.hidden is not None else set()


class TableSection(Section):
    """A classic table; its entries are read where they stand."""

    kind = "table"

    def __init__(self, data: Buffer, start: int, end: int, trailer: Dictionary, runs: list[Run]) -> None:
        super().__init__(start, end, trailer, runs, ENTRY_SIZE)
        self._data = data

    def _read(self, position: int) -> Entry:
        found = _ENTRY.match(self._data, position)
        if found is None:
            raise Broken("a wrong cross-reference entry")
        return Plain(int(found[1]), int(found[2])) if found[3] == b"n" else Free()


class StreamSection(Section):
    """A cross-reference stream, inflated."""

    kind = "stream"

    def __init__(self, start: int, end: int, trailer: Dictionary, rows: bytes) -> None:
        self._widths = _widths(trailer)
        self._rows = rows
        step = sum(self._widths)
        runs, position = [], 0
        for first, count in _pairs(trailer):
            runs.append(Run(first, count, position))
            position += count * step
        if position > len(rows):
            raise Broken("a cross-reference stream is too short")
        super().__init__(start, end, trailer, runs, step)

    def _read(self, position: int) -> Entry:
        fields = []
        for width in self._widths:
            fields.append(int.from_bytes(self._rows[position : position + width], "big"))
            position += width
        kind = fields[0] if self._widths[0] else 1
        if kind == 1:
            return Plain(fields[1], fields[2])
        return Packed(fields[1], fields[2]) if kind == 2 else Free()  # 7.5.8.3: 知らない種類は null への参照

    def containers(self) -> set[int]:
        """Return the numbers of the object streams its entries point into."""
        first, second, _third = self._widths
        step = sum(self._widths)
        if not first:
            return set()
        columns = [self._rows[first + each :: step] for each in range(second)]
        kinds = zip(*(self._rows[each::step] for each in range(first)), strict=True)
        packed = (0,) * (first - 1) + (2,)
        return {
            int.from_bytes(bytes(place), "big")
            for kind, place in zip(kinds, zip(*columns, strict=True), strict=True)
            if kind == packed
        }


def _widths(trailer: Dictionary) -> tuple[int, int, int]:
    widths = trailer.get("W")
    if not isinstance(widths, list) or len(widths) != 3:
        raise Broken("a cross-reference stream without widths")
    first, second, third = (each if isinstance(each, int) else -1 for each in widths)
    if not (0 <= first <= 2 and 1 <= second <= WIDEST_FIELD and 0 <= third <= WIDEST_FIELD):
        raise Broken("a cross-reference stream with wrong widths")
    return first, second, third


def _pairs(trailer: Dictionary) -> list[tuple[int, int]]:
    listed = trailer.get("Index", [0, trailer.get("Size")])
    if not isinstance(listed, list) or len(listed) % 2 or len(listed) > 2 * MOST_SUBSECTIONS:
        raise Broken("a cross-reference stream with a wrong index")
    numbers = [each for each in listed if isinstance(each, int) and 0 <= each <= LARGEST_NUMBER]
    if len(numbers) != len(listed):
        raise Broken("a cross-reference stream with a wrong index")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@dataclass(frozen=True)
class Revision:
    """One version of the file, its first `end` bytes; `mark` is the offset behind its %%EOF, before the line's end."""

    number: int
    start: int
    mark: int
    end: int
    sections: tuple[Section, ...]

    @property
    def trailer(self) -> Dictionary:
        """Return the trailer a reader of this version sees."""
        return self.sections[-1].trailer

    @property
    def size(self) -> int:
        """Return /Size: the smallest object number this version and those before never used."""
        return self.sections[-1].size

    @property
    def kind(self) -> str:
        """Return "table" or "stream", as the next section should be written."""
        return self.sections[-1].kind

    def entry(self, number: int) -> Entry | None:
        """Return what this version itself says of a number, None when nothing."""
        for section in reversed(self.sections):
            if (found := section.entry(number)) is not None:
                return found
        return None


def last_start(data: Buffer) -> int:
    """Return the offset the last `startxref` names, whatever follows it. Raises Broken."""
    at = data.rfind(b"startxref")
    found = _START.match(data, at) if at >= 0 else None
    if found is None:
        raise Broken("the file does not end")
    return int(found[1])


def read_revisions(data: Buffer, budget: Budget) -> tuple[Revision, ...]:
    """Return every version the file holds, oldest first. Raises Broken, TooLarge."""
    found: list[Revision] = []
    for section in _sections(data, budget):
        if not found or section.start >= found[-1].end:
            start = found[-1].end if found else 0
            found.append(_revision(data, len(found), start, (section,)))
        elif len(found) == 1 and len(found[0].sections) == 1 and _LINEARIZED.match(data, 0, HEAD):
            # 線形化された PDF は、先頭に置いた表が後ろの表より新しい。版としては一つ。
            found = [Revision(0, 0, found[0].mark, found[0].end, (*found[0].sections, section))]
        else:
            raise Broken("the cross-references overlap")
    return tuple(found)


def _revision(data: Buffer, number: int, start: int, sections: tuple[Section, ...]) -> Revision:
    mark = _START.match(data, sections[0].end)
    if mark is None:
        raise Broken("a version does not end")
    line = _LINE_END.match(data, mark.end())
    return Revision(number, start, mark.end(), line.end() if line else mark.end(), sections)


def _sections(data: Buffer, budget: Budget) -> list[Section]:
    found: list[Section] = []
    seen: set[int] = set()
    overlapping = 0  # 線形化された PDF でだけ、一度だけ、後ろへ戻る
    at: object = last_start(data)
    while at is not None:
        if not isinstance(at, int) or at in seen or not 0 <= at < len(data) or len(seen) >= MOST_SECTIONS:
            raise Broken("the cross-references lead nowhere")
        seen.add(at)
        section = _section(data, at, budget)
        if found and section.end > found[-1].start and (overlapping := overlapping + 1) > 1:
            raise Broken("the cross-references overlap")
        found.append(section)
        at = section.trailer.get("Prev")
    return found[::-1]


def _section(data: Buffer, at: int, budget: Budget) -> Section:
    head = _TABLE.match(data, at)
    if head is None:
        return _stream_section(data, at, budget)
    section = _table_section(data, at, head.end(), budget)
    hidden = section.trailer.get("XRefStm")
    if hidden is not None:
        if not isinstance(hidden, int) or not 0 <= hidden < len(data):
            raise Broken("a hybrid file without its stream")
        section.hidden = _stream_section(data, hidden, budget)
    return section


def _table_section(data: Buffer, start: int, at: int, budget: Budget) -> Section:
    runs: list[Run] = []
    while (head := _SUBSECTION.match(data, at)) is not None:
        budget.spend(objects=1)
        first, count = int(head[1]), int(head[2])
        at = head.end() + count * ENTRY_SIZE
        if len(runs) >= MOST_SUBSECTIONS or at > len(data):
            raise Broken("a cross-reference table does not end")
        if count:
            runs.append(Run(first, count, head.end()))
    opened = _TRAILER.match(data, at)
    if opened is None:
        raise Broken("a cross-reference table without a trailer")
    trailer, end = parse(data, opened.end())
    budget.spend(decoded=end - at)
    if not isinstance(trailer, dict):
        raise Broken("a trailer is no dictionary")
    return TableSection(data, start, end, trailer, runs)


def _stream_section(data: Buffer, start: int, budget: Budget) -> Section:
    _ref, stream, end = parse_indirect(data, start, length=_direct)
    if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "XRef":
        raise Broken("no cross-reference where one should be")
    return StreamSection(start, end, stream.dictionary, decode(stream, budget))


def _direct(length: object) -> int:
    """Accept only a direct length: a reference could not be followed yet (7.5.8.2)."""
    return length if isinstance(length, int) else -1

"""版と目次と参照: 署名の後で別の内容が現れる余地や、読む道具ごとに違って読まれる余地がないか。"""

import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from signing.intake.findings import Findings, Unfit
from signing.pdf.crossref import Free
from signing.pdf.file import File
from signing.pdf.frame import frame_of
from signing.pdf.syntax import Broken, Ref, Stream, TooLarge, Value

WRAPPINGS = {"XRef", "ObjStm"}
END_OF_SECTION = re.compile(rb"\s*startxref\s+\d+\s+%%EOF")
# 見出しの後の目印のような、短い注釈と空白だけを、オブジェクトの間に認める。
BETWEEN = re.compile(rb"(?:[\0\s]+|%[^\r\n]{0,200}(?:[\r\n]|\Z)){0,8}")


def check(path: Path, found: Findings, *, signed: bool = False) -> None:
    """Read the file as signing will; note what writing it anew as one version would put in order. Raises Unfit."""
    with path.open("rb") as handle:
        data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        file = File(data)
        _report_versions(file, found)
        _Survey(file).report(found, signed=signed)
        frame_of(file)  # 署名が書き直すものを、署名と同じ読み方で読めなければ、受け取っても封印できない
    except TooLarge as error:
        raise Unfit("too_many_objects") from error
    except Broken:
        if "padding" not in found.changes:  # 前に余白があると、位置がすべてずれている
            found.change("structure")


def _report_versions(file: File, found: Findings) -> None:
    """Note what an earlier version still holds; Word's second table only adds to the first."""
    later = range(1, len(file.revisions))
    two_tables = any(section.hidden is not None for each in file.revisions for section in each.sections)
    if two_tables:
        found.change("hybrid")
    if any(_replaces(file, number) for number in later):
        found.change("history")
    elif later and not two_tables:
        found.change("structure")


def _replaces(file: File, number: int) -> bool:
    if file.trailer(number).get("Root") != file.trailer(number - 1).get("Root"):
        return True
    before = (file.entry(each, number - 1) for each in file.changed(number))
    return any(placed is not None and not isinstance(placed[0], Free) for placed in before)


class _Survey:
    """Every object in use, those that something refers to, and references to none."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.missing = False
        self.reached: set[int] = set()
        self.listed = {number for number in self._numbers() if self._in_use(number)}
        self._walk()

    def report(self, found: Findings, *, signed: bool) -> None:
        """Note what nobody refers to, what is missing, and a wrong count of objects."""
        if self.missing:
            found.change("dangling")
        if any(not self._is_wrapping(number) for number in self.listed - self.reached):
            found.change("hidden")
        if self.file.size > max(self._numbers(), default=0) + 1:
            found.change("structure")
        if len(self.file.revisions) == 1 and not signed:
            self._report_gaps(found)

    def _numbers(self) -> Iterator[int]:
        for each in self.file.revisions:
            for section in each.sections:
                yield from section.numbers()

    def _in_use(self, number: int) -> bool:
        placed = self.file.entry(number)
        return placed is not None and not isinstance(placed[0], Free)

    def _walk(self) -> None:
        trailer = self.file.trailer()
        stack = [trailer.get("Root"), trailer.get("Info")]
        while stack:
            value = stack.pop()
            if isinstance(value, Ref):
                if value.number in self.reached:
                    continue
                self.reached.add(value.number)
                self.missing = self.missing or value.number not in self.listed
                value = self.file.object(value.number, generation=value.generation)
            stack.extend(_inside(value))

    def _is_wrapping(self, number: int) -> bool:
        """Tell whether an object is packaging, to which nothing refers: object streams, a linearized file's hints."""
        value = self.file.object(number)
        if isinstance(value, dict):
            return "Linearized" in value
        if not isinstance(value, Stream):
            return value is None
        # 線形化の手掛かりの表は、/S（共有オブジェクトの表の位置）が整数であることで分かる（ISO 32000-2 附属書 F）。
        return value.dictionary.get("Type") in WRAPPINGS or isinstance(value.dictionary.get("S"), int)

    def _report_gaps(self, found: Findings) -> None:
        """Note bytes that belong to no object: a later update could call them in."""
        reached = len(b"%PDF-1.7")
        for start, end in sorted(self._spans()):
            if start < reached:
                raise Broken("objects overlap")
            if BETWEEN.fullmatch(self.file.data, reached, start) is None:
                found.change("hidden")
                return
            reached = end

    def _spans(self) -> Iterator[tuple[int, int]]:
        for number in self.listed:
            placed = self.file.entry(number)
            if placed is not None and hasattr(placed[0], "offset"):
                yield self.file.span(number)
        for section in self.file.revisions[0].sections:
            ends = END_OF_SECTION.match(self.file.data, section.end)
            if section.kind == "table" or ends:
                yield (section.start if section.kind == "table" else section.end), ends.end() if ends else section.end


def _inside(value: Value) -> Iterable[Value]:
    if isinstance(value, Stream):
        return value.dictionary.values()
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()

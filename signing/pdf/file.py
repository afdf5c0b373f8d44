"""一つの PDF を開き、必要なオブジェクトだけを、求められた版として読む。"""

from collections.abc import Iterator
from dataclasses import dataclass

from signing.pdf.crossref import Entry, Free, Packed, Plain, Revision, last_start, read_revisions
from signing.pdf.streams import Budget, decode
from signing.pdf.syntax import (
    Broken,
    Buffer,
    Dictionary,
    Name,
    Ref,
    Stream,
    Value,
    parse,
    parse_indirect,
    text,
)

MOST_HOPS = 8
MOST_VISITS = 20_000
DEEPEST_TREE = 60
LONGEST_NAME = 2048
MOST_PACKED = 100_000
LONGEST_NUMBER = 12


@dataclass(frozen=True)
class Field:
    """One terminal form field: `name` is its full name (ISO 32000-2 12.7.4.2), `value` its raw /V."""

    ref: Ref
    dictionary: Dictionary
    name: str
    kind: str
    value: Value


class File:
    """A PDF and all its versions, numbered from 0; `as_of` is such a number, None the latest.

    Every method raises Broken on a file that breaks the rules, TooLarge (a Broken) when the budget is used up.
    """

    def __init__(self, data: Buffer, budget: Budget | None = None) -> None:
        if bytes(data[:5]) != b"%PDF-":
            raise Broken("no PDF")
        self.data = data
        self.budget = budget or Budget()
        self.startxref = last_start(data)
        self.revisions: tuple[Revision, ...] = read_revisions(data, self.budget)
        self._kept: dict[tuple[int, int], Value] = {}
        self._ends: dict[int, int] = {}
        self._packs: dict[int, tuple[bytes, list[tuple[int, int]]]] = {}
        self._changed: dict[int, dict[int, Entry]] = {}
        self._following = 0

    @property
    def latest(self) -> int:
        """Return the number of the latest version."""
        return len(self.revisions) - 1

    @property
    def size(self) -> int:
        """Return /Size: the smallest object number never used."""
        return self.revisions[-1].size

    @property
    def kind(self) -> str:
        """Return how the last cross-reference is written: "table" or "stream"."""
        return self.revisions[-1].kind

    @property
    def version(self) -> str:
        """Return the version in the header, such as "1.7"; the catalog's /Version may be newer."""
        return bytes(self.data[5:8]).decode("latin-1")

    @property
    def encrypted(self) -> bool:
        """Tell whether any version is encrypted in any way."""
        return any("Encrypt" in section.trailer for each in self.revisions for section in each.sections)

    def trailer(self, as_of: int | None = None) -> Dictionary:
        """Return the trailer dictionary of a version."""
        return self.revisions[self.latest if as_of is None else as_of].trailer

    def entry(self, number: int, as_of: int | None = None) -> tuple[Entry, int] | None:
        """Return where an object is and the version that says so."""
        for revision in reversed(self.revisions[: (self.latest if as_of is None else as_of) + 1]):
            if (found := revision.entry(number)) is not None:
                return found, revision.number
        return None

    def object(self, number: int, as_of: int | None = None, *, generation: int | None = None) -> Value:
        """Return an object's value; None when there is none."""
        placed = self.entry(number, as_of)
        if placed is None:
            return None
        entry, revision = placed
        if generation is not None and generation != (entry.generation if isinstance(entry, Plain) else 0):
            raise Broken("a reference to another generation")
        if isinstance(entry, Plain):
            return self._plain(number, entry, revision, as_of)
        return self._packed(number, entry, as_of) if isinstance(entry, Packed) else None

    def resolve(self, value: Value, as_of: int | None = None) -> Value:
        """Follow a reference to its value; other values stay as they are."""
        for _hop in range(MOST_HOPS):
            if not isinstance(value, Ref):
                return value
            value = self.object(value.number, as_of, generation=value.generation)
        raise Broken("references lead nowhere")

    def dictionary(self, value: Value, as_of: int | None = None) -> Dictionary:
        """Follow a value that must be a dictionary."""
        found = self.resolve(value, as_of)
        if not isinstance(found, dict):
            raise Broken("no dictionary where one should be")
        return found

    def stream(self, value: Value, as_of: int | None = None) -> bytes:
        """Follow a value that must be a stream, and decode it."""
        found = self.resolve(value, as_of)
        if not isinstance(found, Stream):
            raise Broken("no stream where one should be")
        return decode(found, self.budget)

    def span(self, number: int, as_of: int | None = None) -> tuple[int, int]:
        """Return the offsets of an object that stands by itself, from its number to behind its `endobj`."""
        self.object(number, as_of)
        placed = self.entry(number, as_of)
        if placed is None or not isinstance(placed[0], Plain):
            raise Broken(f"object {number} does not stand by itself")
        return placed[0].offset, self._ends[placed[0].offset]

    def changed(self, revision: int) -> dict[int, Entry]:
        """Return the numbers a version wrote or freed, with their entries; repeated old entries are no change."""
        if revision in self._changed:
            return self._changed[revision]
        found: dict[int, Entry] = {}
        # 番号ごとに、前の版を遡って比べる。
        self.budget.spend(objects=sum(map(len, self.revisions[revision].sections)) * (1 + revision // 8))
        for number in {each for section in self.revisions[revision].sections for each in section.numbers()}:
            entry = self.revisions[revision].entry(number)
            before = self.entry(number, revision - 1) if revision else None
            old = before[0] if before is not None else Free()
            if entry is not None and entry != old:
                found[number] = entry
        self._changed[revision] = found
        return found

    def _plain(self, number: int, entry: Plain, revision: int, as_of: int | None) -> Value:
        key = (entry.offset, number)
        if key not in self._kept:
            self.budget.spend(objects=1)
            end = self.revisions[revision].end
            if entry.offset >= end:
                raise Broken(f"object {number} stands outside its version")
            ref, value, end = parse_indirect(
                self.data, entry.offset, end=end, length=lambda length: self._length(length, as_of)
            )
            if ref != (number, entry.generation):
                raise Broken(f"object {number} is not where it should be")
            payload = len(value.raw) if isinstance(value, Stream) else 0
            self.budget.spend(decoded=end - entry.offset - payload)
            self._kept[key] = value
            self._ends[entry.offset] = end
        return self._kept[key]

    def _length(self, length: Value, as_of: int | None) -> int:
        if isinstance(length, Ref):
            if self._following >= MOST_HOPS:
                raise Broken("lengths lead nowhere")
            self._following += 1
            try:
                length = self.resolve(length, as_of)
            finally:
                self._following -= 1
        if not isinstance(length, int) or length < 0:
            raise Broken("a stream without a length")
        return length

    def _packed(self, number: int, entry: Packed, as_of: int | None) -> Value:
        content, directory = self.pack(entry.stream, as_of)
        if entry.place >= len(directory) or directory[entry.place][0] != number:
            raise Broken(f"object {number} is not in its object stream")
        key = (-1 - entry.place, self._offset(entry.stream, as_of))
        if key not in self._kept:
            self.budget.spend(objects=1)
            value, _end = parse(content, directory[entry.place][1])
            self._kept[key] = value
        return self._kept[key]

    def pack(self, number: int, as_of: int | None = None) -> tuple[bytes, list[tuple[int, int]]]:
        """Return an object stream's content and its directory of numbers and offsets (ISO 32000-2 7.5.7)."""
        offset = self._offset(number, as_of)
        if offset not in self._packs:
            stream = self.object(number, as_of)
            if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "ObjStm":
                raise Broken("no object stream where one should be")
            self._packs[offset] = _directory(decode(stream, self.budget), stream.dictionary)
        return self._packs[offset]

    def _offset(self, number: int, as_of: int | None) -> int:
        placed = self.entry(number, as_of)
        if placed is None or not isinstance(placed[0], Plain):
            raise Broken("an object stream must stand by itself")
        return placed[0].offset

    def catalog(self, as_of: int | None = None) -> Dictionary:
        """Return the document catalog (ISO 32000-2 7.7.2)."""
        return self.dictionary(self.trailer(as_of).get("Root"), as_of)

    def first_page(self, as_of: int | None = None) -> tuple[Ref, Dictionary]:
        """Return the first page's reference and dictionary."""
        stack: list[Value] = [self.catalog(as_of).get("Pages")]
        seen: set[Ref] = set()
        while stack:
            ref = stack.pop()
            if not isinstance(ref, Ref) or ref in seen or len(seen) > MOST_VISITS:
                raise Broken("the pages lead nowhere")
            seen.add(ref)
            node = self.dictionary(ref, as_of)
            if "Kids" not in node:
                return ref, node
            stack += self._array(node["Kids"], as_of)[::-1]
        raise Broken("no page")

    def acroform(self, as_of: int | None = None) -> Dictionary | None:
        """Return the interactive form, None when there is none."""
        form = self.resolve(self.catalog(as_of).get("AcroForm"), as_of)
        if form is not None and not isinstance(form, dict):
            raise Broken("a form is no dictionary")
        return form

    def fields(self, as_of: int | None = None) -> Iterator[Field]:
        """Yield the terminal fields in the order of the form."""
        form = self.acroform(as_of) or {}
        stack = [(each, "", "", 0) for each in self._array(form.get("Fields"), as_of)[::-1]]
        seen: set[Ref] = set()
        while stack:
            ref, parent, kind, depth = stack.pop()
            if not isinstance(ref, Ref) or ref in seen or depth > DEEPEST_TREE:
                raise Broken("the fields lead nowhere")
            seen.add(ref)
            self.budget.spend(objects=1)
            node = self.dictionary(ref, as_of)
            name, kind = self._named(node, parent, kind, as_of)
            kids = self._array(node.get("Kids"), as_of)
            if any("T" in self.dictionary(each, as_of) for each in kids):
                stack += [(each, name, kind, depth + 1) for each in kids[::-1]]
            else:
                yield Field(ref, node, name, kind, node.get("V"))

    def _named(self, node: Dictionary, parent: str, kind: str, as_of: int | None) -> tuple[str, str]:
        own, typed = self.resolve(node.get("T"), as_of), self.resolve(node.get("FT"), as_of)
        if isinstance(own, bytes) and len(own) > LONGEST_NAME:
            raise Broken("a field with too long a name")
        name = ".".join(filter(None, (parent, text(own) if isinstance(own, bytes) else "")))
        return name, str(typed) if isinstance(typed, Name) else kind

    def _array(self, value: Value, as_of: int | None) -> list[Value]:
        found = self.resolve(value, as_of)
        if found is None:
            return []
        if not isinstance(found, list):
            raise Broken("no array where one should be")
        return found


def _directory(content: bytes, dictionary: Dictionary) -> tuple[bytes, list[tuple[int, int]]]:
    first, count = dictionary.get("First"), dictionary.get("N")
    if not (isinstance(first, int) and isinstance(count, int) and 0 <= count <= MOST_PACKED and first >= 0):
        raise Broken("an object stream without a directory")
    listed = content[:first].split()
    if len(listed) < 2 * count or (listed and not _are_numbers(listed)):
        raise Broken("an object stream with a wrong directory")
    numbers = [int(each) for each in listed[: 2 * count]]
    return content, [(number, first + offset) for number, offset in zip(numbers[::2], numbers[1::2], strict=True)]


def _are_numbers(listed: list[bytes]) -> bool:
    return max(map(len, listed)) < LONGEST_NUMBER and b"".join(listed).isdigit()

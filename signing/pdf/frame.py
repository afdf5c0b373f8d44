"""署名を足すときに書き直す、わずかなオブジェクト。これさえ覚えていれば、本体を読まずに次の版を書ける。

文書の根、最初のページ、フォーム、検証情報の入れ物（DSS）と、それらが別のオブジェクトに置いた一覧だけを持つ。
"""

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar, cast

from signing.pdf.file import File
from signing.pdf.identity import first_half
from signing.pdf.syntax import Broken, Buffer, Dictionary, Name, Ref, Value, write, written_text
from signing.pdf.update import Appended, End, Update

OWN_NAMES = ("FIELD_", "TIMESTAMP_")
EVIDENCE_KINDS = ("Certs", "OCSPs", "CRLs")
# 節ごとに変わるもの。これ以外のトレーラの項目は、次の節にも写す（ISO 32000-2 7.5.6）。
OF_ONE_SECTION = {"Size", "Prev", "ID", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length"}
PRINT_LOCKED = 132  # ISO 32000-2 表167
SIGNATURES_EXIST_APPEND_ONLY = 3  # 同 表225
OLDEST_VERSION = "1.7"
# PAdES（ETSI EN 319 142-1）の構造が、PDF 2.0 より前の文書に入っていることを示す。
ESIC: Dictionary = {"BaseVersion": Name("1.7"), "ExtensionLevel": 1}

Evidence = Mapping[str, Sequence[bytes]]
Container = TypeVar("Container", dict[str, Value], list[Value])


@dataclass(frozen=True)
class Frame:
    """What an appended signature changes: those objects as they are now, our field names and the evidence in use.

    `evidence` holds the SHA-256 of every entry of the document security store.
    """

    end: End
    version: str
    root: Ref
    page: Ref
    objects: Mapping[Ref, Value]
    names: frozenset[str]
    evidence: frozenset[bytes]

    def sign(self, name: str, signature: Dictionary, size: int, evidence: Evidence) -> tuple[Appended, "Frame"]:
        """Write one revision: an invisible field, its signature with a hole of `size` bytes, evidence not yet in."""
        return _Writing(self).sign(name, signature, size, evidence)


def frame_of(file: File) -> Frame:
    """Take from a file what its next signature needs; raises Broken."""
    return _Reading(file).frame()


class _Reading:
    """Collect the objects of a frame; a reference that leads nowhere is never filled."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.objects: dict[Ref, Value] = {}

    def frame(self) -> Frame:
        root_at, (page_at, _page) = self.file.trailer().get("Root"), self.file.first_page()
        if not isinstance(root_at, Ref) or self.file.encrypted:
            raise Broken("a file that cannot be appended to")
        root, page = self._take(root_at, {}), self._take(page_at, {})
        self._below(self._below(root, "AcroForm", {}), "Fields", [])
        self._below(root, "Extensions", {})
        self._below(page, "Annots", [])
        store = self._below(root, "DSS", {})
        entries = [each for kind in EVIDENCE_KINDS for each in self._below(store, kind, [])]
        names = {each.name.partition(".")[0] for each in self.file.fields()}
        return Frame(
            self._end(),
            max(_header_version(self.file.data), str(root.get("Version", ""))),
            root_at,
            page_at,
            self.objects,
            frozenset(each for each in names if each.startswith(OWN_NAMES)),
            frozenset(hashlib.sha256(self.file.stream(each)).digest() for each in entries),
        )

    def _end(self) -> End:
        trailer, data = self.file.trailer(), self.file.data
        return End(
            size=len(data),
            startxref=self.file.startxref,
            stream=self.file.kind == "stream",
            objects=self.file.size,
            carried=write({key: value for key, value in trailer.items() if key not in OF_ONE_SECTION})[2:-2],
            identity=first_half(trailer.get("ID")),
            newline=bytes(data[-1:]) in {b"\r", b"\n"},
        )

    def _take(self, ref: Ref, kind: Container) -> Container:
        value = self.file.object(ref.number, generation=ref.generation)
        if not isinstance(value, type(kind)) or ref in self.objects:  # 二つの役を兼ねるものには、何も足せない
            raise Broken(f"object {ref.number} is not what it should be")
        self.objects[ref] = value
        return value

    def _below(self, parent: Dictionary, key: str, empty: Container) -> Container:
        value = parent.get(key, empty)
        if isinstance(value, Ref):
            return self._take(value, empty)
        if not isinstance(value, type(empty)):
            raise Broken(f"{key} is not what it should be")
        return value


def _header_version(data: Buffer) -> str:
    found = re.match(rb"%PDF-(\d\.\d)", bytes(data[:8]))
    return found[1].decode() if found else ""


class _Writing:
    """One revision over a frame; the frame itself stays as it is."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.update = Update(frame.end)
        self.objects = {ref: _copied(value) for ref, value in frame.objects.items()}
        self.changed: set[Ref] = set()

    def sign(self, name: str, signature: Dictionary, size: int, evidence: Evidence) -> tuple[Appended, Frame]:
        value, widget = Ref(self.update.reserve()), Ref(self.update.reserve())
        self._declare()
        known = self._embed(evidence)
        self._attach(widget)
        self.update.write(widget.number, write(self._widget(name, value)))
        for ref in sorted(self.changed):
            self.update.write(ref.number, write(self.objects[ref]), generation=ref.generation)
        self.update.write_with_hole(value.number, write(signature)[2:-2], size)
        appended = self.update.finish()
        grown = replace(
            self.frame,
            end=appended.end,
            version=max(self.frame.version, OLDEST_VERSION),
            objects=self.objects,
            names=self.frame.names | {name},
            evidence=self.frame.evidence | known,
        )
        return appended, grown

    def _declare(self) -> None:
        """Say what the file now uses (ISO 32000-2 7.12)."""
        root = self._root()
        if self.frame.version < OLDEST_VERSION:
            root["Version"] = Name(OLDEST_VERSION)
            self.changed.add(self.frame.root)
        if self.frame.version < "2.0":
            extensions, at = self._below(self.frame.root, root, "Extensions", {})
            if "ESIC" not in extensions:
                extensions["ESIC"] = dict(ESIC)
                self.changed.add(at)

    def _embed(self, evidence: Evidence) -> set[bytes]:
        """Add the entries the document security store does not hold yet (ETSI EN 319 142-1 5.4.2)."""
        known: set[bytes] = set()
        for kind in EVIDENCE_KINDS:
            for entry in evidence.get(kind, ()):
                fingerprint, packed = _packed(entry)
                if fingerprint not in self.frame.evidence | known:
                    known.add(fingerprint)
                    self._add_entry(kind, packed)
        return known

    def _add_entry(self, kind: str, packed: bytes) -> None:
        number = self.update.reserve()
        self.update.write_stream(number, b"/Filter/FlateDecode", packed)
        store, store_at = self._new_below(self._root(), "DSS")
        entries, at = self._below(store_at, store, kind, [])
        entries.append(Ref(number))
        self.changed.add(at)

    def _attach(self, widget: Ref) -> None:
        form, form_at = self._new_below(self._root(), "AcroForm")
        flags = form.get("SigFlags", 0)
        if flags != SIGNATURES_EXIST_APPEND_ONLY:
            form["SigFlags"] = SIGNATURES_EXIST_APPEND_ONLY
            self.changed.add(form_at)
        page = cast(Dictionary, self.objects[self.frame.page])
        for owner, parent, key in ((form_at, form, "Fields"), (self.frame.page, page, "Annots")):
            listed, at = self._below(owner, parent, key, [])
            listed.append(widget)
            self.changed.add(at)

    def _widget(self, name: str, value: Ref) -> Dictionary:
        kind: Dictionary = {"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "F": PRINT_LOCKED}
        return kind | {"Rect": [0, 0, 0, 0], "T": written_text(name), "P": self.frame.page, "V": value}

    def _root(self) -> Dictionary:
        return cast(Dictionary, self.objects[self.frame.root])

    def _new_below(self, root: Dictionary, key: str) -> tuple[Dictionary, Ref]:
        """Return a dictionary of the root and the object it stands in; a missing one becomes an object of its own."""
        if key not in root:
            made = Ref(self.update.reserve())
            root[key], self.objects[made] = made, {}
            self.changed |= {self.frame.root, made}
        return self._below(self.frame.root, root, key, {})

    def _below(self, owner: Ref, parent: Dictionary, key: str, empty: Container) -> tuple[Container, Ref]:
        """Return what stands under a key and the object in which it stands."""
        value = parent.setdefault(key, empty)
        if isinstance(value, Ref):
            return cast(Container, self.objects[value]), value
        return cast(Container, value), owner


def _copied(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


@lru_cache(maxsize=256)
def _packed(entry: bytes) -> tuple[bytes, bytes]:
    """Return an entry's SHA-256 and its compressed form; the same evidence goes into many documents."""
    return hashlib.sha256(entry).digest(), zlib.compress(entry)

"""署名の後に加えられた変更を一つずつ調べ、署名と検証情報の追加だけを認める。

後の版が書いたすべてのオブジェクトに、認められた理由を一つずつ求める。読むのは変わったものだけなので、
費用は文書の大きさによらない（docs/adr/0015）。
"""

from collections.abc import Iterator

from signing.pdf.crossref import Entry, Free, Plain
from signing.pdf.file import File
from signing.pdf.mentions import Mentions
from signing.pdf.syntax import Broken, Dictionary, Name, Ref, Stream, TooLarge, Value, children
from signing.results import Problem
from signing.verification import metadata
from signing.verification.problems import (
    CHANGED,
    METADATA,
    REMOVED,
    SHADOWED,
    VISIBLE_FIELD,
    VISIBLE_SIGNATURE,
)

HIDDEN_FLAG, PRINT_FLAG, LOCKED_FLAG = 2, 4, 128  # ISO 32000-2 表167
# 動作（/A、/AA）を持ち込めない鍵だけを、新しい署名欄に認める。
FIELD_KEYS = frozenset(
    ["Type", "Subtype", "FT", "T", "TU", "V", "F", "Ff", "Rect", "P", "AP", "MK", "DA", "Lock", "SV", "M", "NM"]
)
OWN_RULES = {"AcroForm", "DSS", "Extensions", "Version", "Metadata"}
CONTAINERS = {"XRef", "ObjStm"}


def review(file: File, *, since: int) -> dict[int, list[Problem]]:
    """Return the problems of each version after `since` (versions from 0); raises TooLarge."""
    mentions = Mentions(file)
    return {number: _Update(file, number, mentions).problems() for number in range(since + 1, len(file.revisions))}


class _Update:
    """One version, compared with the one before it."""

    def __init__(self, file: File, number: int, mentions: Mentions) -> None:
        self.file = file
        self.number = number
        self.mentions = mentions
        self.written = {key: entry for key, entry in file.changed(number).items() if not isinstance(entry, Free)}
        self.allowed: set[int] = set()
        self.found: list[Problem] = []

    def problems(self) -> list[Problem]:
        """Return what no rule allows."""
        try:
            self._check()
        except TooLarge:
            raise
        except Broken:
            self.found.append(CHANGED)
        return list(dict.fromkeys(self.found))

    def _check(self) -> None:
        if len(self.written) < len(self.file.changed(self.number)):
            self.found.append(REMOVED)
        if any(self.mentions.more_than(0, each, self.number - 1) for each in self.written if self._is_new(each)):
            self.found.append(SHADOWED)
        self._check_trailer()
        if any(not self._is_container(each) for each in self.written.keys() - self.allowed):
            self.found.append(CHANGED)

    def _check_trailer(self) -> None:
        old, new = self.file.trailer(self.number - 1), self.file.trailer(self.number)
        root = new.get("Root")
        if not isinstance(root, Ref) or old.get("Root") != root or old.get("Encrypt") != new.get("Encrypt"):
            self.found.append(CHANGED)
            return
        self._check_information(old.get("Info"), new.get("Info"))
        self._check_root(root)

    def _check_information(self, old_raw: Value, new_raw: Value) -> None:
        old, new = self._before(old_raw), self._after(new_raw)
        self._note(metadata.of_information(_dictionary(old), _dictionary(new)))
        if isinstance(new_raw, Ref):
            self.allowed.add(new_raw.number)
        for value in _dictionary(new).values():
            self._allow_new(value)

    def _check_root(self, ref: Ref) -> None:
        old, new = self._before(ref), self._after(ref)
        if not isinstance(old, dict) or not isinstance(new, dict) or not _same_but(old, new, OWN_RULES):
            self.found.append(CHANGED)
            return
        self._rewrite(ref)
        self._check_form(old.get("AcroForm"), new.get("AcroForm"))
        self._check_metadata(old.get("Metadata"), new.get("Metadata"))
        for key in ("DSS", "Extensions"):
            self._check_annex(old.get(key), new.get(key))

    def _check_metadata(self, old_raw: Value, new_raw: Value) -> None:
        changed = isinstance(new_raw, Ref) and new_raw.number in self.written
        if old_raw == new_raw and not changed:
            return
        if not isinstance(new_raw, Ref) or not (changed and (old_raw == new_raw or self._is_new(new_raw.number))):
            self.found.append(METADATA)
            return
        self._rewrite(new_raw, shared=False)
        old = self.file.stream(old_raw, self.number - 1) if old_raw is not None else None
        self._note(metadata.of_packet(old, self.file.stream(new_raw, self.number)))

    def _check_form(self, old_raw: Value, new_raw: Value) -> None:
        """Allow only signature fields to join the form, and empty ones to be filled."""
        if not self._keeps_place(old_raw, new_raw):
            return
        old, new = _dictionary(self._before(old_raw)), _dictionary(self._after(new_raw))
        known = list(self.file.fields(self.number - 1))
        if not _same_but(old, new, {"Fields", "SigFlags", "DA", "DR"}):
            self.found.append(CHANGED)
        self._check_defaults(old, new, only_signatures=all(each.kind == "Sig" for each in known))
        added = self._appended(old.get("Fields"), new.get("Fields"))
        for field in known:
            if field.ref.number in self.written and field.kind == "Sig" and field.value is None:
                self._check_filling(field.ref)
        for ref in added:
            self._check_field(ref, added)

    def _check_defaults(self, old: Dictionary, new: Dictionary, *, only_signatures: bool) -> None:
        """Allow the form to gain fonts, as Acrobat adds them, unless a field's value could come to look different."""
        if old.get("DA") not in {None, new.get("DA")} or not self._keeps_place(old.get("DR"), new.get("DR")):
            self.found.append(CHANGED)
            return
        before, after = _dictionary(self._before(old.get("DR"))), _dictionary(self._after(new.get("DR")))
        if (before, old.get("DA")) == (after, new.get("DA")):
            return
        kept = all(_extends(after.get(kind), value) for kind, value in before.items())
        if not (only_signatures and kept):
            self.found.append(CHANGED)
        self._allow_new(after)

    def _check_filling(self, ref: Ref) -> None:
        """Allow an empty signature field to receive its signature; what people then see is for them to judge."""
        old, new = self._before(ref), self._after(ref)
        if not isinstance(old, dict) or not isinstance(new, dict) or not _same_but(old, new, {"V", "AP", "F"}):
            return
        if new.get("F", 0) not in {old.get("F", 0), _locked(old.get("F", 0))}:
            return
        self._rewrite(ref)
        if not is_invisible(new):
            self.found.append(VISIBLE_SIGNATURE)
        for key in ("V", "AP"):
            self._allow_new(new.get(key))

    def _check_field(self, ref: Ref, added: list[Ref]) -> None:
        """Allow a new signature field and its page's mention of it."""
        field = self._after(ref)
        signature = field.get("V") if isinstance(field, dict) else None
        if not isinstance(field, dict) or not self._is_new(ref.number):
            self.found.append(CHANGED)
            return
        if field.get("FT") != "Sig" or not FIELD_KEYS.issuperset(field) or self._is_old(signature):
            self.found.append(CHANGED)
            return
        if not is_invisible(field):
            self.found.append(VISIBLE_FIELD if signature is None else VISIBLE_SIGNATURE)
        self.allowed.add(ref.number)
        for key, value in field.items():
            if key != "P":
                self._allow_new(value)
        page = field.get("P")
        if isinstance(page, Ref):
            self._check_page(page, added)

    def _is_old(self, signature: Value) -> bool:
        return signature is not None and not (isinstance(signature, Ref) and self._is_new(signature.number))

    def _check_page(self, ref: Ref, widgets: list[Ref]) -> None:
        """Allow a page to gain new signature fields among its annotations."""
        old, new = self._before(ref), self._after(ref)
        if not isinstance(old, dict) or not isinstance(new, dict):
            self.found.append(CHANGED)
            return
        if old.get("Type") != "Page" or not _same_but(old, new, {"Annots"}):
            self.found.append(CHANGED)
            return
        self._rewrite(ref)
        if any(each not in widgets for each in self._appended(old.get("Annots"), new.get("Annots"))):
            self.found.append(CHANGED)

    def _check_annex(self, old_raw: Value, new_raw: Value) -> None:
        """Allow evidence to be added; its old dictionaries may be rewritten only where nothing else mentions them."""
        if new_raw is None and old_raw is not None:
            self.found.append(CHANGED)
        if not self._keeps_place(old_raw, new_raw):
            return
        own = set(self._parts(old_raw))
        for number in own & self.written.keys():
            self._rewrite(Ref(number), shared=False)
        self._allow_new(new_raw, own)

    def _parts(self, raw: Value) -> Iterator[int]:
        """Yield the dictionaries and arrays below a value as they were, not the streams."""
        stack, seen = [raw], set()
        while stack:
            value = stack.pop()
            if isinstance(value, Ref):
                number, value = value.number, self._before(value)
                if number in seen or isinstance(value, Stream) or value is None:
                    continue
                seen.add(number)
                yield number
            stack += children(value)

    def _appended(self, old_raw: Value, new_raw: Value) -> list[Ref]:
        """Return what a list gained at its end; anything else that happened to it is a change."""
        if not self._keeps_place(old_raw, new_raw):
            return []
        old, new = _references(self._before(old_raw)), _references(self._after(new_raw))
        if old is None or new is None or new[: len(old)] != old:
            self.found.append(CHANGED)
            return []
        return new[len(old) :]

    def _keeps_place(self, old_raw: Value, new_raw: Value) -> bool:
        """Demand that an indirect value stays the same object or moves to a new one; Acrobat does both."""
        if isinstance(new_raw, Ref) and new_raw != old_raw:
            if not self._is_new(new_raw.number):
                self.found.append(CHANGED)
                return False
            self.allowed.add(new_raw.number)
        elif isinstance(new_raw, Ref):
            self._rewrite(new_raw, shared=False)
        return True

    def _rewrite(self, ref: Ref, *, shared: bool = True) -> None:
        """Allow an object's new content; one that must not be shared may be mentioned only once."""
        if ref.number not in self.written or ref.number in self.allowed:
            return
        if not shared and self.mentions.more_than(1, ref.number, self.number - 1):
            self.found.append(CHANGED)
        before = self.file.entry(ref.number, self.number - 1)
        if before is not None and _generation(before[0]) != _generation(self.written[ref.number]):
            self.found.append(CHANGED)
        self.allowed.add(ref.number)

    def _allow_new(self, raw: Value, own: set[int] | None = None) -> None:
        """Allow the new objects reachable from here; existing ones may be mentioned but are not thereby allowed."""
        stack, seen = [raw], set()
        while stack:
            value = stack.pop()
            if isinstance(value, Ref):
                number, new = value.number, self._is_new(value.number)
                if number in seen or not (new or number in (own or ())):
                    continue
                seen.add(number)
                if new:
                    self.allowed.add(number)
                value = self._after(value)
            stack += children(value)

    def _is_new(self, number: int) -> bool:
        """Tell whether its number was never used before; viewers disagree about generations, so those do not count."""
        entry = self.written.get(number)
        if entry is None or _generation(entry):
            return False
        return not any(_in_use(each.entry(number)) for each in self.file.revisions[: self.number])

    def _is_container(self, number: int) -> bool:
        """Tell whether it is a new cross-reference or object stream: packaging that nothing refers to."""
        if not self._is_new(number):
            return False
        value = self.file.object(number, self.number)
        return isinstance(value, Stream) and value.dictionary.get("Type") in CONTAINERS

    def _note(self, problem: Problem | None) -> None:
        if problem is not None:
            self.found.append(problem)

    def _before(self, raw: Value) -> Value:
        return self.file.resolve(raw, self.number - 1)

    def _after(self, raw: Value) -> Value:
        return self.file.resolve(raw, self.number)


def _in_use(entry: Entry | None) -> bool:
    return entry is not None and not isinstance(entry, Free)


def _generation(entry: Entry) -> int:
    return entry.generation if isinstance(entry, Plain) else 0


def _dictionary(value: Value) -> Dictionary:
    if value is not None and not isinstance(value, dict):
        raise Broken("no dictionary where one should be")
    return value or {}


def _same_but(one: Dictionary, other: Dictionary, but: set[str]) -> bool:
    return all(one.get(key) == other.get(key) for key in (one.keys() | other.keys()) - but)


def _extends(new: Value, old: Value) -> bool:
    """Tell whether a value is the old one, or the old dictionary with further names."""
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new == old
    return all(new.get(name) == value for name, value in old.items())


def _references(value: Value) -> list[Ref] | None:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Ref) for each in value):
        return None
    return [each for each in value if isinstance(each, Ref)]


def _locked(flags: Value) -> Value:
    """Acrobat locks the place of a field when it signs it, and lets it be printed."""
    return flags | LOCKED_FLAG | PRINT_FLAG if isinstance(flags, int) else flags


def is_invisible(field: Dictionary) -> bool:
    """Tell whether a signature field shows nothing on its page (ISO 32000-2 12.7.5.5)."""
    flags, box = field.get("F", 0), field.get("Rect")
    if isinstance(flags, int) and flags & HIDDEN_FLAG:
        return True
    if not isinstance(box, list) or len(box) != 4 or any(isinstance(each, Name | bytes | Ref) for each in box):
        return False
    return box[0] == box[2] or box[1] == box[3]

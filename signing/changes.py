# mypy: disable-error-code="no-untyped-call"
"""署名の後に加えられた変更を一つずつ調べ、署名と検証情報の追加だけを認める。

pyHanko 0.38 の差分検査は、題名や欄の書き換えを見逃し、しおりの多い文書では終わらない（SECURITY 0-1）。
ここでは逆に、後の版が書いたすべてのオブジェクトに、認められた理由を一つずつ求める。
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

MOST_OBJECTS = 100_000
MOST_VISITS = 1_000_000
DEEPEST = 60
HIDDEN_FLAG = 2  # ISO 32000-2 表167 の Hidden（ビット位置2）
# 見た目や動作（/A、/AA）を持ち込めない鍵だけを、新しい署名欄に認める。
FIELD_KEYS = frozenset(
    ["/Type", "/Subtype", "/FT", "/T", "/TU", "/V", "/F", "/Ff", "/Rect", "/P", "/AP", "/MK", "/DA", "/Lock", "/SV"]
)

CHANGED = "署名の後に、文書の内容が変えられています。"
SHADOWED = "署名の前から仕込まれた参照が、後から置き換えられています。"
REMOVED = "署名の後に、文書の一部が消されています。"
VISIBLE = "署名の後に、見える形の欄が加えられています。"


class TooLarge(Exception):
    """The document has more objects than can be reviewed."""


def review(reader: PdfFileReader, *, since: int) -> dict[int, list[str]]:
    """Return the problems of each revision after `since` (pyHanko's numbers, from 0); raises TooLarge."""
    known = {ref.idnum for number in range(since + 1) for ref in reader.xrefs.explicit_refs_in_revision(number)}
    found: dict[int, list[str]] = {}
    visits = 0
    for number in range(since + 1, int(reader.xrefs.total_revisions)):
        survey = _Survey(reader, number - 1)
        visits += len(survey.mentions)
        if visits > MOST_VISITS:
            raise TooLarge
        update = _Update(reader, number, survey, frozenset(known))
        found[number] = update.problems()
        known |= {ref.idnum for ref in update.written}
    return found


def leads_nowhere(reader: PdfFileReader) -> bool:
    """Tell whether a document names objects it does not hold; a later update could provide them. Raises TooLarge."""
    return bool(_Survey(reader, int(reader.xrefs.total_revisions) - 1).missing)


class _Survey:
    """Every reference reachable in one revision: how often it is mentioned, and whether it leads anywhere."""

    def __init__(self, reader: PdfFileReader, revision: int) -> None:
        trailer = reader.trailer.flatten(revision)
        self.mentions: Counter[generic.Reference] = Counter()
        self.missing: set[generic.Reference] = set()
        stack: list[object] = [_raw(trailer, "/Root"), _raw(trailer, "/Info")]
        while stack:
            value = stack.pop()
            if isinstance(value, generic.IndirectObject):
                ref = value.reference
                self.mentions[ref] += 1
                if self.mentions[ref] > 1:
                    continue
                if len(self.mentions) > MOST_OBJECTS:
                    raise TooLarge
                value = _resolve(reader, value, revision)
                if value is None:
                    self.missing.add(ref)
            stack.extend(_children(value))


class _Update:
    """One revision, compared with the one before it."""

    def __init__(self, reader: PdfFileReader, number: int, survey: _Survey, known: frozenset[int]) -> None:
        self.reader = reader
        self.number = number
        self.survey = survey
        self.known = known
        self.written: set[generic.Reference] = set(reader.xrefs.explicit_refs_in_revision(number))
        self.allowed: set[generic.Reference] = set()
        self.found: list[str] = []

    def problems(self) -> list[str]:
        """Return what no rule allows."""
        if self.reader.xrefs.refs_freed_in_revision(self.number):
            self.found.append(REMOVED)
        if not self.written.isdisjoint(self.survey.missing):
            self.found.append(SHADOWED)
        self._check_trailer()
        if any(not self._is_container(ref) for ref in self.written - self.allowed):
            self.found.append(CHANGED)
        return list(dict.fromkeys(self.found))

    def _check_trailer(self) -> None:
        old = self.reader.trailer.flatten(self.number - 1)
        new = self.reader.trailer.flatten(self.number)
        if any(not same(_raw(old, key), _raw(new, key)) for key in ("/Root", "/Info", "/Encrypt")):
            self.found.append(CHANGED)
            return
        self._check_root(old.raw_get("/Root").reference)

    def _check_root(self, ref: generic.Reference) -> None:
        old, new = self._before(ref), self._after(ref)
        if not (isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject)):
            self.found.append(CHANGED)
            return
        self.allowed.add(ref)
        special = {"/AcroForm", "/DSS", "/Extensions", "/Version"}
        if not _same_but(old, new, special):
            self.found.append(CHANGED)
        self._check_form(_raw(old, "/AcroForm"), _raw(new, "/AcroForm"))
        for key in ("/DSS", "/Extensions"):
            self._check_annex(_raw(old, key), _raw(new, key))

    def _check_form(self, old_raw: object, new_raw: object) -> None:
        """Allow only signature fields to join the form."""
        if not self._keeps_place(old_raw, new_raw):
            return
        old, new = self._before(old_raw), self._after(new_raw)
        if new is None and old is None:
            return
        if not isinstance(new, generic.DictionaryObject):
            self.found.append(CHANGED)
            return
        old = old if isinstance(old, generic.DictionaryObject) else generic.DictionaryObject()
        if not _same_but(old, new, {"/Fields", "/SigFlags"}):
            self.found.append(CHANGED)
        added = self._appended(_raw(old, "/Fields"), _raw(new, "/Fields"))
        for ref in self._existing_fields(old):
            self._check_filling(ref)
        for ref in added:
            self._check_field(ref)

    def _existing_fields(self, form: generic.DictionaryObject) -> list[generic.Reference]:
        fields = self._before(_raw(form, "/Fields"))
        listed = fields if isinstance(fields, generic.ArrayObject) else []
        refs = [each.reference for each in listed if isinstance(each, generic.IndirectObject)]
        return [ref for ref in refs if ref in self.written]

    def _check_filling(self, ref: generic.Reference) -> None:
        """Allow an empty, invisible signature field to receive its signature."""
        old, new = self._before(ref), self._after(ref)
        if not (isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject)):
            return
        if str(old.get("/FT", "")) != "/Sig" or "/V" in old or not _same_but(old, new, {"/V", "/AP", "/MK"}):
            return
        if not _is_invisible(new):
            self.found.append(VISIBLE)
        self.allowed.add(ref)
        for key in ("/V", "/AP", "/MK"):
            self._allow_new(_raw(new, key))

    def _check_field(self, ref: generic.Reference) -> None:
        """Allow a new invisible signature field and the page's mention of it."""
        field = self._after(ref)
        if not self._is_new(ref) or not isinstance(field, generic.DictionaryObject):
            self.found.append(CHANGED)
            return
        if str(field.get("/FT", "")) != "/Sig" or not FIELD_KEYS.issuperset(field):
            self.found.append(CHANGED)
            return
        if not _is_invisible(field):
            self.found.append(VISIBLE)
        self.allowed.add(ref)
        for key, value in field.items():
            if key != "/P":
                self._allow_new(value)
        page = _raw(field, "/P")
        if isinstance(page, generic.IndirectObject):
            self._check_page(page.reference, ref)

    def _check_page(self, ref: generic.Reference, widget: generic.Reference) -> None:
        old, new = self._before(ref), self._after(ref)
        if not (isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject)):
            self.found.append(CHANGED)
            return
        if str(old.get("/Type", "")) != "/Page" or not _same_but(old, new, {"/Annots"}):
            self.found.append(CHANGED)
            return
        self.allowed.add(ref)
        added = self._appended(_raw(old, "/Annots"), _raw(new, "/Annots"))
        if any(each not in self._new_widgets() for each in [*added, widget]):
            self.found.append(CHANGED)

    def _new_widgets(self) -> set[generic.Reference]:
        """Return the new objects that are signature fields; each is checked as a member of the form."""
        return {
            ref
            for ref in self.written
            if self._is_new(ref)
            and isinstance(field := self._after(ref), generic.DictionaryObject)
            and str(field.get("/FT", "")) == "/Sig"
        }

    def _check_annex(self, old_raw: object, new_raw: object) -> None:
        """Allow evidence to be added; its old dictionaries may be rewritten only where nothing else mentions them."""
        if not self._keeps_place(old_raw, new_raw):
            return
        own = set(self._parts(old_raw))
        self.allowed -= own if any(self.survey.mentions[ref] > 1 for ref in own & self.written) else set()
        self.allowed |= {ref for ref in own & self.written if self.survey.mentions[ref] == 1}
        self._allow_new(new_raw, own)

    def _parts(self, raw: object) -> Iterator[generic.Reference]:
        """Yield the dictionaries and arrays below a value as they were, not the streams."""
        stack, seen = [raw], set()
        while stack:
            value = stack.pop()
            if isinstance(value, generic.IndirectObject):
                ref, value = value.reference, self._before(value)
                if ref in seen or isinstance(value, generic.StreamObject) or value is None:
                    continue
                seen.add(ref)
                yield ref
            stack.extend(_children(value))

    def _appended(self, old_raw: object, new_raw: object) -> list[generic.Reference]:
        """Return what a list gained at its end; anything else that happened to it is a change."""
        if not self._keeps_place(old_raw, new_raw):
            return []
        old = _references(self._before(old_raw))
        new = _references(self._after(new_raw))
        if old is None or new is None or new[: len(old)] != old:
            self.found.append(CHANGED)
            return []
        return new[len(old) :]

    def _keeps_place(self, old_raw: object, new_raw: object) -> bool:
        """Demand that an indirect value stays the same object; allow a new one only where there was a direct one."""
        if isinstance(old_raw, generic.IndirectObject):
            if not same(old_raw, new_raw):
                self.found.append(CHANGED)
                return False
            self.allowed.add(old_raw.reference)
        elif isinstance(new_raw, generic.IndirectObject):
            if not self._is_new(new_raw.reference):
                self.found.append(CHANGED)
                return False
            self.allowed.add(new_raw.reference)
        return True

    def _allow_new(self, raw: object, own: AbstractSet[generic.Reference] = frozenset()) -> None:
        """Allow the new objects reachable from here; existing ones may be mentioned but are not thereby allowed."""
        stack, seen = [raw], set()
        while stack:
            value = stack.pop()
            if isinstance(value, generic.IndirectObject):
                ref = value.reference
                if ref in seen or not (self._is_new(ref) or ref in own):
                    continue
                seen.add(ref)
                if self._is_new(ref):
                    self.allowed.add(ref)
                value = self._after(ref)
            stack.extend(_children(value))

    def _is_new(self, ref: generic.Reference) -> bool:
        """Tell whether its number was never used before; viewers disagree about generations, so those do not count."""
        return ref in self.written and ref.generation == 0 and ref.idnum not in self.known

    def _is_container(self, ref: generic.Reference) -> bool:
        """Tell whether it is a new cross-reference or object stream: packaging that nothing refers to."""
        if not self._is_new(ref):
            return False
        value = self._after(ref)
        return isinstance(value, generic.StreamObject) and str(value.get("/Type", "")) in {"/XRef", "/ObjStm"}

    def _before(self, raw: object) -> object:
        return _resolve(self.reader, raw, self.number - 1)

    def _after(self, raw: object) -> object:
        return _resolve(self.reader, raw, self.number)


def _resolve(reader: PdfFileReader, raw: object, revision: int) -> object:
    """Return the value as of a revision; None when there is none."""
    ref = raw.reference if isinstance(raw, generic.IndirectObject) else raw
    if not isinstance(ref, generic.Reference):
        return raw
    if reader.xrefs.get_historical_ref(ref, revision) is None:
        return None
    if reader.xrefs.get_last_change(ref) <= revision:
        return reader.get_object(ref)
    return reader.get_object(ref, revision)


def _children(value: object) -> Iterable[object]:
    """Return the direct values inside a dictionary, stream dictionary or array, unresolved."""
    if isinstance(value, generic.DictionaryObject):
        return dict.values(value)
    return list.__iter__(value) if isinstance(value, generic.ArrayObject) else ()


def same(one: object, other: object, depth: int = 0) -> bool:
    """Compare two direct values without following references."""
    if depth > DEEPEST or type(one) is not type(other):
        return False
    if isinstance(one, generic.StreamObject):
        return False  # 流れは間接オブジェクトにしかならない。ここに来るものは比べない
    if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
        return _same_but(one, other, set(), depth + 1)
    if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
        pairs = zip(_children(one), _children(other), strict=False)
        return len(one) == len(other) and all(same(a, b, depth + 1) for a, b in pairs)
    return bool(one == other)


def _same_but(one: generic.DictionaryObject, other: generic.DictionaryObject, but: set[str], depth: int = 0) -> bool:
    keys = {str(key) for key in (*one, *other)} - but
    return all(same(_raw(one, key), _raw(other, key), depth) for key in keys)


def _raw(dictionary: generic.DictionaryObject, key: str) -> object:
    return dict.get(dictionary, generic.NameObject(key))


def _references(value: object) -> list[generic.Reference] | None:
    if value is None:
        return []
    if not isinstance(value, generic.ArrayObject):
        return None
    items = list(_children(value))
    if not all(isinstance(each, generic.IndirectObject) for each in items):
        return None
    return [each.reference for each in items if isinstance(each, generic.IndirectObject)]


def _is_invisible(field: generic.DictionaryObject) -> bool:
    if int(field.get("/F", 0)) & HIDDEN_FLAG:
        return True
    box = field.get("/Rect")
    if not isinstance(box, generic.ArrayObject) or len(box) != 4:
        return False
    left, bottom, right, top = (float(each) for each in box)
    return left == right or bottom == top

"""一つの PDF を、署名された版の積み重ねとして読む。誰を信じるかはここでは問わない。"""

import hashlib
import mmap
import re
from functools import cached_property

from signing.pdf.file import Field, File
from signing.pdf.pieces import matches, pieces
from signing.pdf.streams import Budget
from signing.pdf.syntax import Broken, Dictionary, Name, Ref, TooLarge
from signing.results import Problem, Revision
from signing.verification import changes, cms, der, tokens
from signing.verification.algorithms import Unusable
from signing.verification.certificates import Certificate
from signing.verification.der import Malformed
from signing.verification.locks import forbids_more
from signing.verification.problems import ALTERED, HIDDEN, LOCKED, MALFORMED, OUTSIDE

BYTE_RANGE = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}(0)\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{0,9}\]")
LONGEST_RANGE = 128
HEX_STRING = re.compile(rb"<[0-9A-Fa-f]*+>")
MOST_SIGNATURES = 100
MOST_OBJECTS = 100_000
MOST_DECODED = 64 * 1024 * 1024
# 署名の範囲が重なり合っていても、全体を何度も読み直さない。
MOST_PASSES = 4
SLACK = 64 * 1024 * 1024


class Signed:
    """One filled signature field and what can be said of it without trusting anyone."""

    def __init__(self, document: "Document", field: Field, dictionary: Dictionary) -> None:
        self.document = document
        self.field = field
        self.name = field.name
        self.dictionary = dictionary
        self.is_timestamp = dictionary.get("Type") == "DocTimeStamp"
        self.ranges = _ranges(dictionary)

    @property
    def end(self) -> int:
        """Return the offset at which the covered bytes end."""
        return self.ranges[2] + self.ranges[3]

    @property
    def covers_file(self) -> bool:
        """Tell whether nothing follows it."""
        return self.end == len(self.document.pdf)

    @cached_property
    def version(self) -> int | None:
        """Return the number of the version that ends where it ends (from 0), None when there is none."""
        ends = ((each.number, (each.mark, each.end)) for each in self.document.file.revisions)
        return next((number for number, both in ends if self.end in both), None)

    @property
    def subfilter(self) -> str:
        """Return how the signature is written (ISO 32000-2 table 260)."""
        value = self.dictionary.get("SubFilter")
        return str(value) if isinstance(value, Name) else ""

    @cached_property
    def container(self) -> bytes:
        """Return the CMS in DER without its padding; raises Malformed."""
        content = self.dictionary.get("Contents")
        if not isinstance(content, bytes):
            raise Malformed("no contents")
        if self.is_der:
            value = der.read(content)
            found, end = value.raw, value.end
        else:
            found, end = der.definite(content)
        if content[end:].strip(b"\0"):
            raise Malformed("something follows the signature in its gap")
        return found

    @property
    def is_der(self) -> bool:
        """Tell whether the signature is written as PAdES asks, not in BER of unknown length."""
        content = self.dictionary.get("Contents")
        return isinstance(content, bytes) and content[1:2] != b"\x80"

    @cached_property
    def cms(self) -> cms.Signed:
        """Return the parsed container; raises Malformed."""
        return cms.parse(self.container)

    @cached_property
    def token(self) -> tokens.Token:
        """Return the parsed container of a document timestamp; raises Malformed, Unusable."""
        return tokens.parse(self.container)

    @cached_property
    def certificate(self) -> Certificate:
        """Return the signer's certificate; raises Malformed."""
        return self.cms.certificate(self.document.certificates)

    def digest(self, name: str) -> bytes:
        """Return the digest of the covered bytes."""
        return self.document.digest(name, self.ranges)

    @cached_property
    def problem(self) -> Problem | None:
        """Say what is wrong with its bytes; None when it is intact."""
        try:
            if not self._is_well_formed():
                return MALFORMED
            if not self._covers_its_version():
                return OUTSIDE
            self._check_seal()
        except Unusable as error:
            return error.problem
        except (Malformed, ValueError, IndexError):
            return MALFORMED
        return None

    def _is_well_formed(self) -> bool:
        """The gap in the ranges is exactly this signature's hex string, padded with zeros."""
        first, before, after, _length = self.ranges
        if first != 0 or not 0 < before < after < self.end <= len(self.document.pdf):
            return False
        gap = HEX_STRING.fullmatch(self.document.pdf, before, after)
        return gap is not None and bytes.fromhex(gap[0][1:-1].decode()) == self.dictionary.get("Contents")

    def _covers_its_version(self) -> bool:
        """The ranges end with a version, and this version wrote the signature into the gap."""
        if self.version is None or not isinstance(self.field.value, Ref):
            return False
        start, end = self.document.file.span(self.field.value.number)
        version = self.document.file.revisions[self.version]
        _first, before, after, _length = self.ranges
        return version.start <= start < before < after < end <= version.end

    def _check_seal(self) -> None:
        if not self.is_timestamp:
            if self.cms.content is not None or self.cms.content_type != cms.DATA:
                raise Malformed("a signature over something else than the document")
            self.cms.check(self.certificate, self.digest)
            return
        if self.digest(self.token.digest_name) != self.token.imprint:
            raise Unusable(ALTERED)
        self.token.check(self.certificate)


class Document:
    """A PDF opened for judging its signatures; raises Broken on hostile bytes, TooLarge when it asks for too much."""

    def __init__(self, pdf: bytes | mmap.mmap) -> None:
        self.pdf = pdf
        self.file = File(pdf, Budget(objects=MOST_OBJECTS, decoded=MOST_DECODED))
        self.certificates: tuple[bytes, ...] = ()
        self._hashable = MOST_PASSES * len(pdf) + SLACK
        self._prefixes: dict[int, hashlib._Hash] = {0: hashlib.sha256()}

    @cached_property
    def signed(self) -> tuple[Signed, ...]:
        """Return the filled signature fields in the order in which they were signed."""
        found: list[Signed] = []
        values: set[Ref] = set()
        for field in self.file.fields():
            if field.kind != "Sig" or field.value is None:
                continue
            if not isinstance(field.value, Ref) or field.value in values:
                raise Broken("a signature that is no object of its own")
            values.add(field.value)
            found.append(Signed(self, field, self.file.dictionary(field.value)))
            if len(found) > MOST_SIGNATURES:
                raise TooLarge("too many signatures")
        return tuple(sorted(found, key=lambda each: each.end))

    @property
    def hides_signatures(self) -> bool:
        """Tell whether the bytes hold a signature that no field of the latest version shows."""
        shown = {each.ranges for each in self.signed}
        ranges = matches(BYTE_RANGE, self.pdf, longest=LONGEST_RANGE)
        written = (tuple(map(int, found.groups())) for found in ranges)
        return any(each not in shown for each in written if each[1] < each[2] and each[2] + each[3] <= len(self.pdf))

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """Return every version the file holds, oldest first; a signed one ends where its signature does."""
        ends = {each.end for each in self.signed}
        sizes = [each.mark if each.mark in ends else each.end for each in self.file.revisions]
        return tuple(
            Revision(number, size, self._prefix(size).hexdigest()) for number, size in enumerate(sizes, start=1)
        )

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the whole file."""
        return self._prefix(len(self.pdf)).hexdigest()

    def digest(self, name: str, ranges: tuple[int, int, int, int]) -> bytes:
        """Return the digest of two ranges; the bytes before the gap are hashed once for all; raises TooLarge."""
        first, before, after, length = ranges
        whole = memoryview(self.pdf)
        self._hashable -= length if name == "sha256" else before + length
        if self._hashable < 0:
            raise TooLarge("too much to hash")
        running = self._prefix(before) if name == "sha256" else hashlib.new(name, whole[first : first + before])
        running.update(whole[after : after + length])
        return running.digest()

    def _prefix(self, size: int) -> "hashlib._Hash":
        """Return a fresh copy of the running hash of the first bytes; one pass over the file serves all who ask."""
        if size not in self._prefixes:
            for boundary in sorted({size, *self._boundaries()} - self._prefixes.keys()):
                known = max(each for each in self._prefixes if each < boundary)
                running = self._prefixes[known].copy()
                for piece in pieces(self.pdf, known, boundary):
                    running.update(piece)
                self._prefixes[boundary] = running
        return self._prefixes[size].copy()

    def _boundaries(self) -> set[int]:
        """Return up to where somebody will ask for a hash."""
        gaps = {each.ranges[1] for each in self.signed if each.ranges[1] < len(self.pdf)}
        return gaps | {each.mark for each in self.file.revisions} | {each.end for each in self.file.revisions}

    def changes_after(self, signed: Signed) -> list[Problem]:
        """Say what was changed after a signature beyond further signatures and evidence; raises TooLarge."""
        if signed.version is None:
            return []
        found = [each for number, problems in self._changes.items() if number > signed.version for each in problems]
        return [LOCKED, *found] if self._is_overruled(signed) else found

    def _is_overruled(self, signed: Signed) -> bool:
        """Tell whether another signature follows one that allows none; a timestamp may (ISO 32000-2 table 257)."""
        later = self.signed[self.signed.index(signed) + 1 :]
        return any(not each.is_timestamp for each in later) and forbids_more(self.file, signed.field.dictionary)

    @cached_property
    def _changes(self) -> dict[int, list[Problem]]:
        first = min((each.version for each in self.signed if each.version is not None), default=0)
        return changes.review(self.file, since=first)

    def tampering(self) -> list[Problem]:
        """Say what is wrong with the signatures already there; empty when another may be added. Raises Broken."""
        found = [problem for each in self.signed if (problem := each.problem) is not None]
        if self.hides_signatures:
            found.append(HIDDEN)
        if self.signed and not found:
            found = self.changes_after(self.signed[0])
            if not self.signed[-1].covers_file:
                found.append(OUTSIDE)
        return found


def _ranges(dictionary: Dictionary) -> tuple[int, int, int, int]:
    value = dictionary.get("ByteRange")
    listed = [each for each in value if isinstance(each, int) and each >= 0] if isinstance(value, list) else []
    if len(listed) != 4 or not isinstance(value, list) or len(value) != 4:
        return 0, 0, 0, 0
    first, before, after, length = listed
    return first, before, after, length

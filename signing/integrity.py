"""一つの PDF を、署名された版の積み重ねとして読む。誰を信じるかはここでは問わない。"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing import changes
from signing.reading import open_reader

BYTE_RANGE = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}(0)\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{0,9}\]")
MOST_SIGNATURES = 100
MOST_REVISIONS = 400
BROKEN = "署名の形が壊れています。"
OUTSIDE = "署名が、その版の全体を覆っていません。"
ALTERED = "署名された内容が変えられています。"
HIDDEN = "署名が、後から欄を外されるなどして隠されています。"
FORGED = "署名の値が正しくありません。"


@dataclass(frozen=True)
class Revision:
    """One version of the file: its first `size` bytes."""

    number: int
    size: int
    sha256: str


class Signed:
    """One filled signature field and what can be said of it without trusting anyone."""

    def __init__(self, document: "Document", name: str, embedded: EmbeddedPdfSignature) -> None:
        self.document = document
        self.name = name
        self.embedded = embedded
        self.is_timestamp = str(embedded.sig_object_type) == "/DocTimeStamp"

    @cached_property
    def end(self) -> int:
        """Return the offset at which the covered bytes end."""
        return int(self.embedded.byte_range[2]) + int(self.embedded.byte_range[3])

    @property
    def covers_file(self) -> bool:
        """Tell whether nothing follows it."""
        return self.end == len(self.document.pdf)

    def problems(self) -> list[str]:
        """Say in Japanese what is wrong with its bytes; empty when it is intact."""
        if not self._is_well_formed():
            return [BROKEN]
        if not self._covers_its_revision():
            return [OUTSIDE]
        return self._broken_seal()

    def _is_well_formed(self) -> bool:
        """The gap in the ranges is exactly this signature's hex string, padded with zeros."""
        ranges = [int(each) for each in self.embedded.byte_range]
        if len(ranges) != 4 or ranges[0] != 0 or any(each < 0 for each in ranges):
            return False
        _start, before, after, _length = ranges
        pdf, content = self.document.pdf, self.embedded.pkcs7_content
        if not before < after < self.end <= len(pdf):
            return False
        gap = pdf[before:after]
        if not re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) or bytes.fromhex(gap[1:-1].decode()) != content:
            return False
        return not content[_der_length(content) :].strip(b"\0")

    def _covers_its_revision(self) -> bool:
        xrefs, signed = self.document.reader.xrefs, self.embedded.signed_revision
        if self.end not in {each.size for each in self.document.revisions}:
            return False
        for number in range(xrefs.total_revisions):
            meta = xrefs.get_xref_container_info(number)
            if (meta.end_location > self.end) if number <= signed else (meta.start_location < self.end):
                return False
        return True

    def _broken_seal(self) -> list[str]:
        signed_data = self.embedded.signed_data
        content = signed_data["encap_content_info"]
        if self.is_timestamp:
            info = content["content"].parsed
            algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].native
            if info["message_imprint"]["hashed_message"].native != self.embedded.compute_digest(algorithm):
                return [ALTERED]
            digest = hashlib.new(self.embedded.md_algorithm, bytes(content["content"])).digest()
        else:
            digest = self.embedded.compute_digest()
        intact, valid = validate_sig_integrity(
            extract_signer_info(signed_data),
            extract_certs_for_validation(signed_data).signer_cert,
            expected_content_type=content["content_type"].native,
            actual_digest=digest,
        )
        return [ALTERED] if not intact else [] if valid else [FORGED]


class Document:
    """A PDF opened for judging its signatures; may raise anything on hostile bytes."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.reader = open_reader(pdf)
        if self.reader.xrefs.total_revisions > MOST_REVISIONS:
            raise ValueError("too many revisions")

    @property
    def encrypted(self) -> bool:
        """Tell whether the file is encrypted in any way."""
        return bool(self.reader.encrypted)

    @property
    def locked(self) -> bool:
        """Tell whether someone has forbidden further signatures: certification, usage rights, field locks."""
        if "/Perms" in self.reader.root:
            return True
        return any(
            "/Reference" in each.embedded.sig_object or "/Lock" in each.embedded.sig_field for each in self.signed
        )

    @cached_property
    def field_names(self) -> frozenset[str]:
        """Return the names of all signature fields, filled or not."""
        return frozenset(str(name) for name, _value, _field in enumerate_sig_fields(self.reader))

    @cached_property
    def signed(self) -> tuple[Signed, ...]:
        """Return the filled signature fields in the order in which they were signed."""
        found = []
        for name, _value, field in enumerate_sig_fields(self.reader, filled_status=True):
            found.append(Signed(self, str(name), EmbeddedPdfSignature(self.reader, field, name)))
            if len(found) > MOST_SIGNATURES:
                raise ValueError("too many signatures")
        return tuple(sorted(found, key=lambda each: each.end))

    @property
    def hides_signatures(self) -> bool:
        """Tell whether the bytes hold a signature that no field of the latest version shows."""
        shown = {tuple(int(number) for number in each.embedded.byte_range) for each in self.signed}
        written = (tuple(map(int, found.groups())) for found in BYTE_RANGE.finditer(self.pdf))
        return any(each not in shown for each in written if each[1] < each[2] and each[2] + each[3] <= len(self.pdf))

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """Return every version the file holds, oldest first."""
        sizes: list[int] = []
        for number in range(self.reader.xrefs.total_revisions):
            meta = self.reader.xrefs.get_xref_container_info(number)
            size = self._end_after(max(meta.end_location, meta.declared_startxref))
            # 線形化された PDF では、先頭に置かれた表が後の表より新しい。版としては一つ。
            if not sizes or size > sizes[-1]:
                sizes.append(size)
        return tuple(self._hashed(sizes))

    def _end_after(self, offset: int) -> int:
        end = re.compile(rb"%%EOF(\r\n|\n|\r)?").search(self.pdf, offset)
        return end.end() if end else len(self.pdf)

    def _hashed(self, sizes: list[int]) -> list[Revision]:
        running, start, view = hashlib.sha256(), 0, memoryview(self.pdf)
        found = []
        for number, size in enumerate(sizes, start=1):
            running.update(view[start:size])
            start = size
            found.append(Revision(number, size, running.hexdigest()))
        return found

    def changes_after(self, signed: Signed) -> list[str]:
        """Say what was changed after a signature beyond further signatures and evidence; empty when nothing."""
        return [
            problem
            for number, problems in self._changes.items()
            if number > signed.embedded.signed_revision
            for problem in problems
        ]

    @cached_property
    def _changes(self) -> dict[int, list[str]]:
        first = min((each.embedded.signed_revision for each in self.signed), default=0)
        last = int(self.reader.xrefs.total_revisions)
        if first + 1 == last:
            return {}
        return changes.review(self.reader, since=first)

    def tampering(self) -> list[str]:
        """Say what is wrong with the signatures already there; empty when another may be added."""
        problems = [problem for each in self.signed for problem in each.problems()]
        if self.hides_signatures:
            problems.append(HIDDEN)
        if self.signed and not problems:
            problems = self.changes_after(self.signed[0])
            if not self.signed[-1].covers_file:
                problems.append(OUTSIDE)
        return problems


def _der_length(der: bytes) -> int:
    if len(der) < 2 or der[1] == 0x80:
        return 0
    if der[1] < 0x80:
        return 2 + der[1]
    count = der[1] & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")

"""署名の入れ物と文書情報の読み方。"""

import copy
import pickle
from datetime import UTC, datetime

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from signing.results import Problem
from signing.trust import Trust
from signing.verification import cms, der, metadata, tokens, verify
from signing.verification.algorithms import Unusable
from signing.verification.der import Malformed

from . import altering
from .conftest import Grown

PACKET = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"%s>%s</rdf:Description>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
TITLE = "<dc:title><rdf:Alt><rdf:li>%s</rdf:li></rdf:Alt></dc:title>"


def packet(attributes: str = "", elements: str = "") -> bytes:
    return (PACKET % (attributes, elements)).encode()


def code(problem: Problem | None) -> str | None:
    return problem.code if problem is not None else None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (packet(' xmp:ModifyDate="2026"'), packet(' xmp:ModifyDate="2027"'), None),
        (packet(' xmp:ModifyDate="2026"'), packet("", "<xmp:ModifyDate>2027</xmp:ModifyDate>"), None),
        (packet(' pdf:Trapped="No"'), packet("", "<pdf:Trapped> No </pdf:Trapped>"), None),
        (packet(' pdf:Producer="A"'), packet(' pdf:Producer="B"'), None),
        (packet("", TITLE % "契約書"), packet(' xmp:MetadataDate="1"', TITLE % "契約書"), None),
        (packet("", TITLE % "契約書"), packet("", TITLE % "別の契約書"), "metadata_changed"),
        (packet("", TITLE % "契約書"), packet(), "metadata_changed"),
        (packet(), packet(' pdf:Keywords="急ぎ"'), "metadata_changed"),
        (None, packet(' xmp:ModifyDate="2026"'), None),
        (None, packet("", TITLE % "契約書"), "metadata_changed"),
        (packet(), b"<!DOCTYPE x [<!ENTITY e 'x'>]>" + packet(), "metadata_unclear"),
        (packet(), packet() + b"<", "metadata_unclear"),
        (packet(), b"", "metadata_unclear"),
        (packet(), packet("", "<dc:a>" * 500 + "</dc:a>" * 500), "metadata_unclear"),
        (packet(), b" " * 2_000_000 + packet(), "metadata_unclear"),
    ],
)
def test_only_what_tools_change_by_themselves_may_change_in_a_packet(
    old: bytes | None, new: bytes, expected: str | None
):
    assert code(metadata.of_packet(old, new)) == expected


def test_only_what_tools_change_by_themselves_may_change_in_the_information():
    assert metadata.of_information({"ModDate": b"1", "Title": b"a"}, {"ModDate": b"2", "Title": b"a"}) is None
    assert metadata.of_information({}, {"ModDate": b"2", "Producer": b"x"}) is None
    for other in ({"Title": b"b"}, {}, {"Title": b"a", "Author": b"x"}):
        assert code(metadata.of_information({"Title": b"a"}, other)) == "metadata_changed"


def test_a_container_of_indefinite_length_says_the_same(approved: Grown):
    made = altering.container(approved.pdf)

    assert der.definite(made) == (made, len(made))
    assert der.definite(_indefinite(made))[0] == made
    pieces = core.OctetString(b"in two pieces").dump()
    split = b"\x24\x80\x04\x06in two\x04\x07 pieces\0\0"
    assert der.definite(split + b"rest") == (pieces, len(split))


def test_a_signature_in_ber_is_valid_but_reaches_no_level_of_pades(approved: Grown, trust: Trust):
    written = _indefinite(altering.container(approved.pdf))

    report = verify(altering.with_container(approved.pdf, written), trust=trust)

    assert (report.verdict, report.level) == ("VALID", "PKCS#7")


def _indefinite(source: bytes) -> bytes:
    return source[:1] + b"\x80" + der.read(source).content + b"\0\0"


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_malformed(source: bytes):
    for read in (der.definite, cms.parse, tokens.parse, lambda data: der.read(data).children()):
        try:
            read(source)
        except (Malformed, Unusable, ValueError, IndexError):
            continue


def test_times_keep_their_fractions():
    assert _time(b"20260305012030.5Z") == datetime(2026, 3, 5, 1, 20, 30, 500_000, tzinfo=UTC)
    for wrong in (b"20260305012030", b"20261305012030Z", b"2026030501203Z", b"20260305012030.Z"):
        with pytest.raises(Malformed):
            _time(wrong)


def _time(written: bytes) -> datetime:
    return der.read(bytes([der.GENERALIZED_TIME, len(written)]) + written).time()


def test_a_problem_keeps_its_code_when_it_is_copied():
    problem = Problem("文。", "code").of_token()

    for twin in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        assert (twin, twin.code, twin.verdict) == ("署名タイムスタンプ: 文。", "timestamp.code", "INVALID")

"""値は仕様のとおりに読まれ、書かれ、崩れたものは推測されない。"""

import random
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.pdf.syntax import Broken, Name, Ref, Stream, parse, parse_indirect, text, write, written_text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (b"null", None),
        (b"true", True),
        (b"-17", -17),
        (b"+.5", Decimal("0.5")),
        (b"595.2755906", Decimal("595.2755906")),
        (b"/A#20B", Name("A B")),
        (b"/", Name("")),
        (b"(a(b)c\\)\\051\\n\\\r\n\r\nx)", b"a(b)c))\n\nx"),
        (b"(\\8\\0053)", b"8\x053"),
        (b"<48 65\n6C7>", b"Help"),
        (b"12 0 R", Ref(12, 0)),
        (b"[1 0 R 2 0 R 3 4]", [Ref(1), Ref(2), 3, 4]),
        (b"<</A[/B<</C(d)>>]/E % note\n null/F 1>>", {"A": [Name("B"), {"C": b"d"}], "F": 1}),
        (b"  % a comment\r\n /X", Name("X")),
    ],
)
def test_values_are_read_as_the_standard_says(source: bytes, value: object):
    assert parse(source, 0) == (value, len(source))


@pytest.mark.parametrize(
    "source",
    [b"", b"[1", b"]", b"<</A>>", b"<</A 1/A 2>>", b"<</A 1]", b"[>>", b"<<1 2>>", b"(a", b"<4g>", b"--1", b"truly"],
)
def test_broken_values_are_refused(source: bytes):
    with pytest.raises(Broken):
        parse(source, 0)


def test_values_nested_too_deeply_are_refused():
    with pytest.raises(Broken, match="deeply"):
        parse(b"[" * 100_000, 0)
    with pytest.raises(Broken):
        parse(b"<</A" * 100_000, 0)


def test_streams_end_where_their_length_says():
    source = b"7 0 obj <</Length 3>> stream\nabc\nendstream endobj"

    ref, stream, end = parse_indirect(source, 0, length=lambda length: length)

    assert isinstance(stream, Stream)
    assert (ref, bytes(stream.raw), end) == (Ref(7), b"abc", len(source))
    for wrong in (2, 5, -1, 10**9):
        with pytest.raises(Broken):
            parse_indirect(source, 0, length=lambda _length, wrong=wrong: wrong)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.decimals(-10000, 10000, allow_nan=False, places=5)
    | st.binary(max_size=20)
    | st.text(st.characters(max_codepoint=255), max_size=9).map(Name)
    | st.builds(Ref, st.integers(1, 10**9), st.integers(0, 65535)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=255), max_size=5), inner.filter(lambda v: v is not None))
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: object):
    assert parse(write(value), 0)[0] == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(source: bytes):
    try:
        parse(source, 0)
    except Broken:
        return


def test_texts_are_read_by_their_mark():
    assert text(b"plain \x92") == "plain ™"
    assert text(b"\xef\xbb\xbf\xe5\x8d\xb0") == "印"
    assert text(written_text("契約書")) == "契約書"
    assert text(b"\xfe\xff\xd8") == "�"


def test_comments_and_strings_never_cost_more_than_their_length():
    dice = random.Random(4)
    for _throw in range(20):
        noise = re.sub(rb"[()\\]", b"", dice.randbytes(2000))
        assert parse(b"(" + noise.replace(b"\r", b"") + b")", 0)[0] == noise.replace(b"\r", b"")

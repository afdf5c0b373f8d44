"""立ち位置: 本体を読まずに続きを書くために覚えておくもの。"""

import hashlib
import mmap
import tracemalloc
import zlib
from pathlib import Path

import pytest

from signing.pdf.file import File
from signing.pdf.syntax import Broken
from signing.standing import Standing, standing_of

from .test_update import ODD, SHAPES, SIGNATURE, SIZE, plain

EVIDENCE = {"Certs": [b"one", b"two"], "OCSPs": [b"answer"], "CRLs": [b"list"]}


def grow(standing: Standing, name: str) -> tuple[bytes, Standing]:
    appended, frame = standing.frame.sign(name, SIGNATURE, SIZE, EVIDENCE)
    appended.fill(b"\x30" * SIZE)
    return bytes(appended.tail), standing.after(appended.tail, frame)


@pytest.mark.parametrize("document", [*ODD.values(), *(make(plain()) for make in SHAPES.values())])
def test_a_document_grows_from_what_was_saved_as_from_the_document_itself(document: bytes):
    first, standing = grow(standing_of(File(document)), "FIELD_1_0")

    loaded = Standing.load(standing.dump())

    assert loaded is not None
    assert loaded.frame == standing.frame
    assert (loaded.size, loaded.sha256) == (len(document + first), hashlib.sha256(document + first).hexdigest())
    second, last = grow(loaded, "FIELD_1_1")
    whole = document + first + second
    assert (last.size, last.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert [each.name for each in File(whole).fields()] == ["FIELD_1_0", "FIELD_1_1"]
    assert len(first) > len(second)  # 証拠は二度書かない


def test_the_covered_bytes_are_hashed_after_all_those_before_them(contract: bytes):
    standing = standing_of(File(contract))
    appended, _frame = standing.frame.sign("FIELD_1_0", SIGNATURE, SIZE, {})

    digest = standing.digest_with(*appended.covered())

    assert digest == hashlib.sha256(contract + b"".join(map(bytes, appended.covered()))).digest()
    assert standing.sha256 == hashlib.sha256(contract).hexdigest()


def test_it_is_small_whatever_the_document(contract: bytes):
    _tail, standing = grow(standing_of(File(contract)), "FIELD_1_0")

    assert len(standing.dump()) < 2048


def test_a_document_whose_root_holds_everything_is_not_saved():
    names = b"".join(b"(%064x)3 0 R " % (number * 0x9E3779B97F4A7C15**4 % 2**256) for number in range(3000))
    standing = standing_of(File(plain(b"/Names<</Dests<</Names[%s]>>>>" % names)))

    assert standing.dump() == b""


@pytest.mark.parametrize("saved", [b"", b"x", *map(zlib.compress, [b"(", b"[]", b"<</Format 0>>", b"<</Format 2>>"])])
def test_what_was_not_saved_is_not_loaded(saved: bytes):
    assert Standing.load(saved) is None


def test_what_another_version_of_the_program_saved_is_not_loaded(contract: bytes):
    saved = zlib.decompress(standing_of(File(contract)).dump())

    assert Standing.load(zlib.compress(saved)) is not None
    assert Standing.load(zlib.compress(saved.replace(b"/Format 2", b"/Format 1"))) is None


def test_where_a_hash_cannot_be_resumed_nothing_is_saved_and_documents_grow_all_the_same(
    contract: bytes, monkeypatch: pytest.MonkeyPatch
):
    saved = standing_of(File(contract)).dump()
    monkeypatch.setattr("signing.midstate.start", hashlib.sha256)
    monkeypatch.setattr("signing.midstate.RESUMABLE", False)

    tail, standing = grow(standing_of(File(contract)), "FIELD_1_0")

    assert standing.sha256 == hashlib.sha256(contract + tail).hexdigest()
    assert standing.dump() == b""
    assert Standing.load(saved) is None


def test_a_large_file_is_read_a_piece_at_a_time(tmp_path: Path):
    path = tmp_path / "図面.pdf"
    body = plain(b"", b"", b"<</Length 67108864>>\nstream\n" + bytes(1 << 26) + b"\nendstream")
    path.write_bytes(body)
    size = len(body)
    del body
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        tracemalloc.start()
        standing = standing_of(File(mapped))
        tail, _grown = grow(standing, "FIELD_1_0")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert standing.size == size
    assert len(tail) < 8192
    assert peak < 5_000_000


def test_an_encrypted_document_has_none():
    with pytest.raises(Broken):
        standing_of(File(plain(trailer=b"/Encrypt<</Filter/Standard>>")))

"""Archives written piece by piece: the same files come out, one at a time, whatever their number and size."""

import io
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest

from contracts.streams.zips import zipped

EVENING = datetime(2026, 3, 11, 15, 30, tzinfo=UTC)


def test_the_files_come_out_as_they_went_in_dated_in_japan():
    content = b"".join(zipped([("契約/第1号.txt", [b"a", b"b"]), ("empty", [])], at=EVENING))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read("契約/第1号.txt") == b"ab"
        assert archive.read("empty") == b""
        assert archive.infolist()[0].date_time == (2026, 3, 12, 0, 30, 0)


def test_the_archive_begins_before_its_first_file_is_read():
    read = []

    def content():
        read.append("a")
        yield b"1"

    pieces = zipped([("a", content())], at=EVENING)

    assert next(pieces).startswith(b"PK")
    assert read == []
    assert b"".join(pieces).endswith(b"\0\0")
    assert read == ["a"]


def test_the_same_files_at_the_same_moment_make_the_same_archive():
    first, second = (b"".join(zipped([("a", [b"1"]), ("b", [b"2"])], at=EVENING)) for _ in range(2))

    assert first == second


def test_a_file_is_read_only_when_the_one_before_has_left():
    read = []

    def file(name):
        read.append(name)
        yield name.encode()

    pieces = zipped(((name, file(name)) for name in "abc"), at=EVENING)
    next(pieces)
    next(pieces)

    assert read == ["a"]


def test_no_more_than_a_few_pieces_are_held_at_a_time():
    noise = bytes(range(256)) * 256
    tracemalloc.start()
    try:
        total = sum(len(piece) for piece in zipped([("big", (noise[i % 97 :] for i in range(400)))], at=EVENING))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert total > 0
    assert peak < 2 * 1024 * 1024


@pytest.mark.parametrize("name", ["../a", "/a", "a/./b", "a\\b", "", "a//b", "twice"])
def test_a_name_that_is_taken_or_leaves_the_folder_is_refused(name):
    with pytest.raises(ValueError, match="書庫に入れられない名前"):
        list(zipped([("twice", []), (name, [])], at=EVENING))

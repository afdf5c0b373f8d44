"""途中まで計算した SHA-256。"""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import midstate
from signing.midstate import Resumable


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_it_agrees_with_hashlib_and_survives_being_saved_anywhere(pieces: list[bytes]):
    running = Resumable()
    for piece in pieces:
        running = Resumable.resume(running.save())
        running.update(piece)

    assert running.digest() == hashlib.sha256(b"".join(pieces)).digest()


def test_asking_for_the_digest_does_not_end_it():
    running = Resumable()
    running.update(b"one")
    running.digest()
    branch = running.copy()
    branch.update(b"other")
    running.update(b"two")

    assert running.digest() == hashlib.sha256(b"onetwo").digest()


def test_another_process_continues_where_this_one_stopped():
    running = Resumable()
    running.update(b"a" * 1000)
    program = (
        "import sys; from signing.midstate import Resumable;"
        "r = Resumable.resume(bytes.fromhex(sys.argv[1])); r.update(b'b' * 1000); print(r.digest().hex())"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program, running.save().hex()], check=True, capture_output=True, text=True
    ).stdout

    assert answer.strip() == hashlib.sha256(b"a" * 1000 + b"b" * 1000).hexdigest()


def test_more_than_half_a_gigabyte_is_counted_rightly():
    """The length in bits no longer fits 32 bits there."""
    piece = bytes(1 << 24)
    running, plain = Resumable(), hashlib.sha256()
    for _ in range(33):
        running.update(piece)
        plain.update(piece)

    assert Resumable.resume(running.save()).digest() == plain.digest()


@pytest.mark.parametrize("saved", [b"", bytes(39), bytes(41), bytes(32) + (1).to_bytes(8, "big")])
def test_what_is_no_saved_state_is_refused(saved: bytes):
    with pytest.raises(ValueError, match="not a saved"):
        Resumable.resume(saved)


def test_a_library_that_keeps_its_state_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch):
    assert midstate._works()
    monkeypatch.setattr(Resumable, "save", lambda self: bytes(40))

    assert not midstate._works()

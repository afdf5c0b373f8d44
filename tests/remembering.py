"""What leads up to a test is printed and inspected once in a run: the same source or file gets the same answer.

What a test does by itself is printed and inspected anew.
"""

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from contracts.documents import renderer
from signing import confined

KEPT = 256
Files = dict[str, bytes]
_answers: dict[tuple[Path, str], tuple[dict[str, Any], Files]] = {}
_print = lru_cache(maxsize=KEPT)(renderer.print_html)
_ask = confined.ask


@contextmanager
def remembered() -> Iterator[None]:
    """Until the block ends, take what was printed, and what a confined process said of a file, from memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renderer, "print_html", _printed)
        patch.setattr(confined, "ask", _asked)
        yield


def _printed(source: str, *, is_tagged: bool = True, attached: Any = ()) -> bytes:
    return _print(source, is_tagged=is_tagged, attached=tuple(attached))


def _asked(program: Path, room: Path, *, seconds: float) -> dict[str, Any]:
    """Ask about the files of a room once; at the next asking, lay what was written then into the room."""
    before = _files(room)
    key = (program, hashlib.sha256(pickle.dumps(sorted(before.items()))).hexdigest())
    if key not in _answers:
        answer = _ask(program, room, seconds=seconds)
        _answers[key] = answer, {name: held for name, held in _files(room).items() if before.get(name) != held}
    answer, written = _answers[key]
    for name, held in written.items():
        (room / name).write_bytes(held)
    return deepcopy(answer)


def _files(room: Path) -> Files:
    return {path.name: path.read_bytes() for path in room.iterdir()}

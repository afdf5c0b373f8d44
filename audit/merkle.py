"""The Merkle tree of RFC 9162 §2.1 (SHA-256): one root over many entries, and a short proof for each of them."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise


def leaf(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over hashed leaves; that of none is the hash of nothing."""
    return _levels(leaves)[-1][0] if leaves else hashlib.sha256().digest()


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the neighbours that lead from a leaf up to the root, lowest first (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"{len(leaves)} 枚の葉に、{index} 番はありません。")
    found = []
    for level in _levels(leaves)[:-1]:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index >>= 1
    return found


def climb(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads in a tree of `size` leaves; None if no such path fits there."""
    if not 0 <= index < size:
        return None
    last, value, rest = size - 1, leaf, list(reversed(path))
    while last:
        if index ^ 1 <= last:
            if not rest:
                return None
            other = rest.pop()
            value = _node(other, value) if index & 1 else _node(value, other)
        index, last = index >> 1, last >> 1
    return None if rest else value


class Tree:
    """A tree in which leaves may be replaced: only the way up from each is hashed anew."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._whole = _levels(leaves)

    @property
    def root(self) -> bytes:
        """Return the root over the leaves as they are now; that of none is the hash of nothing."""
        return self._whole[-1][0] if self._whole[0] else root([])

    def replace(self, index: int, leaf: bytes) -> None:
        """Put another hashed leaf into a place."""
        self._whole[0][index] = leaf
        for below, above in pairwise(self._whole):
            pair = below[index & ~1 : (index & ~1) + 2]
            index >>= 1
            above[index] = _node(*pair) if len(pair) == 2 else pair[0]


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    # 余った右端はそのまま上げる。RFC の「最大の二の冪で分ける」定義と同じ木になる
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        paired = [_node(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)]
        levels.append(paired + below[len(below) & ~1 :])
    return levels


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()

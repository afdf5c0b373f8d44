"""SHA-256 を途中で書き留め、後で、別のプロセスでも、続きから計算する。

文書は末尾にしか伸びないので、ここまでの状態を持っていれば、本体を読み直さずに署名できる。
hashlib は状態を外に出さないので、Python が使っているのと同じ libcrypto を直に呼ぶ。
"""

import _hashlib
import ctypes
import hashlib
from collections.abc import Callable
from typing import Protocol, Self

BLOCK_BYTES = 64
WORDS = 8
SAVED_BYTES = 4 * WORDS + 8  # 連鎖値と長さ。この後に、まだ一区切りに満たない分が続く


class Running(Protocol):
    """A SHA-256 that is being computed."""

    def update(self, data: bytes, /) -> object:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """Return the 32 bytes for what was taken in so far."""

    def copy(self) -> Self:
        """Return an independent one in the same state."""


class _Context(ctypes.Structure):
    """SHA256_CTX of openssl/sha.h: chaining value, length in bits, the block being filled."""

    _fields_ = (
        ("words", ctypes.c_uint32 * WORDS),
        ("low", ctypes.c_uint32),
        ("high", ctypes.c_uint32),
        ("block", ctypes.c_ubyte * BLOCK_BYTES),
        ("filled", ctypes.c_uint),
        ("digest_size", ctypes.c_uint),
    )


class Resumable:
    """A SHA-256 whose state can be saved (40 to 103 bytes) and resumed."""

    _crypto = ctypes.CDLL(getattr(_hashlib, "__file__", None))

    def __init__(self, context: _Context | None = None) -> None:
        self._context = context or _started(self._crypto)

    @classmethod
    def resume(cls, saved: bytes) -> Self:
        """Continue from what save() returned; raises ValueError when it is not that."""
        length = int.from_bytes(saved[4 * WORDS : SAVED_BYTES], "big")
        pending = saved[SAVED_BYTES:]
        if len(saved) < SAVED_BYTES or len(pending) != length % BLOCK_BYTES:
            raise ValueError("not a saved SHA-256 state")
        context = _started(cls._crypto)
        for place in range(WORDS):
            context.words[place] = int.from_bytes(saved[4 * place : 4 * place + 4], "big")
        context.high, context.low = divmod(8 * length, 1 << 32)
        context.block[: len(pending)] = pending
        context.filled = len(pending)
        return cls(context)

    def save(self) -> bytes:
        """Return the state: chaining value and length, big-endian, and the bytes of the unfinished block."""
        context = self._context
        words = b"".join(int(word).to_bytes(4, "big") for word in context.words)
        length = int(context.high << 32 | context.low) // 8
        return words + length.to_bytes(8, "big") + bytes(context.block[: context.filled])

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        self._crypto.SHA256_Update(ctypes.byref(self._context), bytes(data), ctypes.c_size_t(len(data)))

    def digest(self) -> bytes:
        """Return the 32 bytes for what was taken in so far."""
        result = ctypes.create_string_buffer(hashlib.sha256().digest_size)
        self._crypto.SHA256_Final(result, ctypes.byref(_Context.from_buffer_copy(self._context)))
        return result.raw

    def copy(self) -> Self:
        """Return an independent one in the same state."""
        return type(self)(_Context.from_buffer_copy(self._context))


def _started(crypto: ctypes.CDLL) -> _Context:
    context = _Context()
    crypto.SHA256_Init(ctypes.byref(context))
    return context


def _works() -> bool:
    """Tell whether this libcrypto keeps its state as we think; every length of an unfinished block counts."""
    probe = bytes(range(251))
    try:
        for length in range(BLOCK_BYTES + 1):
            first = Resumable()
            first.update(probe[:length])
            second = Resumable.resume(first.save())
            second.update(probe[length:])
            if second.digest() != hashlib.sha256(probe).digest():
                return False
    except (AttributeError, ValueError):
        return False
    return True


RESUMABLE = _works()
start: Callable[[], Running] = Resumable if RESUMABLE else hashlib.sha256


def digest_of(running: Running) -> str:
    """Return the digest so far in hex."""
    return running.digest().hex()

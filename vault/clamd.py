"""Ask clamd whether bytes are known malware (INSTREAM), and take no silence for an answer."""

import socket
import struct
import time
from collections.abc import Iterable

from django.conf import settings

CHUNK = 1 << 18
CONNECT_SECONDS = 5
# 一つの検査の全体。clamd の MaxScanTime（既定は二分）より短くして、画面を待たせない
WHOLE_SECONDS = 60
MOST_ANSWER = 4096
# 検査の限り（大きさ、深さ、時間）を超えた部分は見られていない（AlertExceedsMax）
UNSEEN = "Heuristics.Limits.Exceeded"


class Unscanned(Exception):
    """Say that a file could not be looked at, and what to do; the message is for people."""


class Infected(Exception):
    """Name the malware that was found."""

    def __init__(self, signature: str) -> None:
        super().__init__(signature)
        self.signature = signature


AWAY = "ウイルスの検査ができないため、いまはファイルを受け取れません。数分後に、もう一度お試しください。"
TOO_MUCH = "ファイルが大きすぎるため、ウイルスの検査を終えられませんでした。分けて、もう一度お試しください。"


def scan(pieces: Iterable[bytes]) -> None:
    """Return where nothing was found, or no scanner is set; raise Infected, or Unscanned where nobody can say."""
    if not settings.CLAMD_ADDRESS:
        return
    deadline = time.monotonic() + WHOLE_SECONDS
    try:
        with _connected(settings.CLAMD_ADDRESS) as connection:
            answer = _asked(connection, pieces, deadline)
    except OSError as error:
        raise Unscanned(AWAY) from error
    _judge(answer)


def _judge(answer: str) -> None:
    told = answer.removeprefix("stream: ")
    if told == "OK":
        return
    if "size limit exceeded" in told or told.startswith(UNSEEN):
        raise Unscanned(TOO_MUCH)
    if told.endswith(" FOUND"):
        raise Infected(told.removesuffix(" FOUND"))
    raise Unscanned(AWAY)


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)


def _asked(connection: socket.socket, pieces: Iterable[bytes], deadline: float) -> str:
    try:
        _send(connection, b"zINSTREAM\0", deadline)
        for piece in pieces:
            for start in range(0, len(piece), CHUNK):
                part = piece[start : start + CHUNK]
                _send(connection, struct.pack("!L", len(part)) + part, deadline)
        _send(connection, struct.pack("!L", 0), deadline)
    except (BrokenPipeError, ConnectionResetError):
        # 大きさの限りを超えると、clamd は答えてから切る。答えが読めなければ、下で分かる
        pass
    return _answer(connection, deadline)


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _answer(connection: socket.socket, deadline: float) -> str:
    heard = b""
    while not heard.endswith(b"\0") and len(heard) < MOST_ANSWER:
        connection.settimeout(_left(deadline))
        piece = connection.recv(MOST_ANSWER)
        if not piece:
            raise ConnectionError("clamd hung up before its answer")
        heard += piece
    return heard.rstrip(b"\0\n").decode(errors="replace")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("clamd takes too long")
    return left

"""Where bounces arrive: a Maildir of this machine, or an IMAP mailbox over TLS. What was read is kept, put away."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, unquote, urlparse

from notifications.bounces.parts import MOST_BYTES

MOST_AT_ONCE = 500
TIMEOUT = 20.0


class Unfit(ValueError):
    """The address of the mailbox cannot be used; the text says what is expected."""


class Unreachable(OSError):
    """The mailbox did not do what was asked of it."""


@dataclass(frozen=True)
class Letter:
    """One unread mail: its first bytes, and `put_away(flagged=…)`, flagged where a person is to look at it."""

    raw: bytes = field(repr=False)
    put_away: Callable[..., None]


@contextmanager
def unread(url: str, *, password: str = "") -> Iterator[Iterator[Letter]]:
    """Open a mailbox and list what was not read yet; raises Unfit, or OSError when it cannot be reached."""
    place = urlparse(url)
    if place.scheme == "maildir" and place.path:
        yield _in_maildir(Path(unquote(place.path)))
    elif place.scheme == "imaps" and place.hostname and place.username:
        with _signed_in(place, password) as imap:
            yield _in_imap(imap)
    else:
        raise Unfit("BOUNCE_MAILBOX は maildir:///場所 か imaps://利用者@サーバー/INBOX の形で書いてください。")


def _in_maildir(root: Path) -> Iterator[Letter]:
    for path in islice(sorted((root / "new").iterdir()), MOST_AT_ONCE):
        with suppress(FileNotFoundError), path.open("rb") as file:  # ほかの worker が先に片付けた
            yield Letter(file.read(MOST_BYTES), partial(_to_cur, path))


def _to_cur(path: Path, *, flagged: bool) -> None:
    flags = "FS" if flagged else "S"
    with suppress(FileNotFoundError):
        path.rename(path.parent.parent / "cur" / f"{path.name}:2,{flags}")


@contextmanager
def _signed_in(place: ParseResult, password: str) -> Iterator[imaplib.IMAP4]:
    """Open the folder of an IMAP account (RFC 9051) and leave it again."""
    folder = unquote(place.path.lstrip("/")) or "INBOX"
    context = ssl.create_default_context()
    try:
        imap = imaplib.IMAP4_SSL(place.hostname or "", place.port or 993, ssl_context=context, timeout=TIMEOUT)
        try:
            imap.login(unquote(place.username or ""), password)
            _done(imap.select(f'"{folder}"'))
            yield imap
            imap.logout()
        finally:
            with suppress(OSError):  # 標準の部品は、途中で切れたつなぎを閉じない
                imap.shutdown()
    except imaplib.IMAP4.error as error:
        raise Unreachable(f"不達の知らせのメールボックスを読めません（{error}）。") from error


def _in_imap(imap: imaplib.IMAP4) -> Iterator[Letter]:
    found = _done(imap.uid("SEARCH", "UNSEEN"))
    for number in (found[0] or b"").decode("ascii").split()[:MOST_AT_ONCE]:
        fetched = _done(imap.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        raw = next((part[1] for part in fetched if isinstance(part, tuple)), b"")
        yield Letter(raw, partial(_flag, imap, number))


def _flag(imap: imaplib.IMAP4, number: str, *, flagged: bool) -> None:
    _done(imap.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen \Flagged)" if flagged else r"(\Seen)"))


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    said, found = answer
    if said != "OK":
        raise Unreachable(f"不達の知らせのメールボックスが応じません（{said}）。")
    return found

"""Text of Japanese mail: the character sets that mailers really use, whatever they say they use."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from itertools import groupby

JIS, SJIS = "jis", "cp932"
# 名乗りと中身の違うものが多いので、名乗りはこの表にあるものだけを信じる。
CHARSETS = {
    **dict.fromkeys(["iso-2022-jp", "csiso2022jp", "iso-2022-jp-ms", "cp50220", "cp50221", "x-jis"], JIS),
    **dict.fromkeys(["shift_jis", "shift-jis", "x-sjis", "sjis", "cp932", "windows-31j", "ms_kanji"], SJIS),
    **dict.fromkeys(["utf-8", "utf8"], "utf-8"),
    **dict.fromkeys(["euc-jp", "x-euc-jp", "eucjp"], "euc_jp"),
}
ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDOPQ]|\([BHIJ])")
WORD = re.compile(r"=\?([A-Za-z0-9_.:-]+)(?:\*[A-Za-z-]*)?\?([BbQq])\?([^?\s]*)\?=")
RUN = re.compile(rf"{WORD.pattern}(?:\s*{WORD.pattern})*")


def decode(content: bytes, charset: str = "") -> str:
    """Read bytes as text in the set they name, or in the likeliest one; what cannot be read becomes U+FFFD."""
    named = CHARSETS.get(charset.strip("\"' ").lower())
    if named == JIS or (named is None and b"\x1b" in content):
        return _jis(content)
    for guess in (named,) if named else ("utf-8", SJIS):
        try:
            return content.decode(guess)
        except UnicodeDecodeError:
            continue
    return content.decode(named or "utf-8", "replace")


def header(raw: str) -> str:
    """Read a header as the parser keeps it: folded, in encoded words (RFC 2047), or in bare bytes (surrogates)."""
    unfolded = re.sub(r"\r?\n[ \t]+", " ", raw)
    if "\x1b" in unfolded or not unfolded.isascii():
        unfolded = decode(unfolded.encode("utf-8", "surrogateescape"))
    return RUN.sub(lambda run: _words(run[0]), unfolded)


def _words(run: str) -> str:
    # 一字の途中で切られた続きの語があるので、同じ文字集合のものは、つないでから読む。
    pieces = ((charset, _octets(coding, text)) for charset, coding, text in WORD.findall(run))
    joined = groupby(pieces, key=lambda piece: piece[0].lower())
    return "".join(decode(b"".join(content for _, content in group), charset) for charset, group in joined)


def _octets(coding: str, text: str) -> bytes:
    if coding in "Qq":
        return quopri.decodestring(text.encode("utf-8", "replace"), header=True)
    try:
        return base64.b64decode(f"{text}==")
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")


def _jis(content: bytes) -> str:
    """Read ISO-2022-JP with what Windows adds to it (①, ㈱, 髙), which Python's own codec does not know."""
    return "".join(_read(escape, run) for escape, run in _runs(content))


def _runs(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    first, *rest = ESCAPE.split(content)
    yield b"(B", first
    yield from zip(rest[::2], rest[1::2], strict=True)


def _read(escape: bytes, run: bytes) -> str:
    if escape in {b"$B", b"$@"}:
        whole = run[: len(run) // 2 * 2]
        return b"".join(_shifted(*whole[at : at + 2]) for at in range(0, len(whole), 2)).decode(SJIS, "replace")
    if escape == b"(I":
        return bytes(each | 0x80 for each in run).decode(SJIS, "replace")
    if escape.startswith(b"$("):
        return (b"\x1b" + escape + run).decode("iso2022_jp_ext", "replace")
    return run.decode("ascii", "replace")


def _shifted(row: int, cell: int) -> bytes:
    """Move one JIS X 0208 pair to where Shift_JIS keeps it (rows of 94 cells, two to a lead byte)."""
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return b"?"
    lead = (row - 0x21) // 2 + 0x81
    lead += 0x40 if lead > 0x9F else 0
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes([lead, trail])

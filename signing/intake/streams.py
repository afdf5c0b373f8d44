"""圧縮された中身の大きさを、広げきらずに測る。"""

import base64
import zlib
from typing import Any

import pikepdf

from signing.intake.findings import Findings, Unfit

MEBIBYTE = 1024 * 1024
# 一枚の画像や一つの内容がこれを超えると、読む人の端末が立ち往生する（A0 判 600 dpi の白黒は 70 MB）。
LARGEST_DECODED = 400 * MEBIBYTE
MOST_DECODED_RATIO = 30
STEP = 64 * 1024
EXPANDING = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/Fl", "/LZW", "/RL"}
PLAIN_FIRST = {"/ASCII85Decode", "/ASCIIHexDecode"}
MOST_FILTERS = 3


class Meter:
    """Add up what the streams of one file hold when decoded, in bytes."""

    def __init__(self, file_size: int) -> None:
        self._left = LARGEST_DECODED + MOST_DECODED_RATIO * file_size

    def check(self, stream: Any, found: Findings) -> None:
        """Measure a stream; raises Unfit for a bomb, or for content that lives in another file."""
        if "/F" in stream or "/Ref" in stream or "/OPI" in stream:
            raise Unfit("external")
        kind = str(stream.get("/Subtype", ""))
        if kind == "/PS" or str(stream.get("/Subtype2", "")) == "/PS":
            raise Unfit("unlike_print")
        if kind == "/Image":
            _check_image(stream, found)
        self._left -= _decoded_size(stream, min(LARGEST_DECODED, self._left))
        if self._left < 0:
            raise Unfit("bomb")


def _check_image(image: Any, found: Findings) -> None:
    components = 4  # CMYK より多い画像は、版を分けた印刷用のものだけ
    bits = int(image.get("/BitsPerComponent", 1)) * components if "/ColorSpace" in image else 1
    if int(image.get("/Width", 0)) * int(image.get("/Height", 0)) * bits > LARGEST_DECODED * 8:
        raise Unfit("bomb")
    if "/Alternates" in image:
        del image["/Alternates"]
        found.change("alternates")


def _decoded_size(stream: Any, allowance: int) -> int:
    names = _filters(stream)
    raw = stream.read_raw_bytes()
    if not EXPANDING.intersection(names):
        return len(raw)
    if len(names) > MOST_FILTERS or len(EXPANDING.intersection(names)) > 1 or len(set(names)) < len(names):
        raise Unfit("bomb")
    while names[0] in PLAIN_FIRST:
        raw = _plain(raw, names.pop(0))
    if names[0] in {"/FlateDecode", "/Fl"}:
        return _inflated_size(raw, allowance)
    if names[0] not in EXPANDING:
        raise Unfit("damaged")
    return len(stream.read_bytes())  # LZW と RunLength は今の道具は作らない。広げるのは子プロセスの上限の内で


def _filters(stream: Any) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _plain(raw: bytes, name: str) -> bytes:
    try:
        if name == "/ASCII85Decode":
            return base64.a85decode(raw.strip().removeprefix(b"<~").removesuffix(b"~>"), ignorechars=b" \t\n\r\v\f\0")
        digits = b"".join(raw.partition(b">")[0].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    except (ValueError, UnicodeDecodeError) as error:
        raise Unfit("damaged") from error


def _inflated_size(raw: bytes, allowance: int) -> int:
    inflater, total, rest = zlib.decompressobj(), 0, raw
    try:
        while rest and not inflater.eof:
            total += len(inflater.decompress(rest, STEP))
            rest = inflater.unconsumed_tail
            if total > allowance:
                raise Unfit("bomb")
    except zlib.error as error:
        raise Unfit("damaged") from error
    return total

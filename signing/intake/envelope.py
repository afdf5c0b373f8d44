"""ファイルの最初と最後: PDF のほかに何か付いていないか。"""

import mmap
import re
import zipfile
from pathlib import Path

from signing.intake.findings import Findings, Unfit

HEAD = 1024
ENDING = re.compile(rb"startxref\s+\d+\s+%%EOF(?P<after>[\0\s]*)", re.DOTALL)
WHITE = b"\0\t\n\f\r "
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# 一度のタグで HTML と読まれる言葉。閲覧ソフトもブラウザも、最初の 1 kB で種類を決める。
MARKUP = re.compile(rb"<\s*(!doctype|html|head|script|svg|\?xml|iframe|body)", re.IGNORECASE)


def check(path: Path, found: Findings) -> None:
    """Look at both ends of a file; note padding, and raise Unfit for what is no part of a PDF."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _check_head(data[:HEAD], found)
        _check_tail(data, found)
    _check_archive(path)


def _check_head(head: bytes, found: Findings) -> None:
    begins = head.find(b"%PDF-")
    if begins < 0:
        raise Unfit("not_pdf")
    if head[:begins].removeprefix(BYTE_ORDER_MARK).strip(WHITE):
        raise Unfit("foreign", "先頭")
    if MARKUP.search(head):
        raise Unfit("foreign", "HTMLなど")
    if begins:
        found.change("padding")


def _check_tail(data: mmap.mmap, found: Findings) -> None:
    """Demand that nothing but white space stands between the last startxref and the end (ISO 32000-2 §7.5.5)."""
    begins = data.rfind(b"startxref")
    if begins < 0:
        raise Unfit("damaged")
    if len(data) - begins > HEAD:
        raise Unfit("foreign", "末尾")
    ending = ENDING.fullmatch(data[begins:])
    if ending is None:
        raise Unfit("foreign" if b"%%EOF" in data[begins:] else "damaged", "末尾")
    if len(ending["after"]) > len(b"\r\n"):
        found.change("padding")


def _check_archive(path: Path) -> None:
    """Refuse a file that an unpacker opens as well."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return
    except RuntimeError as newer:  # 書庫だが、zipfile の知らない作り
        raise Unfit("foreign", "書庫") from newer
    if inside:
        raise Unfit("foreign", "書庫")

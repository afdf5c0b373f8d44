"""文書に添えたファイルを、厳しく、限りを設けて読む（ISO 32000-2 14.13 の AF）。"""

from signing.pdf.file import File
from signing.pdf.syntax import Broken, Dictionary, Value, text
from signing.sealable import Body

MOST_ATTACHED = 50


def attached(pdf: Body, *, name: str) -> bytes | None:
    """Return what a file attached to the document as a whole holds; None when there is none of that name.

    A document that breaks the rules has none. Whether anybody vouches for it is for verification to say.
    """
    try:
        file = File(pdf)
        return next((_content(file, each) for each in _specifications(file) if _is_named(file, each, name)), None)
    except Broken:
        return None


def _specifications(file: File) -> list[Dictionary]:
    listed = file.resolve(file.catalog().get("AF"))
    return [file.dictionary(each) for each in listed[:MOST_ATTACHED]] if isinstance(listed, list) else []


def _is_named(file: File, specification: Dictionary, name: str) -> bool:
    own: Value = file.resolve(specification.get("UF", specification.get("F")))
    return isinstance(own, bytes) and text(own) == name


def _content(file: File, specification: Dictionary) -> bytes:
    return file.stream(file.dictionary(specification.get("EF")).get("F"))

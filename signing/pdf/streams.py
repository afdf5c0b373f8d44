"""流れ（ストリーム）を、決めた量までだけ展開する（ISO 32000-2 7.4）。"""

import zlib
from itertools import accumulate, islice

from signing.pdf.syntax import Broken, Dictionary, Stream, TooLarge

LARGEST_STREAM = 32 * 1024 * 1024
MOST_DECODED = 128 * 1024 * 1024
MOST_OBJECTS = 200_000
WIDEST_ROW = 64


class Budget:
    """What may be spent on one file: objects read and bytes decoded; raises TooLarge when it is used up."""

    def __init__(self, *, objects: int = MOST_OBJECTS, decoded: int = MOST_DECODED) -> None:
        self._objects = objects
        self._decoded = decoded

    def spend(self, *, objects: int = 0, decoded: int = 0) -> None:
        """Take from the budget."""
        self._objects -= objects
        self._decoded -= decoded
        if self._objects < 0 or self._decoded < 0:
            raise TooLarge("the file asks for too much")


def decode(stream: Stream, budget: Budget) -> bytes:
    """Return what a stream holds; only no filter and FlateDecode are known. Raises Broken, TooLarge."""
    filters = _listed(stream.dictionary.get("Filter"))
    if not filters:
        budget.spend(decoded=len(stream.raw))
        return bytes(stream.raw)
    if filters != ["FlateDecode"]:
        raise Broken("an unknown filter")
    content = _inflate(stream.raw)
    budget.spend(decoded=len(content))
    parameters = _listed(stream.dictionary.get("DecodeParms"))
    return _unpredicted(content, parameters[0]) if parameters and isinstance(parameters[0], dict) else content


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _inflate(raw: memoryview) -> bytes:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(raw, LARGEST_STREAM + 1)
    except zlib.error as error:
        raise Broken("a compressed stream is damaged") from error
    if len(content) > LARGEST_STREAM:
        raise TooLarge("a stream is too large")
    if not inflater.eof:
        raise Broken("a compressed stream does not end")
    return content


def _unpredicted(content: bytes, parameters: Dictionary) -> bytes:
    """Undo the PNG predictors of a table of bytes (cross-reference streams); RFC 2083 6."""
    predictor, columns = parameters.get("Predictor", 1), parameters.get("Columns", 1)
    if predictor == 1:
        return content
    plain = parameters.get("Colors", 1) == 1 and parameters.get("BitsPerComponent", 8) == 8
    if not (plain and isinstance(predictor, int) and 10 <= predictor <= 15 and isinstance(columns, int)):
        raise Broken("an unknown predictor")
    if not 1 <= columns <= WIDEST_ROW or len(content) % (columns + 1):
        raise Broken("a predictor does not fit its rows")
    kinds = set(content[:: columns + 1])
    if kinds <= {2}:
        return _summed(content, columns)
    if kinds <= {0, 1, 2}:
        return _row_by_row(content, columns)
    raise Broken("an unknown predictor")


def _summed(content: bytes, columns: int) -> bytes:
    """Every row is the difference from the row above: sum each column at the speed of C."""
    rows = bytearray(len(content) // (columns + 1) * columns)
    for column in range(columns):
        rows[column::columns] = bytes(map((255).__and__, accumulate(content[column + 1 :: columns + 1])))
    return bytes(rows)


def _row_by_row(content: bytes, columns: int) -> bytes:
    found, above = bytearray(), bytes(columns)
    for start in range(0, len(content), columns + 1):
        kind, row = content[start], islice(content, start + 1, start + 1 + columns)
        if kind == 1:
            above = bytes(map((255).__and__, accumulate(row)))
        else:
            above = bytes((each + up) & 255 for each, up in zip(row, above if kind else bytes(columns), strict=True))
        found += above
    return bytes(found)

"""Numbers as Japanese people write amounts and years: 1億2千万, 1.5億, 五百万, 1,000,000."""

import re
from decimal import Decimal, InvalidOperation

from contracts.dates import KANJI_DIGITS

SMALL = {"十": 10, "百": 100, "千": 1_000}
LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
NUMERAL = rf"[0-9{''.join(KANJI_DIGITS)}{''.join(SMALL)}{''.join(LARGE)},.]{{1,24}}"
TOKEN = re.compile(rf"[0-9,.]+|[{''.join(KANJI_DIGITS)}]+|[{''.join(SMALL)}{''.join(LARGE)}]")


def read_number(text: str) -> int | None:
    """Read a whole number of at most 15 digits; None when the text is none, as 「万」 alone or 「1.5」."""
    total = section = Decimal(0)
    digits: Decimal | None = None
    for token in TOKEN.findall(text):
        if token in SMALL:
            section, digits = section + (1 if digits is None else digits) * SMALL[token], None
        elif token in LARGE:
            if digits is None and not section:
                return None
            total, section, digits = total + (section + (digits or 0)) * LARGE[token], Decimal(0), None
        elif digits is not None or (digits := _digits(token)) is None:
            return None
    value = total + section + (digits or 0)
    return int(value) if value == value.to_integral_value() and value < 10**15 else None


def _digits(token: str) -> Decimal | None:
    try:
        return Decimal("".join(str(KANJI_DIGITS.get(char, char)) for char in token.replace(",", "")))
    except InvalidOperation:
        return None

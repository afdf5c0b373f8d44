"""How much a guarantee must or may secure: a city's dated percentages applied to a price, to the yen (§2.5)."""

from collections.abc import Mapping

from contracts.dates import yen


def expected_amounts(terms: Mapping[str, int], *, type_: str, price: int) -> tuple[int, int | None]:
    """Return (minimum, maximum) in yen for a type: 契約保証 at least 10 %, 前払 at most 40 %, 中間前払 at most 20 %.

    The percentages are the city's data. A minimum is rounded up to the yen and a maximum down, so that
    neither bound gives way by a fraction.
    """
    hundredths = price * terms[f"{type_}_percent"]
    return (-(-hundredths // 100), None) if type_ == "contract" else (1, hundredths // 100)


def expected_text(minimum: int, maximum: int | None) -> str:
    """Say which amounts fit: 10,000,000円以上, or 40,000,000円以下."""
    return f"{yen(minimum)}以上" if maximum is None else f"{yen(maximum)}以下"

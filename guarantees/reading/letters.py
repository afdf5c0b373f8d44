"""紙の上の字を、比べられる形にそろえる。"""

import re
import unicodedata

# 道具によっては、同じ形の部首の符号を字の代わりに書く。康熙部首は NFKC で戻るが、次のものは戻らない。
RADICALS = dict(zip("⺟⺠⻁⻄⻆⻑⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲", "母民虎西角長青食骨鬼麦黄斉歯竜亀", strict=True))
KANGXI = range(0x2F00, 0x2FD6)
DASHES = dict.fromkeys("‐‑‒–—―−ーｰ", "-")
CODE = str.maketrans(DASHES)


def mended(char: str) -> str:
    """Return the ideograph that a producer meant when it wrote a radical; every other character as it is."""
    if ord(char) in KANGXI:
        return unicodedata.normalize("NFKC", char)
    return RADICALS.get(char, char)


def folded(text: str) -> str:
    """Fold widths and leave out spaces, for comparing with known words."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def code(text: str) -> str:
    """Fold what is meant as a number or a key: half-width, one kind of dash, no spaces."""
    return folded(text).translate(CODE)


def is_full_width(char: str) -> bool:
    """Tell whether a character stands in a whole square."""
    return unicodedata.east_asian_width(char) in {"W", "F", "A"}

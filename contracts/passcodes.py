"""Codes that people read out and type: how they are drawn, written, read and kept."""

import secrets
import unicodedata

from django.utils.crypto import constant_time_compare, salted_hmac

# 読み違え、聞き違え、書き違えやすい字（0と1、B、G、I、L、O、Q、S、U、V、Z、5と8）は使わない。
READINGS = {
    "2": "数字の に", "3": "数字の さん", "4": "数字の よん",
    "6": "数字の ろく", "7": "数字の なな", "9": "数字の きゅう",
    "A": "エー（アメリカの A）", "C": "シー（チャイナの C）", "D": "ディー（デンマークの D）",
    "E": "イー（エジプトの E）", "F": "エフ（フランスの F）", "H": "エイチ（ホンコンの H）",
    "J": "ジェー（ジャパンの J）", "K": "ケー（ケニアの K）", "M": "エム（メキシコの M）",
    "N": "エヌ（ナイジェリアの N）", "P": "ピー（パリの P）", "R": "アール（ローマの R）",
    "T": "ティー（トウキョウの T）", "W": "ダブリュー（ワシントンの W）", "X": "エックス（エックス線の X）",
    "Y": "ワイ（ヨコハマの Y）",
}  # fmt: skip
LETTERS = "".join(READINGS)
LENGTH = 8
DASHES = "-‐‑‒–—―−ーｰ－"


def access_code() -> str:
    """Draw a code that a person reads out: 22 letters to the 8th, some 35 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def one_time_code() -> str:
    """Draw a code of digits for a mail: some 26 bits."""
    return f"{secrets.randbelow(10**LENGTH):0{LENGTH}}"


def grouped(code: str) -> str:
    """Write a code in two halves, 「K7M2-9XHT」."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def spelled(code: str) -> list[tuple[str, str]]:
    """Pair each letter of an access code with how it is read out on the telephone."""
    return [(letter, READINGS[letter]) for letter in code]


def plain(typed: str) -> str:
    """Take what a person typed or pasted as the code it means: full width, small letters, gaps and dashes."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in text if not letter.isspace() and letter not in DASHES)


def kept(code: str, *, salt: str) -> str:
    """Return what is stored of a code: an HMAC-SHA-256 under SECRET_KEY, useless to whoever has the rows alone."""
    return salted_hmac(f"contracts.code.{salt}", code, algorithm="sha256").hexdigest()


def matches(code: str, *, salt: str, stored: str) -> bool:
    """Tell whether a code is the stored one, in a time that says nothing."""
    return constant_time_compare(kept(code, salt=salt), stored)

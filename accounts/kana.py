"""Readings of names (フリガナ): one form of them, in whichever kana they are typed."""

import re
import unicodedata

KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
WRITTEN = re.compile("[ァ-ヺー・ヽヾ\u3000]*")


def katakana(text: str) -> str:
    """Write kana of any width as full-width katakana, with one full-width space between words; else as it is."""
    return "\u3000".join(unicodedata.normalize("NFKC", text).translate(KATAKANA).split())


def check_reading(text: str) -> str:
    """Return a reading in full-width katakana, "" for none; raise ValueError when it holds anything but kana."""
    reading = katakana(text)
    if not WRITTEN.fullmatch(reading):
        raise ValueError("フリガナは、カタカナかひらがなで入力してください。")
    return reading

"""Letters that turn the direction of writing, and so let a text look like another (Unicode UAX #9)."""

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHOWN = {ord(letter): f"〔U+{ord(letter):04X}〕" for letter in BIDI}


def shown(text: str) -> str:
    """Write the letters that turn as their numbers, so that a reader sees them and they turn nothing."""
    return text.translate(_SHOWN)

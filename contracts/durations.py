"""Lengths of time as an administrator writes them: 「14日」「36時間」「30秒」."""

import re
import unicodedata
from datetime import timedelta

UNITS = {"週間": "weeks", "日": "days", "時間": "hours", "分": "minutes", "秒": "seconds"}
WRITTEN = re.compile(rf"([0-9]{{1,7}})\s*({'|'.join(UNITS)})間?")
LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """Read one number and one unit; raise ValueError with a sentence for the person who typed it."""
    found = WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError("期間は「14日」「36時間」「30秒」のように、数と単位で入力してください。")
    length = timedelta(**{UNITS[found[2]]: int(found[1])})
    if not timedelta(0) < length <= LONGEST:
        raise ValueError("期間は1秒以上、10年以内で入力してください。")
    return length


def write_duration(length: timedelta) -> str:
    """Write a length in its largest whole unit, as parse_duration reads it."""
    seconds = int(length.total_seconds())
    for unit, size in (("日", 86400), ("時間", 3600), ("分", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}秒"

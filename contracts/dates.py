"""Days, instants and yen as Japanese offices write them. Stored values stay dates, aware datetimes and integers."""

import re
import unicodedata
from calendar import month_name, monthrange
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

JST = timezone(timedelta(hours=9), "JST")
WEEKDAYS = "月火水木金土日"
LAST_YEAR = 2100
FISCAL_YEAR_STARTS = 4
MAX_YEN = 10**15 - 1
LONGEST_INPUT = 60


class Era(NamedTuple):
    name: str
    letter: str
    first: date
    last: date


ERAS = (
    Era("令和", "R", date(2019, 5, 1), date(LAST_YEAR, 12, 31)),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
)

KANJI_DIGITS = {kanji: number for number, kanji in enumerate("〇一二三四五六七八九")} | {"零": 0}
KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}
KANJI_NUMBER = re.compile(f"[{''.join(KANJI_DIGITS)}{''.join(KANJI_UNITS)}]+")

ERA_YEAR = r"(令和|平成|昭和|[RHS])\.?(元|[0-9]{1,2})"
WESTERN_YEAR = r"(?:西暦)?([0-9]{4})"
MONTH_AND_DAY = r"(?:年|[./-])([0-9]{1,2})(?:月|[./-])(末|[0-9]{1,2})日?"
MONTH = r"(?:年|[./-])([0-9]{1,2})月?"
ERA_DATE = re.compile(ERA_YEAR + MONTH_AND_DAY, re.IGNORECASE)
WESTERN_DATE = re.compile(WESTERN_YEAR + MONTH_AND_DAY)
ERA_MONTH = re.compile(ERA_YEAR + MONTH, re.IGNORECASE)
WESTERN_MONTH = re.compile(WESTERN_YEAR + MONTH)
# 署名パネルの「2021.10.07 09:25:55 +09'00'」など、日本の時刻の付いた日付。
TIME_IN_JAPAN = re.compile(r"\s(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?:\s*\+09[:']?00'?)?(?:\s*JST)?$")


def day_in_japan(value: date) -> date:
    """Return the day itself, or the day in Japan of an aware datetime; raise ValueError for a naive one."""
    return _in_japan(value).date() if isinstance(value, datetime) else value


def wareki(value: date) -> str:
    """Write a day as in official text, 「令和8年3月1日」; days before 昭和 keep the western year."""
    day = day_in_japan(value)
    era = _era_of(day)
    if era is None:
        return f"{day.year}年{day.month}月{day.day}日"
    year = day.year - era.first.year + 1
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def said(value: date) -> str:
    """Write a day in the language that is being spoken: as `wareki`, in English as `english`."""
    return english(value) if get_language() == "en" else wareki(value)


def said_to_the_minute(value: datetime) -> str:
    """Write an instant in Japan in the language that is being spoken: 令和8年3月5日 10時20分, 5 March 2026, 10:20."""
    local = _in_japan(value)
    return f"{english(local)}, {local:%H:%M}" if get_language() == "en" else f"{wareki(local)} {local:%H時%M分}"


def english(value: date) -> str:
    """Write a day for those who read English, 「1 March 2026」."""
    day = day_in_japan(value)
    return f"{day.day} {month_name[day.month]} {day.year}"


def wareki_short(value: date) -> str:
    """Write a day as in tables, 「R8.3.1」."""
    day = day_in_japan(value)
    era = _era_of(day)
    if era is None:
        return f"{day.year}.{day.month}.{day.day}"
    return f"{era.letter}{day.year - era.first.year + 1}.{day.month}.{day.day}"


def wareki_month(value: date) -> str:
    """Write a month as in the lists of adopters, 「R7.4」 (R98); parse_month reads it back."""
    return wareki_short(value).rpartition(".")[0]


def weekday_date(value: date) -> str:
    """Write a day with its weekday, 「3月11日(水)」."""
    day = day_in_japan(value)
    return f"{day.month}月{day.day}日({WEEKDAYS[day.weekday()]})"


def fiscal_year(day: date) -> int:
    """Tell the fiscal year (年度, from April) of a day."""
    return day.year if day.month >= FISCAL_YEAR_STARTS else day.year - 1


def fiscal_year_text(year: int) -> str:
    """Name a fiscal year in 和暦, 「令和7年度」; the one in which the era changed by its new name."""
    return f"{wareki(date(year, FISCAL_YEAR_STARTS + 1, 1)).partition('年')[0]}年度"


def jst(value: datetime) -> str:
    """Write an instant as evidence shows it, 「2026-03-05 10:20:30 +09:00」; raise ValueError for a naive one."""
    return f"{_in_japan(value):%Y-%m-%d %H:%M:%S} +09:00"


def parse_date(text: str) -> date:
    """Read a day in any notation of the guides (R121), a time in Japan beside it set aside.

    Raise ValueError with a sentence for the person who typed it.
    """
    plain = _digits(TIME_IN_JAPAN.sub("", _plain(text)))
    if found := ERA_DATE.fullmatch(plain):
        sign, year, month, day = found.groups()
        return _in_era(sign, year, month, (day, day), text)
    if found := WESTERN_DATE.fullmatch(plain):
        western, month, day = found.groups()
        return _western_date(western, month, day, text)
    words = _("「%(text)s」を日付として読めません。「令和8年3月1日」または「2026/3/1」の形で書いてください。")
    raise ValueError(words % {"text": _shown(text)})


def parse_month(text: str) -> date:
    """Read a month, 「R7.4」 or 「2025年4月」 (R98, R121), as its first day; raise ValueError as parse_date does."""
    plain = _digits(_plain(text))
    if found := ERA_MONTH.fullmatch(plain):
        sign, year, month = found.groups()
        # 改元の月は、二つの元号のどちらの月でもある。
        return _in_era(sign, year, month, ("1", "末"), text)
    if found := WESTERN_MONTH.fullmatch(plain):
        western, month = found.groups()
        return _western_date(western, month, "1", text)
    raise ValueError(f"「{_shown(text)}」を年月として読めません。「令和7年4月」または「2025/4」の形で書いてください。")


def parse_yen(text: str) -> int:
    """Read whole yen, full-width tolerant (R122); raise ValueError with a sentence for the person who typed it."""
    plain = re.sub(r"^[金¥]\s*|\s*円也?$", "", _plain(text))
    # 「10²」「1①」は、全角をそろえると 102、11 になってしまう。
    if any(unicodedata.category(letter) == "No" for letter in text):
        raise ValueError(
            _("「%(text)s」を金額として読めません。数字は0から9だけで書いてください。") % {"text": _shown(text)}
        )
    if re.match(r"[-−–—ー▲△]", plain):
        raise ValueError(_("金額は0円以上で書いてください。"))
    if re.fullmatch(r"[0-9,]*\.[0-9]*", plain):
        raise ValueError(_("金額は1円単位の整数で書いてください（小数は書けません）。"))
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+", plain):
        words = _("「%(text)s」を金額として読めません。「1,000,000円」の形で書いてください。")
        raise ValueError(words % {"text": _shown(text)})
    digits = plain.replace(",", "").lstrip("0")
    if len(digits) > len(str(MAX_YEN)):
        raise ValueError(_("金額の桁数が多すぎます。%(most)s以下で書いてください。") % {"most": yen(MAX_YEN)})
    return int(digits or "0")


def yen(amount: int) -> str:
    """Write whole yen, 「1,000,000円」."""
    return f"{amount:,}円"


def _in_japan(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("時差の分からない日時は表示できません。")
    return value.astimezone(JST)


def _era_of(day: date) -> Era | None:
    return next((era for era in ERAS if era.first <= day), None)


def _in_era(sign: str, year_text: str, month: str, days: tuple[str, str], text: str) -> date:
    """Read the first of two days of a month; some day from the one to the other must lie in the era."""
    era = next(era for era in ERAS if sign.upper() in (era.name, era.letter))
    year = 1 if year_text == "元" else int(year_text)
    if year == 0:
        words = _("「%(text)s」という日付はありません。%(era)sは元年（1年）から始まります。")
        raise ValueError(words % {"text": _shown(text), "era": era.name})
    first, last = (_calendar_date(era.first.year + year - 1, int(month), day, text) for day in days)
    if last < era.first or first > era.last:
        words = _("「%(text)s」は%(era)sの日付ではありません（%(first)sから%(last)sまで）。")
        span = {"first": wareki(era.first), "last": wareki(era.last)}
        raise ValueError(words % (span | {"text": _shown(text), "era": era.name}))
    return first


def _western_date(year: str, month: str, day: str, text: str) -> date:
    if not 1900 <= int(year) <= LAST_YEAR:
        words = _("「%(text)s」は扱えません。1900年から%(last)s年までの日付を書いてください。")
        raise ValueError(words % {"text": _shown(text), "last": LAST_YEAR})
    return _calendar_date(int(year), int(month), day, text)


def _calendar_date(year: int, month: int, day: str, text: str) -> date:
    try:
        return date(year, month, monthrange(year, month)[1] if day == "末" else int(day))
    except ValueError:
        words = _("「%(text)s」という日付はありません。月と日を確かめてください。")
        raise ValueError(words % {"text": _shown(text)}) from None


def _digits(plain: str) -> str:
    """Leave out spaces and write numbers in kanji as digits."""
    return KANJI_NUMBER.sub(lambda found: str(_kanji_number(found[0])), re.sub(r"\s", "", plain))


def _kanji_number(kanji: str) -> int:
    """Read 「二〇二六」 digit by digit and 「二十八」 by its units."""
    if not KANJI_UNITS.keys() & set(kanji):
        return int("".join(str(KANJI_DIGITS[char]) for char in kanji))
    total = digit = 0
    for char in kanji:
        if char in KANJI_UNITS:
            total += (digit or 1) * KANJI_UNITS[char]
            digit = 0
        else:
            digit = digit * 10 + KANJI_DIGITS[char]
    return total + digit


def _plain(text: str) -> str:
    # どの日付も金額も、この長さに収まる。長い入力は切らずに断る（切れば別の値として読めてしまう）。
    if len(text) > LONGEST_INPUT:
        raise ValueError(_("入力が長すぎます。%(most)s文字以内で書いてください。") % {"most": LONGEST_INPUT})
    return unicodedata.normalize("NFKC", text).strip()


def _shown(text: str) -> str:
    return text.strip()[:40]

"""目標の表の一行ごとに、問いの一覧。いつも同じ順の、同じ問い。"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import product

# 大きさの順位。最大の市、30 番目、400 番目、1,200 番目。
TOWNS = (1, 30, 400, 1200)
LARGEST = TOWNS[:1]
DEPTHS = (0, 1_000, 10_000, 100_000)

WORDS = ("橋", "雪", "庁", "橋梁", "道路", "清掃", "除雪", "更生", "橋梁耐震補強", "ふるさと納税")
PARTIES = ("高", "渡", "建設", "設備", "測量", "警備", "高橋", "高橋建設", "渡辺工務店", "アビコ")
# どの件名にも、どの取引先にもない言葉。
ABSENT = ("鯨", "該当無", "存在しない言葉")
# 年度、年度をまたぐ一年、半年、ひと月。どれも一年を超えない。
SPANS = (
    (date(2022, 4, 1), date(2023, 3, 31)),
    (date(2019, 7, 1), date(2020, 6, 30)),
    (date(2024, 10, 1), date(2025, 3, 31)),
    (date(2025, 2, 1), date(2025, 2, 28)),
)
AMOUNTS = ((None, None), (500_000, 50_000_000))


class Goal(Enum):
    """A line of the table of goals; the value is what the table calls it."""

    DATED = "一年以内の日付と、ほかの条件"
    UNDATED = "日付のない条件、最大の市"
    DEEP = "何頁目でも"
    ALL_TOWNS = "運用者: どの言葉でも一頁"
    TOTALS = "運用者: 取引先ごとの正確な合計"


@dataclass(frozen=True)
class Question:
    """What is looked for, and by whom: the town of a rank, or operators (None). Yen, days inclusive, rows deep."""

    goal: Goal
    town: int | None
    words: str = ""
    party: str = ""
    first: date | None = None
    last: date | None = None
    least: int | None = None
    most: int | None = None
    depth: int = 0


def questions() -> list[Question]:
    """Return every question, goal by goal."""
    return [*_dated(), *_undated(), *_deep(), *_all_towns(), *_totals()]


def _terms() -> list[dict[str, str]]:
    alone = [{"words": word} for word in (*WORDS, *ABSENT)] + [{"party": party} for party in (*PARTIES, *ABSENT)]
    return [*alone, {"words": "橋梁 補修", "party": "建設"}, {"words": "清掃", "party": "渡"}]


def _dated() -> list[Question]:
    return [
        Question(Goal.DATED, town, **term, first=first, last=last, least=least, most=most)
        for town, (first, last), (least, most), term in product(TOWNS, SPANS, AMOUNTS, [{}, *_terms()])
    ]


def _undated() -> list[Question]:
    return [
        Question(Goal.UNDATED, town, **term, least=least, most=most)
        for town, (least, most), term in product(LARGEST, AMOUNTS, _terms())
    ]


def _deep() -> list[Question]:
    return [Question(Goal.DEEP, town, depth=depth) for town, depth in product((*LARGEST, None), DEPTHS)]


def _all_towns() -> list[Question]:
    return [Question(Goal.ALL_TOWNS, None, **term) for term in _terms()]


def _totals() -> list[Question]:
    return [Question(Goal.TOTALS, None, party=party) for party in (*PARTIES, *ABSENT)]

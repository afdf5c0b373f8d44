"""The words that turn a point into a range: 以上, まで, 未満, 〜. The same for yen, days and fiscal years."""

import re
from collections.abc import Callable
from typing import Any

from contracts.phrases.chips import Span

TILDE = r"\s?(?:~|〜|―|–|-|ー|から|より)\s?"
SINCE = ("以上", "以降", "以後", "から", "~", "〜")
UNTIL = ("以下", "以前", "以内", "まで", "までの")
AFTER = ("超", "を超える", "を超え", "超え", "を上回る", "より多い", "より大きい", "より高い", "より後", "より新しい")
BEFORE = ("未満", "を下回る", "より少ない", "より小さい", "より安い", "より前", "より古い")
LIMITS = (*SINCE, *UNTIL, *AFTER, *BEFORE)
LIMIT = "|".join(sorted(map(re.escape, LIMITS), key=len, reverse=True))


def limited(point: Span, limit: str, *, step: Callable[[Any, int], Any]) -> Span:
    """Open one end of a point as its limit says; `step(value, n)` moves n units, as 「未満」 leaves the point out."""
    if limit in SINCE:
        return Span(point.first, None)
    if limit in UNTIL:
        return Span(None, point.last)
    if limit in AFTER:
        return Span(step(point.last, 1), None)
    return Span(None, step(point.first, -1)) if limit in BEFORE else point

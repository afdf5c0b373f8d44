"""失敗したばかりの時刻認証局を、しばらく尋ねずにおく。休みの後は、一つの問いで様子を見る。"""

import time
from collections.abc import Callable

FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0
PROBE_SECONDS = 15.0  # 様子見の一問が終わるはずの時間。それまでは、ほかの問いを通さない


class Breaker:
    """Closed, open after a failure for a rest that doubles, then half-open for one question. Holds no lock: a race
    between threads lets a second question through, no more, and a fork can never leave it held."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rest = 0.0
        self._until: float | None = None
        self.reason = ""

    @property
    def resting(self) -> bool:
        """Tell whether a question would be refused now."""
        return self._until is not None and self._clock() < self._until

    def admits(self) -> bool:
        """Tell whether a question may be asked now; the first after a rest keeps the others out until it is over."""
        if self._until is None:
            return True
        if self.resting:
            return False
        self._until = self._clock() + PROBE_SECONDS
        return True

    def failed(self, reason: str) -> None:
        """Rest, twice as long as the last time."""
        self._rest = min(max(FIRST_REST_SECONDS, self._rest * 2), LONGEST_REST_SECONDS)
        self._until = self._clock() + self._rest
        self.reason = reason

    def succeeded(self) -> None:
        """Let everything through again."""
        self._rest, self._until, self.reason = 0.0, None, ""

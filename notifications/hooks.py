"""What notifications asks of the apps above it, which know contracts and rules."""

from collections.abc import Callable, Mapping
from datetime import date

from accounts.models import Organization
from notifications.models import Delivery

# 市のその日が閉庁日なら、その理由。開いていれば ""。
why_closed: list[Callable[[Organization, date], str]] = []
# 文面ごとに、送る直前に尋ねる。用件がなくなっていれば None、まだあれば新しい差込。市の文脈の中で呼ばれる。
still_needed: dict[str, Callable[[Delivery], Mapping[str, object] | None]] = {}

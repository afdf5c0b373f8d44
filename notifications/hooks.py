"""What notifications asks of the apps above it, which know contracts and rules."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from accounts.models import Organization
from notifications.models import Delivery

# 市を受け取り、ある日が閉庁日ならその理由を、開いていれば "" を答える関数を返す。市の規程は、その一度だけ読めばよい。
why_closed: list[Callable[[Organization], Callable[[date], str]]] = []
# 文面ごとに、送る直前に、その時刻とともに尋ねる。用件がなくなっていれば None、まだあれば新しい差込。市の中で呼ばれる。
still_needed: dict[str, Callable[[Delivery, datetime], Mapping[str, object] | None]] = {}

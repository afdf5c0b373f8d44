"""The life of a guarantee, on one screen."""

from collections.abc import Mapping

from django.db.models import TextChoices


class GuaranteeState(TextChoices):
    SUBMITTED = "submitted", "照合待ち"
    CHECKED_OK = "checked_ok", "受理待ち"
    CHECKED_NG = "checked_ng", "不足あり"
    DEEMED_DEPOSITED = "deemed_deposited", "受理済"
    REJECTED = "rejected", "不受理"


GUARANTEE: Mapping[str, frozenset[str]] = {
    GuaranteeState.SUBMITTED: frozenset(
        {GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG, GuaranteeState.REJECTED}
    ),
    # 読み違いに気づいたら、決めるまでは照合し直せる。
    GuaranteeState.CHECKED_OK: frozenset(
        {GuaranteeState.CHECKED_NG, GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED}
    ),
    GuaranteeState.CHECKED_NG: frozenset({GuaranteeState.CHECKED_OK, GuaranteeState.REJECTED}),
    GuaranteeState.DEEMED_DEPOSITED: frozenset(),
    GuaranteeState.REJECTED: frozenset(),
}

LIVE = frozenset(GuaranteeState) - {GuaranteeState.REJECTED}
# まだ受理も不受理も決めていない状態
OPEN = frozenset(state for state, following in GUARANTEE.items() if following)

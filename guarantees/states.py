"""The life of a guarantee, on one screen."""

from collections.abc import Mapping

from django.db.models import TextChoices


class GuaranteeState(TextChoices):
    SUBMITTED = "submitted", "確認待ち"
    CHECKED_OK = "checked_ok", "照合済（適合）"
    CHECKED_NG = "checked_ng", "照合済（不足）"
    DEEMED_DEPOSITED = "deemed_deposited", "受理（寄託とみなす）"
    REJECTED = "rejected", "受理しない"


GUARANTEE: Mapping[str, frozenset[str]] = {
    GuaranteeState.SUBMITTED: frozenset(
        {GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG, GuaranteeState.REJECTED}
    ),
    GuaranteeState.CHECKED_OK: frozenset({GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED}),
    GuaranteeState.CHECKED_NG: frozenset({GuaranteeState.CHECKED_OK, GuaranteeState.REJECTED}),
    GuaranteeState.DEEMED_DEPOSITED: frozenset(),
    GuaranteeState.REJECTED: frozenset(),
}

LIVE = frozenset(GuaranteeState) - {GuaranteeState.REJECTED}

"""The life of a guarantee, on one screen: one row is one certificate, from its being expected to its return."""

from collections.abc import Mapping

from django.db.models import TextChoices


class GuaranteeState(TextChoices):
    EXPECTED = "expected", "提出待ち"
    SUBMITTED = "submitted", "振分け待ち"
    ROUTED = "routed", "照合待ち"
    CHECKED_OK = "checked_ok", "受理待ち"
    CHECKED_NG = "checked_ng", "不足あり"
    DEEMED_DEPOSITED = "deemed_deposited", "受理済"
    PAPER = "paper", "紙で受領"
    CHANGED = "changed", "変更済（前の保証）"
    RELEASED = "released", "返還・解除"
    REJECTED = "rejected", "不受理"
    NOT_NEEDED = "not_needed", "不要"


GUARANTEE: Mapping[str, frozenset[str]] = {
    GuaranteeState.EXPECTED: frozenset({GuaranteeState.SUBMITTED, GuaranteeState.PAPER, GuaranteeState.NOT_NEEDED}),
    GuaranteeState.SUBMITTED: frozenset({GuaranteeState.ROUTED, GuaranteeState.REJECTED}),
    GuaranteeState.ROUTED: frozenset({GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG, GuaranteeState.REJECTED}),
    # 読み違いに気づいたら、決めるまでは照合し直せる。
    GuaranteeState.CHECKED_OK: frozenset(
        {GuaranteeState.CHECKED_NG, GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED}
    ),
    GuaranteeState.CHECKED_NG: frozenset({GuaranteeState.CHECKED_OK, GuaranteeState.REJECTED}),
    GuaranteeState.DEEMED_DEPOSITED: frozenset({GuaranteeState.CHANGED, GuaranteeState.RELEASED}),
    GuaranteeState.PAPER: frozenset({GuaranteeState.CHANGED, GuaranteeState.RELEASED}),
    GuaranteeState.CHANGED: frozenset({GuaranteeState.RELEASED}),
    GuaranteeState.RELEASED: frozenset(),
    GuaranteeState.REJECTED: frozenset(),
    GuaranteeState.NOT_NEEDED: frozenset(),
}

# 届いて、まだ受理も不受理も決めていない状態。職員の手を待つ
OPEN = frozenset(
    {GuaranteeState.SUBMITTED, GuaranteeState.ROUTED, GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG}
)
CHECKABLE = OPEN - {GuaranteeState.SUBMITTED}
# いま契約を保証しているもの。電子証書（寄託とみなす）と紙
HELD = frozenset({GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.PAPER})
# 必要とした保証の求めが、まだ片付いていない状態
UNSETTLED = OPEN | {GuaranteeState.EXPECTED}


class ApplicationState(TextChoices):
    APPLIED = "applied", "審査待ち"
    ISSUED = "issued", "発行"
    DECLINED = "declined", "お引き受けできません"


class IssueState(TextChoices):
    SEALING = "sealing", "作成中"
    CURRENT = "current", "有効"
    CHANGED = "changed", "変更済"
    CANCELLED = "cancelled", "解約"


# 保証機関の側: 申込みと、発行した証書
APPLICATION: Mapping[str, frozenset[str]] = {
    ApplicationState.APPLIED: frozenset({ApplicationState.ISSUED, ApplicationState.DECLINED}),
    ApplicationState.ISSUED: frozenset(),
    ApplicationState.DECLINED: frozenset(),
}
ISSUE: Mapping[str, frozenset[str]] = {
    IssueState.SEALING: frozenset({IssueState.CURRENT}),
    IssueState.CURRENT: frozenset({IssueState.CHANGED, IssueState.CANCELLED}),
    IssueState.CHANGED: frozenset(),
    IssueState.CANCELLED: frozenset(),
}


class AdvanceState(TextChoices):
    CERTIFIED = "certified", "認定済"
    CLAIMED = "claimed", "支払待ち"
    PAID = "paid", "支払済"
    REFUND_DUE = "refund_due", "返還待ち"
    REFUNDED = "refunded", "返還済"
    CANCELLED = "cancelled", "取消"


# 前払金: 請求から支払まで。中間前払金は認定から、減額による返還は返還待ちから始まる
ADVANCE: Mapping[str, frozenset[str]] = {
    AdvanceState.CLAIMED: frozenset({AdvanceState.PAID, AdvanceState.CANCELLED}),
    AdvanceState.CERTIFIED: frozenset({AdvanceState.CLAIMED, AdvanceState.CANCELLED}),
    AdvanceState.PAID: frozenset(),
    AdvanceState.REFUND_DUE: frozenset({AdvanceState.REFUNDED, AdvanceState.CANCELLED}),
    AdvanceState.REFUNDED: frozenset(),
    AdvanceState.CANCELLED: frozenset(),
}
# 職員の手を待つもの
UNPAID = frozenset(state for state, following in ADVANCE.items() if following)
# 状態の札の色。ここにないものは、手を待つ途中
TONES: Mapping[GuaranteeState, str] = {
    GuaranteeState.CHECKED_NG: "warning",
    GuaranteeState.DEEMED_DEPOSITED: "success",
    GuaranteeState.PAPER: "success",
    GuaranteeState.REJECTED: "error",
    GuaranteeState.CHANGED: "neutral",
    GuaranteeState.RELEASED: "neutral",
    GuaranteeState.NOT_NEEDED: "neutral",
}

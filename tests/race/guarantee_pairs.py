"""The pairs of moves that compete for a guarantee."""

from guarantees.states import GuaranteeState
from tests.race import scenes, watching
from tests.race.pair import REFUSED, WON, Pair, one_of_two

GUARANTEE_PAIRS = [
    Pair(
        "保証の受理 × 保証の不受理",
        scenes.guarantee_checked,
        "accept_guarantee",
        "reject_guarantee",
        watching.guarantee_state,
        one_of_two(GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED),
    ),
    Pair(
        "保証の登録 × 同じ番号の登録",
        scenes.on_paper,
        "hand_in_guarantee",
        "hand_in_guarantee",
        watching.guarantees_of,
        dict.fromkeys([(WON, REFUSED), (REFUSED, WON)], f"{GuaranteeState.EXPECTED}、{GuaranteeState.ROUTED}"),
    ),
    Pair(
        "保証の登録 × 工事の完成",
        scenes.on_paper,
        "hand_in_guarantee",
        "complete_works",
        watching.guarantees_of,
        one_of_two(f"{GuaranteeState.EXPECTED}、{GuaranteeState.ROUTED}", GuaranteeState.NOT_NEEDED),
    ),
    Pair(
        "保証の受理 × 紙の変更契約による増額",
        scenes.checked_before_a_change,
        "accept_guarantee",
        "raise_price_on_paper",
        watching.guarantees_of,
        {
            (WON, WON): f"{GuaranteeState.DEEMED_DEPOSITED}、{GuaranteeState.EXPECTED}",
            (REFUSED, WON): str(GuaranteeState.CHECKED_NG),
        },
    ),
]

"""Every pair of competing moves: the point at which they meet, and the only ways in which it may end."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.models import Case
from contracts.states import CaseState, ConsentState, ContractState, StepState, VersionState
from guarantees.states import GuaranteeState
from tests.race import scenes, stage, watching
from tests.race.racer import Outcome
from tests.race.stage import Scene

WON, REFUSED, IDLE = Outcome.WON, Outcome.REFUSED, Outcome.IDLE


@dataclass(frozen=True)
class Pair:
    """Two moves, the scene they meet in, what to look at afterwards, and {(left, right): how it then stands}."""

    name: str
    scene: Callable[[], Scene]
    left: str
    right: str
    watch: Callable[[Case], str]
    allowed: dict[tuple[Outcome, Outcome], str]
    is_slow: bool = False  # 本物の署名や印字を伴い、一回に数秒かかる
    latest: float = 0.012  # 秒。一方がどれだけ遅れて始めるか。手続き一つの長さほど


SENT, RECALLED, DRAFT = VersionState.SENT, VersionState.RECALLED, VersionState.DRAFT
IN_APPROVAL, ALL_SIGNED = VersionState.IN_APPROVAL, VersionState.ALL_SIGNED
OLD_EMAIL = "keiyaku@takasaki.example.jp"
EDITED = "draft_begun、draft_changed"


def one_of_two(left: str, right: str) -> dict[tuple[Outcome, Outcome], str]:
    """Allow exactly one winner: how it stands when the left one won, and when the right one did."""
    return {(WON, REFUSED): str(left), (REFUSED, WON): str(right)}


PAIRS = [
    Pair(
        "署名 × 却下",
        scenes.asked_twice,
        "sign",
        "decline",
        watching.version_state,
        one_of_two(SENT, VersionState.DECLINED),
    ),
    Pair(
        "署名 × 取下げ",
        scenes.asked(of_version=True),
        "sign",
        "recall",
        watching.version_state,
        one_of_two(SENT, RECALLED),
    ),
    Pair(
        "署名 × 署名（同じ人の二度押し）",
        scenes.asked_twice,
        "sign",
        "sign",
        watching.version_state,
        {(WON, WON): SENT},
    ),
    Pair(
        "最後の署名 × 最後の署名（市の署名者の二つの画面）",
        scenes.city_twice,
        "sign_for_the_city",
        "sign_for_the_city",
        watching.version_state,
        {(WON, WON): ALL_SIGNED},
    ),
    Pair(
        "構成員の署名 × 代表者の署名（共同企業体）",
        scenes.members,
        "sign",
        "sign_out_of_turn",
        watching.version_state,
        {(WON, REFUSED): SENT},
    ),
    Pair(
        "署名 × 期限切れ",
        scenes.asked_at_the_last_second,
        "sign",
        "expire",
        watching.version_state,
        {(WON, IDLE): SENT, (REFUSED, WON): VersionState.EXPIRED},
    ),
    Pair(
        "署名 × 署名者変更",
        scenes.asked_and_reassigned,
        "sign",
        "reassign",
        watching.signer,
        one_of_two(f"{SENT} {OLD_EMAIL}", f"{SENT} {scenes.NEW_EMAIL}"),
    ),
    Pair(
        "署名 × 署名者変更の申出",
        scenes.asked_and_asking(),
        "sign",
        "ask_change",
        watching.signer_and_wish,
        {(WON, REFUSED): f"{SENT} {OLD_EMAIL}", (WON, WON): f"{SENT} {OLD_EMAIL} lapsed"},
    ),
    Pair(
        "署名 × 署名者変更の申出を認める",
        scenes.asked_and_asking(answered_by_left=False),
        "sign",
        "accept_change",
        watching.signer_and_wish,
        one_of_two(f"{SENT} {OLD_EMAIL} lapsed", f"{SENT} {scenes.NEW_EMAIL} accepted"),
    ),
    Pair(
        "署名者変更の申出を認める × 認めない",
        scenes.asked_and_asking(answered_by_left=True),
        "accept_change",
        "refuse_change",
        watching.signer_and_wish,
        one_of_two(f"{SENT} {scenes.NEW_EMAIL} accepted", f"{SENT} {OLD_EMAIL} refused"),
    ),
    Pair(
        "コードの誤り × コードの誤り（同じリンクの二つの画面）",
        scenes.guessing,
        "guess",
        "guess",
        watching.wrong_tries,
        {(WON, WON): "2回、記録2件"},
    ),
    Pair(
        "署名 × 紙へ切替",
        scenes.asked(of_case=True),
        "sign",
        "switch_to_paper",
        watching.case_state,
        one_of_two(CaseState.CONTRACTING, CaseState.PAPER),
    ),
    Pair(
        "署名 × 承諾の撤回",
        scenes.asked_and_withdrawing,
        "sign",
        "withdraw",
        watching.version_state,
        one_of_two(SENT, RECALLED),
    ),
    Pair(
        "「確認する」 × 署名（同じリンクの二つの画面）",
        scenes.entering(signs=True),
        "enter",
        "sign",
        watching.version_state,
        {(WON, WON): SENT, (REFUSED, WON): SENT},
    ),
    Pair(
        "「確認する」 × 取下げ",
        scenes.entering(signs=False),
        "enter",
        "recall",
        watching.version_state,
        {(WON, WON): RECALLED, (REFUSED, WON): RECALLED},
    ),
    Pair(
        "封印（worker） × 取下げ",
        scenes.sealing_and_recalling,
        "seal",
        "recall",
        watching.version_state,
        # 取下げが仕事の行を見ている間、worker は待たずに飛ばし、次の巡回で取る
        {(WON, WON): RECALLED, (WON, REFUSED): SENT, (IDLE, REFUSED): SENT},
        latest=0.2,
    ),
    Pair(
        "承認 × 差戻し",
        scenes.approving(),
        "approve",
        "return_",
        watching.version_state,
        one_of_two(SENT, VersionState.RETURNED),
    ),
    Pair(
        "承認 × 承認（一人でよい段）",
        scenes.approving(),
        "approve",
        "approve",
        watching.version_state,
        one_of_two(SENT, SENT),
    ),
    Pair(
        "承認 × 承認（三人のうち二人）",
        scenes.approving(need_two=True),
        "approve",
        "approve",
        watching.version_state,
        {(WON, WON): SENT},
    ),
    Pair(
        "承認 × 承認（一人が二度）",
        scenes.approved_by_one_person_twice,
        "approve",
        "approve",
        watching.version_state,
        one_of_two(IN_APPROVAL, IN_APPROVAL),
    ),
    Pair(
        "可決 × 否決",
        scenes.voting,
        "vote",
        "vote",
        watching.contract_state,
        one_of_two(ContractState.IN_FORCE, ContractState.LAPSED),
    ),
    Pair(
        "可決 × 紙へ切替",
        scenes.voting_or_to_paper,
        "vote",
        "switch_to_paper",
        watching.case_state,
        {(WON, REFUSED): CaseState.CONCLUDED},
    ),
    Pair(
        "締結 × 締結",
        scenes.concluding_twice,
        "conclude",
        "conclude",
        watching.version_state,
        {(WON, IDLE): VersionState.CONCLUDED, (IDLE, WON): VersionState.CONCLUDED},
        is_slow=True,
    ),
    Pair(
        "承認の依頼 × 編集",
        scenes.draft_of(right_edits=True),
        "submit",
        "edit",
        watching.edited,
        one_of_two(f"{IN_APPROVAL} 0 11000000", f"{DRAFT} 1 13000000"),
        is_slow=True,
    ),
    Pair(
        "編集 × 編集",
        scenes.draft_of(left_edits=True, right_edits=True),
        "edit",
        "edit",
        watching.edited,
        one_of_two(f"{DRAFT} 1 12000000", f"{DRAFT} 1 13000000"),
    ),
    Pair(
        "承認の依頼 × 起案の取止め",
        scenes.draft_of(),
        "submit",
        "discard",
        watching.version_state,
        one_of_two(IN_APPROVAL, VersionState.DISCARDED),
        is_slow=True,
    ),
    Pair(
        "承認の依頼 × 承諾の撤回",
        scenes.submitting_and_withdrawing,
        "submit",
        "withdraw_by_staff",
        watching.version_state,
        {(WON, WON): VersionState.RETURNED, (REFUSED, WON): VersionState.DISCARDED},
        is_slow=True,
    ),
    Pair(
        "起案 × 起案",
        scenes.to_draft(lambda: stage.begin().accepted()),
        "draft",
        "draft",
        watching.versions_and_contracts,
        one_of_two("契約 1、版 1", "契約 1、版 1"),
    ),
    Pair(
        "変更契約の起案 × 変更契約の起案",
        scenes.to_draft(stage.concluded),
        "amend",
        "amend",
        watching.versions_and_contracts,
        one_of_two("契約 2、版 2", "契約 2、版 2"),
    ),
    Pair(
        "変更契約の取りやめ × 変更契約の起案",
        scenes.dropped_or_amended,
        "drop",
        "amend",
        watching.changes,
        {(REFUSED, WON): "第1回 preparing", (WON, WON): "第1回 dropped、第1回 preparing"},
    ),
    Pair(
        "承諾書の依頼の取消し × 承諾書の提出",
        scenes.invited_and_answering,
        "cancel_invitation",
        "submit_consent",
        watching.consent_state,
        one_of_two(ConsentState.CANCELLED, ConsentState.SUBMITTED),
        is_slow=True,
    ),
    Pair(
        "承諾の確認 × 承諾の差戻し",
        scenes.consent_checked,
        "accept",
        "give_back",
        watching.consent_state,
        one_of_two(ConsentState.ACCEPTED, ConsentState.RETURNED),
    ),
    Pair(
        "承諾のリンクの「確認する」 × 承諾の撤回",
        scenes.consent_opened,
        "enter",
        "withdraw_by_staff",
        watching.consent_state,
        {(WON, WON): ConsentState.WITHDRAWN},
    ),
    Pair(
        "承諾のリンクの「確認する」 × 再びの依頼（共同企業体）",
        scenes.invited_again,
        "enter",
        "invite",
        watching.consents_asked,
        {(WON, WON): f"{ConsentState.INVITED}、{ConsentState.INVITED}"},
    ),
    Pair(
        "保証の受理 × 保証の不受理",
        scenes.guarantee_checked,
        "accept_guarantee",
        "reject_guarantee",
        watching.guarantee_state,
        one_of_two(GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED),
    ),
    Pair(
        "引継ぎ × 市の署名",
        scenes.handing_over,
        "hand_over",
        "sign_for_the_city",
        watching.city_signer,
        one_of_two(f"{StepState.REQUESTED} 後任　一郎", f"{StepState.INSTRUCTED} 向門　慶人"),
    ),
    Pair(
        "紙へ切替 × 起案",
        scenes.to_paper_or_drafted,
        "switch_to_paper",
        "draft",
        watching.case_and_version,
        {
            (WON, REFUSED): CaseState.PAPER,
            (REFUSED, WON): f"{CaseState.CONTRACTING} {DRAFT}",
            (WON, WON): f"{CaseState.PAPER} {VersionState.SWITCHED_TO_PAPER}",
        },
    ),
    Pair(
        "名簿の取込み × 同じファイルの取込み",
        scenes.importing,
        "apply_import",
        "apply_import",
        watching.firms_taken_in,
        one_of_two("1 社、記録 1 件", "1 社、記録 1 件"),
    ),
    Pair(
        "規程の下書きの開始 × 開始",
        scenes.rules_begun,
        "begin_rules",
        "begin_rules",
        watching.rules_of,
        {(WON, WON): "第1版 5日、下書き [5]: draft_begun"},
    ),
    Pair(
        "規程の下書きの編集 × 編集",
        scenes.rules_in_two_hands(),
        "edit_rules",
        "edit_rules",
        watching.rules_of,
        one_of_two(*(f"第1版 5日、下書き [{days}]: {EDITED}、draft_changed" for days in (6, 7))),
    ),
    Pair(
        "規程の公開 × 下書きの編集",
        scenes.rules_in_two_hands(publishes=True),
        "publish_rules",
        "edit_rules",
        watching.rules_of,
        one_of_two(f"第2版 9日、下書き []: {EDITED}、published", f"第1版 5日、下書き [7]: {EDITED}、draft_changed"),
    ),
]

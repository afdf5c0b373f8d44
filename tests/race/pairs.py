"""Every pair of competing moves: the point at which they meet, and the only ways in which it may end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import Role
from contracts.models import AccessLink, Case, Consent, Contract, ContractVersion, Purpose, SigningJob
from contracts.states import CaseState, ConsentState, ContractState, VersionState
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState
from tests import factories
from tests.race import stage
from tests.race.racer import Outcome
from tests.race.stage import Ids, Scene
from tests.stories import Story

WON, REFUSED, IDLE = Outcome.WON, Outcome.REFUSED, Outcome.IDLE
NEW_EMAIL = "kouken@takasaki.example.jp"
# 三人のうち二人の承認
TWO_OF_THREE = {
    "routes": [
        {
            "name": "二人の承認",
            "documents": ["original"],
            "from_amount": 0,
            "steps": [{"kind": "approve", "label": "承認", "role": "approver", "need": 2}],
        }
    ]
}


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


def version_state(case: Case) -> str:
    return str(ContractVersion.unscoped.filter(contract__case=case).latest("pk").state)


def case_state(case: Case) -> str:
    return str(case.state)


def contract_state(case: Case) -> str:
    return str(Contract.unscoped.filter(case=case).latest("pk").state)


def consent_state(case: Case) -> str:
    return str(Consent.unscoped.get(case=case).state)


def guarantee_state(case: Case) -> str:
    return str(Guarantee.unscoped.get(case=case).state)


def consents_asked(case: Case) -> str:
    return "、".join(Consent.unscoped.filter(case=case).order_by("pk").values_list("state", flat=True))


def versions_and_contracts(case: Case) -> str:
    """Count what two drafters made."""
    versions = ContractVersion.unscoped.filter(contract__case=case).count()
    return f"契約 {Contract.unscoped.filter(case=case).count()}、版 {versions}"


def edited(case: Case) -> str:
    version = ContractVersion.unscoped.get(contract__case=case)
    return f"{version.state} {version.edit_number} {version.amount}"


def signer(case: Case) -> str:
    version = ContractVersion.unscoped.get(contract__case=case)
    return f"{version.state} {version.steps.get(order=1).email}"


def _user(told: Story, role: Role) -> int:
    return int(factories.member(told.tenant, role).pk)


def _drafter(told: Story) -> int:
    assert told.drafter.user_id is not None
    return told.drafter.user_id


def _contractor(told: Story) -> Ids:
    return {"step": told.step(1).pk, "link": stage.link_of(told)}


# 署名を求められた受注者と、ほかの人 ---------------------------------------------------------------


def asked(*, of_version: bool = False, of_case: bool = False, **right: object) -> Callable[[], Scene]:
    """Ask the contractor to sign, and let a drafter do something about the version or the case."""

    def scene() -> Scene:
        told = stage.sent()
        ids: Ids = {"user": _drafter(told), **right}
        ids |= {"version": told.version.pk} if of_version else {"case": told.case.pk} if of_case else {}
        return Scene(told, _contractor(told), ids)

    return scene


def asked_twice() -> Scene:
    told = stage.sent()
    return Scene(told, _contractor(told), _contractor(told))


def asked_and_reassigned() -> Scene:
    told = stage.sent()
    right: Ids = {"step": told.step(1).pk, "user": _drafter(told), "email": NEW_EMAIL}
    return Scene(told, _contractor(told), right)


def asked_at_the_last_second() -> Scene:
    told = stage.sent()
    over = told.version.expires_at
    assert over is not None
    left = _contractor(told) | {"at": over - timedelta(seconds=1)}
    return Scene(told, left, {"version": told.version.pk, "at": over})


def asked_and_withdrawing() -> Scene:
    told = stage.sent()
    right: Ids = {"consent": told.consent.pk, "link": stage.link_of(told, Purpose.STANDING)}
    return Scene(told, _contractor(told), right)


def entering(*, signs: bool) -> Callable[[], Scene]:
    """Open the mail's link in one browser while another signs, or the city recalls."""

    def scene() -> Scene:
        told = stage.sent()
        left: Ids = {"link": stage.link_of(told)}
        right = _contractor(told) if signs else {"version": told.version.pk, "user": _drafter(told)}
        return Scene(told, left, right)

    return scene


def members() -> Scene:
    """Ask the first member of a joint venture; the representative is next."""
    told = stage.joint_venture_sent()
    left = _contractor(told)
    return Scene(told, left, {"step": told.step(2).pk, "link": left["link"]})


def city_twice() -> Scene:
    told = stage.city_asked()
    ids: Ids = {"step": told.step(2).pk, "user": told.signatory.pk}
    return Scene(told, ids, ids)


def sealing_and_recalling() -> Scene:
    told = stage.instructed()
    job = SigningJob.unscoped.get(step__version=told.version)
    return Scene(told, {"job": job.pk}, {"version": told.version.pk, "user": _drafter(told)})


def concluding_twice() -> Scene:
    told = stage.really_sealed()
    ids: Ids = {"version": told.version.pk}
    return Scene(told, ids, ids)


# 庁内 --------------------------------------------------------------------------------------------


def approving(*, need_two: bool = False) -> Callable[[], Scene]:
    def scene() -> Scene:
        told = stage.submitted(approvers=3, rules={"approval": TWO_OF_THREE} if need_two else None)
        version = told.version.pk
        left, right = ({"version": version, "user": user} for user in stage.approvers(told)[:2])
        return Scene(told, left, right)

    return scene


def approved_by_one_person_twice() -> Scene:
    told = stage.submitted(approvers=3, rules={"approval": TWO_OF_THREE})
    ids: Ids = {"version": told.version.pk, "user": stage.approvers(told)[0]}
    return Scene(told, ids, ids)


def draft_of(*, left_edits: bool = False, right_edits: bool = False) -> Callable[[], Scene]:
    """Give a draft to two drafters; those who edit it write different prices."""

    def scene() -> Scene:
        told = stage.drafted()
        left: Ids = {"version": told.version.pk, "user": _drafter(told)}
        right: Ids = {"version": told.version.pk, "user": _user(told, Role.DRAFTER)}
        left |= {"amount": 12_000_000} if left_edits else {}
        right |= {"amount": 13_000_000} if right_edits else {}
        return Scene(told, left, right)

    return scene


def to_draft(story: Callable[[], Story]) -> Callable[[], Scene]:
    """Let two drafters open a version of the same case."""

    def scene() -> Scene:
        told = story()
        left: Ids = {"case": told.case.pk, "user": _drafter(told), "signatory": told.signatory.pk}
        return Scene(told, left, left | {"user": _user(told, Role.DRAFTER)})

    return scene


def submitting_and_withdrawing() -> Scene:
    told = stage.drafted()
    left: Ids = {"version": told.version.pk, "user": _drafter(told)}
    return Scene(told, left, {"consent": told.consent.pk, "user": _drafter(told)})


def voting() -> Scene:
    told = stage.concluded(rules={"econtract": {"council": "provisional"}}, needs_council=True)
    left: Ids = {"contract": stage.contract_of(told), "user": _drafter(told), "passed": True}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER), "passed": False})


# 承諾と保証 --------------------------------------------------------------------------------------


def consent_checked() -> Scene:
    told = stage.consented()
    left: Ids = {"consent": told.consent.pk, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER)})


def consent_opened() -> Scene:
    """Open the consent's link while the department registers its withdrawal."""
    told = stage.consented()
    left: Ids = {"link": stage.link_of(told, Purpose.CONSENT)}
    return Scene(told, left, {"consent": told.consent.pk, "user": _drafter(told)})


def invited_again() -> Scene:
    told = stage.joint_venture().invited()
    last = AccessLink.unscoped.filter(case=told.case, purpose=Purpose.CONSENT).latest("pk")
    return Scene(told, {"link": last.pk}, {"case": told.case.pk, "user": _drafter(told)})


def guarantee_checked() -> Scene:
    told, guarantee = stage.checked_guarantee()
    left: Ids = {"guarantee": guarantee, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.GUARANTEE_OFFICER)})


SENT, RECALLED, DRAFT = VersionState.SENT, VersionState.RECALLED, VersionState.DRAFT
IN_APPROVAL, ALL_SIGNED = VersionState.IN_APPROVAL, VersionState.ALL_SIGNED
OLD_EMAIL = "keiyaku@takasaki.example.jp"


def one_of_two(left: str, right: str) -> dict[tuple[Outcome, Outcome], str]:
    """Allow exactly one winner: how it stands when the left one won, and when the right one did."""
    return {(WON, REFUSED): str(left), (REFUSED, WON): str(right)}


PAIRS = [
    Pair("署名 × 却下", asked_twice, "sign", "decline", version_state, one_of_two(SENT, VersionState.DECLINED)),
    Pair("署名 × 取下げ", asked(of_version=True), "sign", "recall", version_state, one_of_two(SENT, RECALLED)),
    Pair("署名 × 署名（同じ人の二度押し）", asked_twice, "sign", "sign", version_state, {(WON, WON): SENT}),
    Pair(
        "最後の署名 × 最後の署名（市の署名者の二つの画面）",
        city_twice,
        "sign_for_the_city",
        "sign_for_the_city",
        version_state,
        {(WON, WON): ALL_SIGNED},
    ),
    Pair(
        "構成員の署名 × 代表者の署名（共同企業体）",
        members,
        "sign",
        "sign_out_of_turn",
        version_state,
        {(WON, REFUSED): SENT},
    ),
    Pair(
        "署名 × 期限切れ",
        asked_at_the_last_second,
        "sign",
        "expire",
        version_state,
        {(WON, IDLE): SENT, (REFUSED, WON): VersionState.EXPIRED},
    ),
    Pair(
        "署名 × 署名者変更",
        asked_and_reassigned,
        "sign",
        "reassign",
        signer,
        one_of_two(f"{SENT} {OLD_EMAIL}", f"{SENT} {NEW_EMAIL}"),
    ),
    Pair(
        "署名 × 紙へ切替",
        asked(of_case=True),
        "sign",
        "switch_to_paper",
        case_state,
        one_of_two(CaseState.CONTRACTING, CaseState.PAPER),
    ),
    Pair("署名 × 承諾の撤回", asked_and_withdrawing, "sign", "withdraw", version_state, one_of_two(SENT, RECALLED)),
    Pair(
        "「確認する」 × 署名（同じリンクの二つの画面）",
        entering(signs=True),
        "enter",
        "sign",
        version_state,
        {(WON, WON): SENT, (REFUSED, WON): SENT},
    ),
    Pair(
        "「確認する」 × 取下げ",
        entering(signs=False),
        "enter",
        "recall",
        version_state,
        {(WON, WON): RECALLED, (REFUSED, WON): RECALLED},
    ),
    Pair(
        "封印（worker） × 取下げ",
        sealing_and_recalling,
        "seal",
        "recall",
        version_state,
        {(WON, WON): RECALLED, (WON, REFUSED): SENT},
    ),
    Pair("承認 × 差戻し", approving(), "approve", "return_", version_state, one_of_two(SENT, VersionState.RETURNED)),
    Pair("承認 × 承認（一人でよい段）", approving(), "approve", "approve", version_state, one_of_two(SENT, SENT)),
    Pair(
        "承認 × 承認（三人のうち二人）",
        approving(need_two=True),
        "approve",
        "approve",
        version_state,
        {(WON, WON): SENT},
    ),
    Pair(
        "承認 × 承認（一人が二度）",
        approved_by_one_person_twice,
        "approve",
        "approve",
        version_state,
        one_of_two(IN_APPROVAL, IN_APPROVAL),
    ),
    Pair(
        "可決 × 否決",
        voting,
        "vote",
        "vote",
        contract_state,
        one_of_two(ContractState.IN_FORCE, ContractState.LAPSED),
    ),
    Pair(
        "締結 × 締結",
        concluding_twice,
        "conclude",
        "conclude",
        version_state,
        {(WON, IDLE): VersionState.CONCLUDED, (IDLE, WON): VersionState.CONCLUDED},
        is_slow=True,
    ),
    Pair(
        "承認の依頼 × 編集",
        draft_of(right_edits=True),
        "submit",
        "edit",
        edited,
        {(WON, REFUSED): f"{IN_APPROVAL} 0 11000000", (WON, WON): f"{IN_APPROVAL} 1 13000000"},
        is_slow=True,
    ),
    Pair(
        "編集 × 編集",
        draft_of(left_edits=True, right_edits=True),
        "edit",
        "edit",
        edited,
        one_of_two(f"{DRAFT} 1 12000000", f"{DRAFT} 1 13000000"),
    ),
    Pair(
        "承認の依頼 × 起案の取止め",
        draft_of(),
        "submit",
        "discard",
        version_state,
        one_of_two(IN_APPROVAL, VersionState.DISCARDED),
        is_slow=True,
    ),
    Pair(
        "承認の依頼 × 承諾の撤回",
        submitting_and_withdrawing,
        "submit",
        "withdraw_by_staff",
        version_state,
        {(WON, WON): VersionState.RETURNED, (REFUSED, WON): VersionState.DISCARDED},
        is_slow=True,
    ),
    Pair(
        "起案 × 起案",
        to_draft(lambda: stage.begin().accepted()),
        "draft",
        "draft",
        versions_and_contracts,
        one_of_two("契約 1、版 1", "契約 1、版 1"),
    ),
    Pair(
        "変更契約の起案 × 変更契約の起案",
        to_draft(stage.concluded),
        "amend",
        "amend",
        versions_and_contracts,
        one_of_two("契約 2、版 2", "契約 2、版 2"),
    ),
    Pair(
        "承諾の確認 × 承諾の差戻し",
        consent_checked,
        "accept",
        "give_back",
        consent_state,
        one_of_two(ConsentState.ACCEPTED, ConsentState.RETURNED),
    ),
    Pair(
        "承諾のリンクの「確認する」 × 承諾の撤回",
        consent_opened,
        "enter",
        "withdraw_by_staff",
        consent_state,
        {(WON, WON): ConsentState.WITHDRAWN},
    ),
    Pair(
        "承諾のリンクの「確認する」 × 再びの依頼（共同企業体）",
        invited_again,
        "enter",
        "invite",
        consents_asked,
        {(WON, WON): f"{ConsentState.INVITED}、{ConsentState.INVITED}"},
    ),
    Pair(
        "保証の受理 × 保証の不受理",
        guarantee_checked,
        "accept_guarantee",
        "reject_guarantee",
        guarantee_state,
        one_of_two(GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED),
    ),
]

"""The story of a case as its pages tell it: where it stands, whose turn it is, and what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from contracts import permissions
from contracts.models import Case, Consent, ContractVersion, Party, SigningStep
from contracts.states import LIVE_VERSIONS, CaseState, ConsentState, StepState, VersionState

OPEN_CASES = frozenset({CaseState.REGISTERED, CaseState.CONTRACTING})
SEALING = frozenset({VersionState.ALL_SIGNED, VersionState.SEAL_WAITING})
TONES = {
    VersionState.SEAL_WAITING: "warning",
    VersionState.RETURNED: "warning",
    VersionState.CONCLUDED: "success",
    VersionState.DECLINED: "error",
    VersionState.RECALLED: "neutral",
}
CONSENT_STAGES = {
    ConsentState.INVITED: ("承諾書の提出待ち", "info"),
    ConsentState.SUBMITTED: ("承諾書の確認待ち", "info"),
    ConsentState.RETURNED: ("承諾書を差戻し", "warning"),
    ConsentState.ACCEPTED: ("起案待ち", "info"),
}


@dataclass(frozen=True)
class Stage:
    """Where a case stands, in one or two words."""

    label: str
    tone: str


@dataclass(frozen=True)
class Mark:
    """One of the marks along the way: done, now, next or failed."""

    label: str
    state: str
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Chapter:
    """What is going on now and what follows, in the words of the case page."""

    title: str
    text: str
    tone: str = "info"


@dataclass(frozen=True)
class Scene:
    """A case with everything its story needs, read once."""

    case: Case
    consent: Consent | None
    version: ContractVersion | None
    steps: Sequence[SigningStep]

    @property
    def living(self) -> ContractVersion | None:
        """Give the version that is under way or concluded; an ended one no longer counts."""
        version = self.version
        counts = version is not None and (version.state in LIVE_VERSIONS or version.state == VersionState.CONCLUDED)
        return version if counts else None

    @property
    def turn(self) -> SigningStep | None:
        """Give the step whose party is asked to sign, or whose signature is being made."""
        return next((step for step in self.steps if step.state in {StepState.REQUESTED, StepState.INSTRUCTED}), None)


def stage(case: Case, *, consent_state: str | None, version_state: str | None) -> Stage:
    """Say in a word where a case stands."""
    if case.state == CaseState.CONCLUDED:
        return Stage("締結済", "success")
    if case.state == CaseState.PAPER:
        return Stage("紙で契約", "neutral")
    if version_state is not None:
        return Stage(VersionState(version_state).label, TONES.get(VersionState(version_state), "info"))
    if consent_state in CONSENT_STAGES:
        return Stage(*CONSENT_STAGES[ConsentState(consent_state)])
    return Stage("登録済", "info") if case.is_eligible else Stage("電子契約の対象外", "neutral")


def stage_of(scene: Scene) -> Stage:
    """Say in a word where the case of a scene stands."""
    consent, version = scene.consent, scene.version
    return stage(
        scene.case,
        consent_state=consent.state if consent else None,
        version_state=version.state if version else None,
    )


def marks(scene: Scene) -> list[Mark]:
    """Lay out the way from the award to the contract."""
    consent, version = scene.consent, scene.living
    case = scene.case
    way = [Mark("案件の登録", "done", case.registered_by.name, case.registered_at), _consent_mark(consent)]
    if version is None:
        drafting = "now" if consent is not None and consent.state == ConsentState.ACCEPTED else "next"
        way.append(Mark("起案と庁内承認", drafting))
    elif version.approved_by is None:
        way.append(Mark("起案と庁内承認", "now", version.drafted_by.name))
    else:
        way.append(Mark("起案と庁内承認", "done", version.approved_by.name, version.approved_at))
    return [*way, *(_signature_mark(party, scene) for party in Party), _conclusion_mark(version)]


def _consent_mark(consent: Consent | None) -> Mark:
    if consent is None or consent.state != ConsentState.ACCEPTED:
        return Mark("承諾書", "now", "" if consent is None else consent.company_name)
    return Mark("承諾書", "done", consent.authority_name, consent.accepted_at)


def _signature_mark(party: Party, scene: Scene) -> Mark:
    label = f"{party.label}の署名"
    step = next((step for step in scene.steps if step.party == party), None)
    if step is None:
        return Mark(label, "next")
    if step.state == StepState.DECLINED:
        return Mark(label, "failed", step.name)
    if scene.living is None:
        return Mark(label, "next")
    now = step.state in {StepState.REQUESTED, StepState.INSTRUCTED}
    state = "done" if step.state == StepState.SIGNED else "now" if now else "next"
    return Mark(label, state, step.name, step.signed_at)


def _conclusion_mark(version: ContractVersion | None) -> Mark:
    if version is None or version.state not in SEALING | {VersionState.CONCLUDED}:
        return Mark("締結", "next")
    done = version.state == VersionState.CONCLUDED
    return Mark("締結", "done" if done else "now", "", version.fixed_at)


def chapter(scene: Scene, *, actor: Actor) -> Chapter:
    """Tell this person what is going on with the case and what they, or others, do next."""
    case, consent, version = scene.case, scene.consent, scene.living
    if case.state == CaseState.PAPER:
        return Chapter(
            "紙で契約しました", "電子契約の手続きはありません。保証の登録は、このページで続けられます。", "success"
        )
    if version is not None:
        return _contract_chapter(scene, version, actor)
    if not case.is_eligible:
        return Chapter("電子契約の対象外です", "紙の契約書で契約を結び、契約日を記録してください。", "warning")
    if consent is None:
        return Chapter(
            "承諾書の提出を依頼してください", f"{case.contractor.name}へ、様式第1号の入力をお願いするメールを送ります。"
        )
    if consent.state == ConsentState.ACCEPTED:
        return _drafting_chapter(scene.version)
    return _consent_chapter(consent, case)


def _consent_chapter(consent: Consent, case: Case) -> Chapter:
    firm = case.contractor.name
    if consent.state == ConsentState.SUBMITTED:
        return Chapter(
            "承諾書が届きました", "内容を確認してください。承諾を確認すると、契約書を起案できるようになります。"
        )
    if consent.state == ConsentState.RETURNED:
        return Chapter(
            "承諾書の再提出を待っています", f"{firm}へ差し戻しました。理由: {consent.return_reason}", "warning"
        )
    return Chapter(
        "承諾書の提出を待っています", f"{firm}へ依頼のメールを送りました。届いたら、担当者にメールでお知らせします。"
    )


def _drafting_chapter(ended: ContractVersion | None) -> Chapter:
    then = "契約書を作り、文書をそろえて、庁内の承認へ進みます。"
    if ended is None:
        return Chapter("契約書を起案してください", f"承諾を確認しました。{then}")
    reason = f"第{ended.number}版は{ended.get_state_display()}となりました。理由: {ended.end_reason}"
    return Chapter("契約書をもう一度起案してください", f"{reason}　{then}", "warning")


def _contract_chapter(scene: Scene, version: ContractVersion, actor: Actor) -> Chapter:
    if version.state == VersionState.DRAFT:
        return Chapter("文書をそろえてください", "仕様書などを加え、内容を確かめたら、庁内の承認を依頼します。")
    if version.state == VersionState.RETURNED:
        return Chapter(
            "起案が差し戻されました",
            f"理由: {version.return_reason}　直したら、もう一度承認を依頼してください。",
            "warning",
        )
    if version.state == VersionState.IN_APPROVAL:
        return _approval_chapter(version, actor)
    if version.state == VersionState.SENT:
        return _signing_chapter(scene.turn, actor)
    if version.state == VersionState.SEAL_WAITING:
        text = f"理由: {version.waiting_reason}　自動で繰り返します。操作は要りません。"
        return Chapter("署名はそろいましたが、封印を待っています", text, "warning")
    if version.state == VersionState.ALL_SIGNED:
        return Chapter(
            "電子署名とタイムスタンプを付けています", "すべての文書を検証し終えると、締結です。操作は要りません。"
        )
    return Chapter(
        "締結しました", "両者へ「電子署名完了のお知らせ」を送りました。文書はいつでもここから読めます。", "success"
    )


def _approval_chapter(version: ContractVersion, actor: Actor) -> Chapter:
    if permissions.can_approve(actor, version):
        text = "文書の内容を確認してください。承認すると、受注者へ署名依頼のメールが送られます。"
        return Chapter("あなたの承認を待っています", text)
    who = "起案した本人は承認できません。" if version.drafted_by_id == actor.user_id else ""
    return Chapter(
        "庁内の承認を待っています", f"承認者にメールでお知らせしました。{who}承認されると、受注者へ署名を依頼します。"
    )


def _signing_chapter(step: SigningStep | None, actor: Actor) -> Chapter:
    if step is None or step.state == StepState.INSTRUCTED:
        return Chapter("電子署名とタイムスタンプを付けています", "終わると自動で次へ進みます。操作は要りません。")
    if permissions.can_sign(actor, step):
        return Chapter("あなたの署名の番です", "受注者の署名が済みました。文書を確認して、署名してください。")
    opened = "確認を始めています。" if step.opened_at else "まだ確認を始めていません。"
    return Chapter(
        f"{step.get_party_display()}（{step.name} 様）の署名を待っています", f"依頼のメールを送りました。{opened}"
    )


def allowed(scene: Scene, *, actor: Actor) -> dict[str, bool]:
    """Say which of the case page's buttons this person may press now."""
    case, consent, living = scene.case, scene.consent, scene.living
    is_open = case.state in OPEN_CASES
    may_register = permissions.can_register(actor)
    accepted = consent is not None and consent.state == ConsentState.ACCEPTED
    invitable = consent is None or consent.state in {ConsentState.INVITED, ConsentState.RETURNED}
    can = {
        "invite": may_register and is_open and case.is_eligible and invitable,
        "accept": consent is not None and permissions.can_accept_consent(actor, consent),
        "draft": permissions.can_draft(actor, case) and accepted and living is None,
        "paper": permissions.can_switch_to_paper(actor, case) and (living is None or living.state not in SEALING),
        "sign": scene.turn is not None and permissions.can_sign(actor, scene.turn),
        "log": permissions.can_read_log(actor),
    }
    return can | _allowed_on(living, scene=scene, actor=actor)


def _allowed_on(version: ContractVersion | None, *, scene: Scene, actor: Actor) -> dict[str, bool]:
    if version is None:
        return {}
    sealing_now = scene.turn is not None and scene.turn.state == StepState.INSTRUCTED
    return {
        "edit": permissions.can_edit(actor, version),
        "approve": permissions.can_approve(actor, version),
        "return": permissions.may_approve(actor) and version.state == VersionState.IN_APPROVAL,
        "recall": permissions.can_recall(actor, version) and not sealing_now,
        "reissue": permissions.can_reissue(actor, version),
        "download": permissions.can_download(actor, version),
    }

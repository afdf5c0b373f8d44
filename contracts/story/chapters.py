"""What is going on with a case now, and what follows, in the words of the case page."""

from dataclasses import dataclass, replace

from accounts.actors import Actor
from contracts import permissions
from contracts.dates import wareki
from contracts.models import Consent, Contract, ContractVersion, SigningStep, StepKind
from contracts.states import CaseState, ConsentState, ContractState, StepState, VersionState
from contracts.story.scene import Scene, Turn


@dataclass(frozen=True)
class Chapter:
    """What is going on now and what follows, in the words of the case page."""

    title: str
    text: str
    tone: str = "info"


def chapter(scene: Scene, *, actor: Actor) -> Chapter:
    """Tell this person what is going on with the case and what they, or others, do next."""
    if scene.case.state == CaseState.PAPER:
        text = "電子契約の手続きはありません。保証の登録は、このページで続けられます。"
        return Chapter("紙で契約しました", text, "success")
    version = scene.living
    if version is not None:
        told = _contract_chapter(scene, version, actor)
        return told if version.contract.is_original else _about(version.contract, told)
    if scene.version is not None and not scene.version.contract.is_original:
        return _unchanged_chapter(scene.version)
    return _beginning(scene)


def _about(contract: Contract, told: Chapter) -> Chapter:
    return replace(told, title=f"{contract.label}：{told.title}")


def _beginning(scene: Scene) -> Chapter:
    if not scene.case.is_eligible:
        return Chapter("電子契約の対象外です", "紙の契約書で契約を結び、契約日を記録してください。", "warning")
    if scene.all_consented:
        return _drafting_chapter(scene.version)
    withdrawn = next((consent for consent in scene.consents if consent.state == ConsentState.WITHDRAWN), None)
    if withdrawn is not None:
        return _withdrawn_chapter(withdrawn)
    if scene.unasked:
        names = "、".join(firm.full_name for firm in scene.unasked)
        text = f"{names}へ、様式第1号の入力をお願いするメールを送ります。"
        return Chapter("承諾書の提出を依頼してください", text)
    return _consent_chapter(scene)


def _withdrawn_chapter(consent: Consent) -> Chapter:
    text = (
        f"{consent.contractor.full_name}が電子契約の承諾を撤回しました。理由: {consent.withdrawal_reason}　"
        "紙の契約に切り替えるか、もう一度承諾書の提出を依頼してください。"
    )
    return Chapter("承諾が撤回されました", text, "warning")


def _consent_chapter(scene: Scene) -> Chapter:
    waiting = [consent for consent in scene.consents if consent.state != ConsentState.ACCEPTED]
    firms = "、".join(consent.contractor.full_name for consent in waiting)
    if any(consent.address_confirmed_at is None for consent in scene.submitted):
        return Chapter(
            "承諾書が届きました。宛先の確認を待っています",
            "契約締結権限者のメールアドレスへ確認のメールを送りました。答えが届くと、承諾を確認できます。",
        )
    if scene.submitted:
        return Chapter(
            "承諾書が届きました", "内容を確認してください。承諾を確認すると、契約書を起案できるようになります。"
        )
    returned = next((consent for consent in waiting if consent.state == ConsentState.RETURNED), None)
    if returned is not None:
        text = f"{returned.contractor.full_name}へ差し戻しました。理由: {returned.return_reason}"
        return Chapter("承諾書の再提出を待っています", text, "warning")
    return Chapter(
        "承諾書の提出を待っています", f"{firms}へ依頼のメールを送りました。届いたら、担当者にメールでお知らせします。"
    )


def _drafting_chapter(ended: ContractVersion | None) -> Chapter:
    if ended is None:
        text = "承諾を確認しました。契約の条件を入力し、文書をそろえて、庁内の承認へ進みます。"
        return Chapter("契約書を起案してください", text)
    text = f"{_how_it_ended(ended)}　入力した条件と加えた文書を引き継いで、起案し直せます。"
    return Chapter("契約書をもう一度起案してください", text, "warning")


def _unchanged_chapter(ended: ContractVersion) -> Chapter:
    text = f"{_how_it_ended(ended)}　契約は前の内容のまま有効です。内容を引き継いで起案し直すか、取りやめられます。"
    return Chapter(f"{ended.contract.label}は{ended.get_state_display()}となりました", text, "warning")


def _how_it_ended(version: ContractVersion) -> str:
    # 起案を取り止めるのに、理由は要らない。
    ended = f"第{version.number}版は{version.get_state_display()}となりました。"
    return f"{ended}理由: {version.end_reason}" if version.end_reason else ended


def _contract_chapter(scene: Scene, version: ContractVersion, actor: Actor) -> Chapter:
    if version.state == VersionState.DRAFT:
        text = "条件を入力し、仕様書などを加え、内容を確かめたら、庁内の承認を依頼します。"
        return Chapter("契約の条件と文書をそろえてください", text)
    if version.state == VersionState.IN_APPROVAL:
        return _approval_chapter(scene.approval, version, actor)
    if version.state == VersionState.SENT:
        return _signing_chapter(scene, actor)
    if version.state == VersionState.SEAL_WAITING:
        text = f"理由: {version.waiting_reason}　自動で繰り返します。操作は要りません。"
        return Chapter("署名はそろいましたが、封印を待っています", text, "warning")
    if version.state == VersionState.ALL_SIGNED:
        return Chapter(
            "電子署名とタイムスタンプを付けています", "すべての文書を検証し終えると、締結です。操作は要りません。"
        )
    return _concluded_chapter(version.contract)


def _concluded_chapter(contract: Contract) -> Chapter:
    if contract.state == ContractState.COUNCIL_PENDING:
        day = contract.council_planned_date
        planned = f"議決の予定日は{wareki(day)}です。" if day else ""
        text = f"{planned}可決されると、その日に本契約が成立します。改めて署名する必要はありません。"
        return Chapter("仮契約を締結しました。議会の議決を待っています", text)
    if contract.state == ContractState.LAPSED:
        return Chapter("議会で否決され、契約は成立しませんでした", "両者へお知らせしました。", "error")
    text = "両者へ「電子署名完了のお知らせ」を送りました。文書はいつでもここから読めます。"
    return Chapter("締結しました", text, "success")


def _approval_chapter(turn: Turn | None, version: ContractVersion, actor: Actor) -> Chapter:
    if turn is None:
        return Chapter("庁内の承認を待っています", "承認者にメールでお知らせしました。")
    if turn.mine:
        kind = turn.step.get_kind_display()
        text = "文書の内容を確かめてください。すべての段が済むと、受注者へ署名依頼のメールが送られます。"
        return Chapter(f"あなたの{kind}を待っています", text)
    count = f"（{turn.step.need}人のうち{turn.passed}人が済み）" if turn.step.need > 1 else ""
    who = "起案した本人は承認できません。" if version.drafted_by_id == actor.user_id else ""
    return Chapter(
        f"庁内の承認を待っています：{turn.step.label}{count}",
        f"決裁する人にメールでお知らせしました。{who}すべての段が済むと、受注者へ署名を依頼します。",
    )


def _code_chapter(step: SigningStep) -> Chapter:
    why = "入力の誤りが5回になり、コードが止まりました。" if step.access_code else "依頼のメールを送りました。"
    text = f"{why}{step.name} 様に、署名のときに尋ねるアクセスコードを、メールとは別に伝えてください。"
    return Chapter("アクセスコードを伝えてください", text, "warning")


def _signing_chapter(scene: Scene, actor: Actor) -> Chapter:
    step, change = scene.turn, scene.change
    if change is not None:
        text = (
            f"{change.asked_by} 様から、{change.title} {change.name} 様が署名するよう変えたいとの申出がありました。"
            "答えるまでは、いまの署名者も署名できます。"
        )
        return Chapter("署名する人の変更の申出が届いています", text, "warning")
    if step is None or step.state == StepState.INSTRUCTED:
        return Chapter("電子署名とタイムスタンプを付けています", "終わると自動で次へ進みます。操作は要りません。")
    if permissions.can_sign(actor, step):
        return Chapter("あなたの署名の番です", "受注者の署名が済みました。文書を確認して、署名してください。")
    if step.lacks_code:
        return _code_chapter(step)
    what = "確認" if step.kind == StepKind.CONFIRM else "署名"
    opened = "確認を始めています。" if step.opened_at else "まだ確認を始めていません。"
    return Chapter(
        f"{step.get_party_display()}（{step.name} 様）の{what}を待っています", f"依頼のメールを送りました。{opened}"
    )

"""Codes beside the mail's link: an アクセスコード that the city tells by another way, a ワンタイムコード by mail.

The code itself is shown once or mailed once, and kept only as a hash. A wrong try is an answer, not a refusal: it is
counted in the transaction that the page commits.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import dates, messages, passcodes, permissions
from contracts.models import AccessLink, CodeProof, SigningCode, SigningLevel, SigningStep
from contracts.services import evidence

ONE_TIME_LIFE = timedelta(minutes=10)
SENDING_SPAN, MOST_SENT = timedelta(hours=1), 5


class CodeRefused(Refusal):
    """A code cannot be made, sent or tried now."""


def living(step: SigningStep) -> SigningCode | None:
    """Find the code of a step that was made last and not replaced or used since; it may be locked or have run out."""
    rows = SigningCode.unscoped.filter(step=step, revoked_at__isnull=True, used_at__isnull=True)
    return rows.first()  # type: ignore[no-any-return]


@transaction.atomic
def issue(step: SigningStep, *, actor: Actor, at: datetime, conveyed: str, instead_of: int | None) -> str:
    """Make the アクセスコード of a step and return it, to be shown once; the older one and what it proved die.

    `instead_of` is the living code that the page showed: pressing twice makes one code. `conveyed` says how the code
    reaches the signer (「電話 0942-…」). Raises CodeRefused when the step asks for no such code or another was made
    meanwhile.
    """
    version = lock(step.version)
    step = lock(step)
    doors.check(permissions.can_make_code, actor, step)
    if not conveyed.strip():
        raise CodeRefused("アクセスコードの伝え方を選んでください。")
    before = living(step)
    if (before.pk if before else None) != instead_of:
        raise CodeRefused(
            "このアクセスコードは、すでに作り直されています。画面を開き直し、伝えたコードかどうかをご確認ください。"
        )
    assert version.expires_at is not None  # noqa: S101 - 署名依頼中の行に必ずある（制約 sent_version_has_an_end）
    if at >= version.expires_at:
        raise CodeRefused("署名の期限を過ぎたため、アクセスコードは作れません。")
    revoke_of_step(step, at=at)
    code = passcodes.access_code()
    SigningCode.unscoped.create(
        tenant_id=step.tenant_id,
        step=step,
        kind=SigningLevel.ACCESS_CODE,
        code_hash=passcodes.kept(code, salt=str(step.pk)),
        made_at=at,
        made_by_id=actor.user_id,
        conveyed=conveyed.strip(),
        expires_at=version.expires_at,
    )
    _record("code.made", step, actor=actor, at=at, to=f"{step.name}（{conveyed.strip()}）", again=before is not None)
    return code


@transaction.atomic
def send(step: SigningStep, *, actor: Actor, at: datetime) -> SigningCode:
    """Mail a fresh ワンタイムコード to the second address of the firm; the older one dies.

    Raises CodeRefused when it is not this signer's turn, or too many were sent within the hour.
    """
    step = lock(step)
    link = link_of(step, actor=actor, at=at)
    if step.level != SigningLevel.ONE_TIME_CODE:
        raise CodeRefused("この署名には、ワンタイムコードは要りません。")
    _check_sendings(step, at=at)
    rows = SigningCode.unscoped.filter(step=step, revoked_at__isnull=True, used_at__isnull=True)
    rows.update(revoked_at=at)
    code = passcodes.one_time_code()
    made: SigningCode = SigningCode.unscoped.create(
        tenant_id=step.tenant_id,
        step=step,
        link=link,
        kind=SigningLevel.ONE_TIME_CODE,
        code_hash=passcodes.kept(code, salt=str(step.pk)),
        made_at=at,
        sent_to=step.second_email,
        expires_at=at + ONE_TIME_LIFE,
    )
    messages.one_time_code(made, code=passcodes.grouped(code), at=at)
    _record("code.sent", step, actor=actor, at=at, to=step.second_email)
    return made


def _check_sendings(step: SigningStep, *, at: datetime) -> None:
    sent = SigningCode.unscoped.filter(step=step, made_at__gt=at - SENDING_SPAN).order_by("made_at")
    moments = list(sent.values_list("made_at", flat=True))
    if len(moments) >= MOST_SENT:
        free_at = moments[-MOST_SENT] + SENDING_SPAN
        words = _(
            "ワンタイムコードを送れるのは、1時間に%(most)s回までです。%(moment)sを過ぎてから、もう一度お送りください。"
        )
        raise CodeRefused(words % {"most": MOST_SENT, "moment": dates.said_to_the_minute(free_at)})


@transaction.atomic
def enter(step: SigningStep, *, actor: Actor, at: datetime, code: str) -> CodeProof | None:
    """Try a code (as passcodes.plain gives it); None when it was wrong, which is counted and may lock the code.

    Raises CodeRefused when there is nothing to try: no code yet, locked, run out, or not this signer's turn.
    """
    step = lock(step)
    link = link_of(step, actor=actor, at=at)
    found = living(step)
    if found is None or not found.is_live(at=at) or found.link_id not in {None, link.pk}:
        raise CodeRefused(_("入力できるコードがありません。%(what)s") % {"what": _(what_to_do(step))})
    if not passcodes.matches(code, salt=str(step.pk), stored=found.code_hash):
        _count(found, actor=actor, at=at)
        return None
    if found.kind == SigningLevel.ONE_TIME_CODE:
        found.used_at = at
        found.save(update_fields=["used_at"])
    proof: CodeProof = CodeProof.unscoped.create(
        tenant_id=step.tenant_id, step=step, link=link, code=found, proved_at=at
    )
    _record("code.accepted", step, actor=actor, at=at, title=found.get_kind_display(), user_agent=actor.user_agent)
    return proof


def what_to_do(step: SigningStep) -> str:
    """Say how a signer gets a code that can be typed."""
    if step.level == SigningLevel.ONE_TIME_CODE:
        return "ワンタイムコードを送り直してください。"
    return "依頼元の担当課に、アクセスコードの発行をご依頼ください。"


def _count(code: SigningCode, *, actor: Actor, at: datetime) -> None:
    # 案を並べて同時に試しても数え落とさない。呼び出し元が署名の順番の行に錠をかけている。
    code.wrong_tries += 1
    code.save(update_fields=["wrong_tries"])
    told = {"title": f"{code.get_kind_display()}（{code.wrong_tries}回目）", "user_agent": actor.user_agent}
    _record("code.refused", code.step, actor=actor, at=at, **told)
    if code.is_locked:
        _record("code.locked", code.step, actor=actor, at=at, title=code.get_kind_display())


def link_of(step: SigningStep, *, actor: Actor, at: datetime) -> AccessLink:
    """Find the living link by which a signer came; raises CodeRefused when it is not their turn or the link is dead."""
    link = AccessLink.unscoped.filter(pk=actor.link_id, step=step).first()
    if link is None or not link.is_live(at=at) or not permissions.can_sign(actor, step):
        raise CodeRefused("この署名依頼は、今は手続きできません。依頼元にご確認ください。")
    return link  # type: ignore[no-any-return]


def revoke_of_step(step: SigningStep, *, at: datetime) -> None:
    """Kill the codes of a step, and with them what they proved."""
    SigningCode.unscoped.filter(step=step, revoked_at__isnull=True).update(revoked_at=at)


def _record(action: str, step: SigningStep, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(action, step.version.case, subject=f"step:{step.pk}", actor=actor, at=at, **data)

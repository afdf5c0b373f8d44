"""Whether a signer has shown, beside the link, what the step asks for: before anything is read, and when signing."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts.models import AccessLink, CodeProof, SigningLevel, SigningStep

# 署名の指示には、この長さより新しい入力を求める
FRESH = timedelta(minutes=60)


class ProofMissing(Refusal):
    """The signer has not given the code that the step asks for, or gave it too long ago."""


def proof_of(step: SigningStep, *, actor: Actor, proof_id: int | None) -> CodeProof | None:
    """Find what a browser proved for a step behind the asker's link; a code that was replaced proves nothing."""
    rows = CodeProof.unscoped.filter(pk=proof_id, step=step, link_id=actor.link_id, code__revoked_at__isnull=True)
    return rows.select_related("code").first()  # type: ignore[no-any-return]


def may_read(step: SigningStep, *, actor: Actor, proof_id: int | None) -> bool:
    """Tell whether this browser may be shown what is to be signed."""
    return step.level == SigningLevel.LINK or proof_of(step, actor=actor, proof_id=proof_id) is not None


def may_decide(step: SigningStep, *, actor: Actor, at: datetime, proof_id: int | None) -> bool:
    """Tell whether this browser proved its signer recently enough to sign."""
    if step.level == SigningLevel.LINK:
        return True
    proof = proof_of(step, actor=actor, proof_id=proof_id)
    return proof is not None and at - proof.proved_at <= FRESH


def check(step: SigningStep, *, actor: Actor, at: datetime, proof_id: int | None) -> str:
    """Refuse whoever lacks the fresh proof that a step asks for; return how the signer was known beside the link.

    Raises ProofMissing; also when the link was revoked or has run out since.
    """
    if step.level == SigningLevel.LINK:
        return ""
    link = AccessLink.unscoped.filter(pk=actor.link_id, step=step).first()
    if link is None or not link.is_live(at=at) or not may_decide(step, actor=actor, at=at, proof_id=proof_id):
        raise ProofMissing(
            "コードの入力から60分がたったか、コードが作り直されています。メールのリンクから開き直し、もう一度入力してください。"
        )
    proof = proof_of(step, actor=actor, proof_id=proof_id)
    assert proof is not None  # noqa: S101 - may_decide が確かめた
    if step.level == SigningLevel.ONE_TIME_CODE:
        return "ワンタイムコード（第二の宛先に送信）"
    return f"アクセスコード（{proof.code.conveyed}で伝達）"

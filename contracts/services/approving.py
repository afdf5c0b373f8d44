"""Approve inside the city, and send the request for signature; or send the draft back."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import ContractVersion, Revision
from contracts.services import evidence, signing
from contracts.states import VersionState


class ApprovalRefused(Refusal):
    """The draft cannot be approved or returned this way."""


@transaction.atomic
def approve(version: ContractVersion, *, actor: Actor, at: datetime) -> ContractVersion:
    """Approve a draft as the second person and send the contractor the request for signature (R58)."""
    version = lock(version)
    if version.drafted_by_id == actor.user_id:
        raise ApprovalRefused("起案した本人は承認できません。別の承認者に依頼してください。")
    doors.check(permissions.may_approve, actor)
    version.move_to(VersionState.SENT)
    version.approved_by_id, version.approved_at, version.sent_at = actor.user_id, at, at
    version.save(update_fields=["state", "approved_by", "approved_at", "sent_at"])
    signing.request_next(version, at=at)
    hashes = Revision.unscoped.filter(document__version=version, number=0).order_by("document__order")
    evidence.record(
        "contract.sent",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        documents=list(hashes.values_list("sha256", flat=True)),
    )
    return version


@transaction.atomic
def return_(version: ContractVersion, *, actor: Actor, at: datetime, reason: str) -> ContractVersion:
    """Send a draft back to its drafter with the reason."""
    version = lock(version)
    doors.check(permissions.may_approve, actor)
    if not reason.strip():
        raise ApprovalRefused("差戻しの理由を入力してください。")
    version.move_to(VersionState.RETURNED)
    version.return_reason = reason.strip()
    version.save(update_fields=["state", "return_reason"])
    messages.draft_returned(version, at=at)
    evidence.record(
        "contract.returned",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        reason=version.return_reason,
    )
    return version

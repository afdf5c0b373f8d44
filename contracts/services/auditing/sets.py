"""Keep drawn sets for the auditors, and what was found in each of their contracts."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import permissions
from contracts.archive import drawing
from contracts.archive.drawing import Draw
from contracts.models import AuditItem, AuditMark, AuditSet, DrawRule
from contracts.services import evidence
from contracts.services.auditing.exporting import THREAD


@transaction.atomic
def keep(draw: Draw, *, name: str, question: str, rule: DrawRule, told: str, actor: Actor, at: datetime) -> AuditSet:
    """Draw a set and keep it under a name, for everyone who reads the archive of the city.

    `question` is the address that draws the same set again. Raises Refusal when the name is taken or nothing is drawn.
    """
    doors.check(permissions.can_keep_audit_sets, actor)
    if AuditSet.unscoped.filter(tenant_id=actor.tenant_id, name=name).exists():
        raise Refusal(f"「{name}」という抽出は、すでにあります。別の名前を付けてください。")
    entries = drawing.entries(drawing.drawn(draw, actor=actor), actor=actor)
    if not entries:
        raise Refusal("当てはまる契約がないため、保存できません。")
    made: AuditSet = AuditSet.unscoped.create(
        tenant_id=actor.tenant_id,
        name=name,
        question=question,
        rule=rule,
        told=told,
        size=len(entries),
        made_by_id=actor.user_id,
        made_at=at,
    )
    AuditItem.unscoped.bulk_create(
        AuditItem(tenant_id=actor.tenant_id, set=made, order=order, entry=entry)
        for order, entry in enumerate(entries, start=1)
    )
    about = {"name": name, "told": told, "size": len(entries), "question": question}
    evidence.record_in(THREAD, "audit_set.kept", subject=f"audit_set:{made.pk}", actor=actor, at=at, **about)
    return made


@transaction.atomic
def mark(item: AuditItem, *, is_checked: bool, remark: str, actor: Actor, at: datetime) -> AuditMark:
    """Say of a drawn contract that it was checked, or what was found; what was said before stays.

    Raises Refusal when nothing is said.
    """
    doors.check(permissions.can_keep_audit_sets, actor)
    if not (is_checked or remark):
        raise Refusal("「確認済」に印を付けるか、所見を入力してください。")
    made: AuditMark = AuditMark.unscoped.create(
        tenant_id=item.tenant_id,
        item=item,
        is_checked=is_checked,
        remark=remark,
        made_by_id=actor.user_id,
        made_at=at,
    )
    said = {"order": item.order, "is_checked": is_checked, "remark": remark}
    evidence.record_in(THREAD, "audit_set.marked", subject=f"audit_set:{item.set_id}", actor=actor, at=at, **said)
    return made

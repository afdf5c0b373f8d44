"""Replace the list of orderers who take electronic guarantees."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts.dates import day_in_japan
from contracts.permissions import can_administer
from contracts.services import evidence
from guarantees.models import AdoptionRecord
from guarantees.reports.adopters import Adopter


class AdoptersRefused(Refusal):
    """The list cannot be taken."""


@transaction.atomic
def replace(city: Organization, *, actor: Actor, at: datetime, as_of_date: date, adopters: Sequence[Adopter]) -> int:
    """Put a newer list in place of the one before, whole (R98); return how many orderers it names.

    Raises AdoptersRefused when the list is dated after today (JST).
    """
    doors.check(can_administer, actor)
    if as_of_date > day_in_japan(at):
        raise AdoptersRefused("一覧の現在日が、きょうより後になっています。一覧に書かれた日をご確認ください。")
    # 二人が同時に入れ替えても、待ち合って、後の一覧が残る。
    lock(city)
    AdoptionRecord.objects.visible_to(actor).delete()
    AdoptionRecord.unscoped.bulk_create(
        AdoptionRecord(
            tenant_id=actor.tenant_id,
            kind=each.kind,
            area=each.area,
            orderer=each.orderer,
            started_month=each.started_month,
            unsure=each.unsure,
            as_of_date=as_of_date,
        )
        for each in adopters
    )
    evidence.record_in(
        "city",
        "adopters.replaced",
        subject="adopters",
        actor=actor,
        at=at,
        as_of_date=as_of_date.isoformat(),
        rows=len(adopters),
    )
    return len(adopters)

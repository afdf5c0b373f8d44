"""Tell at once whoever answers for the records that something in them does not hold."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts import roles, tenancy
from accounts.models import Organization, OrganizationKind, Role
from contracts import messages
from contracts.models import RecordCheck

logger = logging.getLogger(__name__)
MOST_TOLD = 5
ANCHORS = "操作記録の錨"


def tell(check: RecordCheck, *, at: datetime) -> None:
    """Mail the administrators of the city in view and the operators what a check has found."""
    found = [(each["where"], each["what"]) for each in check.found]
    _tell(check.tenant, found, count=check.flaws, administrators=True, at=at)


def tell_of_anchors(why: str, *, at: datetime) -> None:
    """Mail the operators, in the name of the first city, that an anchor of all cities' journals does not hold."""
    logger.error("the anchors do not hold: %s", why)
    city = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk").first()
    if city is not None:
        with tenancy.acting_for(city.pk):
            _tell(city, [(ANCHORS, why)], count=1, administrators=False, at=at)


def _tell(
    city: Organization, found: Sequence[tuple[str, str]], *, count: int, administrators: bool, at: datetime
) -> None:
    logger.error("the records of %s do not hold: %d flaws", city.slug, count)
    people = dict.fromkeys(settings.OPERATORS, "運用の担当者")
    if administrators:
        holders = roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at))
        people |= {user.email: user.name for user in holders}
    # 同じことが続く間、毎晩は知らせない。新しいことが見つかれば、すぐに知らせる
    mark = hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()[:16]
    told = [f"{where}: {what}" for where, what in found[:MOST_TOLD]]
    for to, name in people.items():
        messages.records_broken(city, to=to, name=name, count=count, told=told, mark=mark, at=at)

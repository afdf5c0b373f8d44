"""Tell once a month, as long as it lasts, that evidence could not be renewed however often it was tried."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from accounts import roles, tenancy
from accounts.models import Organization, OrganizationKind, Role
from contracts import messages
from contracts.models import Renewal

# 一時の不調では知らせない。ここまでの試しには、一時間あまりかかる
PATIENCE = 5
MOST_REASONS = 3


def watch(*, at: datetime) -> None:
    """Look at every city's renewals; tell its administrators, and the operators of the first that has trouble.

    The outbox takes the same mail once a month.
    """
    others = dict.fromkeys(settings.OPERATORS, "運用の担当者")
    for city in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug"):
        with tenancy.acting_for(city.pk):
            if _tell(city, others=others, at=at):
                others = {}  # 運用の担当者には、市がいくつあっても一通


def _tell(city: Organization, *, others: dict[str, str], at: datetime) -> bool:
    """Mail whoever can help, if the city in view has documents that could not be renewed."""
    failing = Renewal.unscoped.filter(failures__gte=PATIENCE).exclude(last_error="")
    found = failing.aggregate(documents=Count("pk"), first_end=Min("evidence_until"))
    if not found["documents"]:
        return False
    often = Counter(dict(failing.order_by().values_list("last_error").annotate(n=Count("pk"))))
    reasons = [reason for reason, _count in often.most_common(MOST_REASONS)]
    administrators = roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at))
    for to, name in (others | {user.email: user.name for user in administrators}).items():
        messages.renewal_held(city, to=to, name=name, reasons=reasons, at=at, **found)
    return True

"""The doorbell of the outbox. Every task takes more keywords than it knows: a newer version may have rung."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization, OrganizationKind
from accounts.tenancy import acting_for
from notifications.delivery import deliver, due

# 掃除の鈴は、この秒数より待たされたら捨てる。次の掃除がまた鳴らすので、混雑時に鈴だけが溜まることがない。
BELL_SECONDS = 30


@shared_task(ignore_result=True)
def send_delivery(*, delivery_id: int, tenant_id: int, **_: Any) -> None:
    deliver(delivery_id=delivery_id, tenant_id=tenant_id, at=timezone.now())


@shared_task(ignore_result=True)
def sweep_deliveries(**_: Any) -> None:
    """Ring again for every mail whose time has come, in every municipality."""
    at = timezone.now()
    cities = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk")
    for tenant_id in cities.values_list("pk", flat=True):
        with acting_for(tenant_id):
            waiting = due(tenant_id=tenant_id, at=at)
        for delivery_id in waiting:
            send_delivery.apply_async(kwargs={"delivery_id": delivery_id, "tenant_id": tenant_id}, expires=BELL_SECONDS)

"""The doorbell: tasks carry ids, find the row, call one service. Sweeps ring again for rows left waiting."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from contracts.models import ContractVersion
from contracts.services import concluding, sealing
from signing import setup

logger = logging.getLogger(__name__)


def ring_sealing(*, job_id: int, tenant_id: int) -> None:
    """Ring for a sealing job; when the bell is broken, the sweep finds the row."""
    _ring(seal_document, job_id=job_id, tenant_id=tenant_id)


def ring_conclusion(*, version_id: int, tenant_id: int) -> None:
    """Ring for a conclusion; when the bell is broken, the sweep finds the row."""
    _ring(conclude_version, version_id=version_id, tenant_id=tenant_id)


def _ring(task: Any, **ids: int) -> None:
    try:
        task.delay(**ids)
    except OperationalError:
        logger.warning("the queue is unreachable; the sweep will ring for %s", ids)


@shared_task
def seal_document(*, job_id: int, tenant_id: int, **_later: object) -> None:
    """Seal one document for one signing step."""
    sealing.seal(job_id=job_id, tenant_id=tenant_id, at=timezone.now(), sealer=setup.sealer())


@shared_task
def conclude_version(*, version_id: int, tenant_id: int, **_later: object) -> None:
    """Verify and conclude one fully signed version."""
    with tenancy.acting_for(tenant_id):
        version = ContractVersion.unscoped.get(pk=version_id)
        concluding.conclude(version, at=timezone.now(), trust=setup.trust())


@shared_task
def sweep(**_later: object) -> None:
    """Ring again for every sealing job and conclusion that nobody works on."""
    for tenant_id in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).values_list("pk", flat=True):
        with tenancy.acting_for(tenant_id):
            jobs, versions = sealing.waiting_jobs(at=timezone.now()), concluding.waiting_versions()
        for job_id in jobs:
            ring_sealing(job_id=job_id, tenant_id=tenant_id)
        for version_id in versions:
            ring_conclusion(version_id=version_id, tenant_id=tenant_id)

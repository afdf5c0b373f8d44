"""The doorbell: tasks carry ids, find the row, call one service. Sweeps ring again for rows left waiting."""

from celery import shared_task
from django.utils import timezone

from accounts import doorbell, tenancy
from accounts.models import Organization, OrganizationKind
from contracts.models import ContractVersion
from contracts.services.signatures import concluding, ending, sealing
from signing import setup


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
def expire_version(*, version_id: int, tenant_id: int, **_later: object) -> None:
    """End one request whose time to sign is over."""
    with tenancy.acting_for(tenant_id):
        ending.expire(ContractVersion.unscoped.get(pk=version_id), at=timezone.now())


@shared_task
def sweep(**_later: object) -> None:
    """Ring again for every sealing job and conclusion that nobody works on, and for requests whose time is over."""
    for tenant_id in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).values_list("pk", flat=True):
        with tenancy.acting_for(tenant_id):
            jobs, versions = sealing.waiting_jobs(at=timezone.now()), concluding.waiting_versions()
            overdue = ending.overdue(at=timezone.now())
        for job_id in jobs:
            doorbell.ring(seal_document, job_id=job_id, tenant_id=tenant_id)
        for version_id in versions:
            doorbell.ring(conclude_version, version_id=version_id, tenant_id=tenant_id)
        for version_id in overdue:
            doorbell.ring(expire_version, version_id=version_id, tenant_id=tenant_id)

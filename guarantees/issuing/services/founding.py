"""A guarantor's own entry: made, and corrected, by whoever runs the installation."""

from datetime import datetime

from django.db import transaction

from accounts import tenancy
from accounts.actors import system
from accounts.models import Organization, OrganizationKind
from contracts.services import evidence
from guarantees.issuing.refusals import IssuingRefused

THREAD = "guarantor"


@transaction.atomic
def keep(*, slug: str, at: datetime, name: str, **facts: str) -> Organization:
    """Enter a guarantor, or correct what its certificates and mails say of it; only what is given changes.

    `facts` are address, mayor_title and mayor_name (who represents it), and help_desk, help_phone, help_hours,
    help_email (its branch). Raises IssuingRefused when the name in addresses belongs to another organization.
    """
    known = Organization.objects.filter(slug=slug).first()
    if known is not None and known.kind != OrganizationKind.GUARANTOR:
        raise IssuingRefused(f"記号「{slug}」は、別の団体が使っています。")
    guarantor = known or Organization(slug=slug, kind=OrganizationKind.GUARANTOR)
    guarantor.name = name
    for field, value in facts.items():
        setattr(guarantor, field, value)
    guarantor.save()
    with tenancy.acting_for(guarantor.pk):
        action = "guarantor.founded" if known is None else "guarantor.corrected"
        subject = f"organization:{guarantor.pk}"
        evidence.record_in(THREAD, action, subject=subject, actor=system(guarantor.pk), at=at, name=name, **facts)
    return guarantor

"""The guarantors whose certificates a new city takes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Organization, OrganizationKind
from guarantees.models import Institution


def add_institutions(city: Organization, facts: Mapping[str, Any], at: datetime) -> None:  # noqa: ARG001
    """Enter the institutions of a rule file's [city] section (R7), each with its organization where we know it."""
    for institution in facts.get("institutions", ()):
        known = Organization.objects.filter(kind=OrganizationKind.GUARANTOR, name=institution["name"]).first()
        Institution.unscoped.create(tenant=city, organization=known, **institution)

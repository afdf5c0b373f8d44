"""Which city's identity provider speaks for an address: told by its domain alone, never by who is registered."""

from dataclasses import dataclass

from django.db import connection

from accounts import roles, tenancy
from accounts.federation.models import IdentityProvider, Stage
from accounts.models import Organization, User

SPEAKERS = "select tenant_id, required from accounts_who_speaks_for(%s)"


@dataclass(frozen=True)
class Speaker:
    """A city whose provider is in use for a domain."""

    city: Organization
    is_required: bool


def speakers(address: str) -> list[Speaker]:
    """List the cities whose provider may speak for the domain of an address, whoever has it."""
    domain = address.strip().rpartition("@")[2].lower()
    with connection.cursor() as cursor:
        cursor.execute(SPEAKERS, [domain])
        found = dict(cursor.fetchall())
    cities = Organization.objects.filter(pk__in=found).order_by("name", "pk")
    return [Speaker(city, found[city.pk]) for city in cities]


def in_use(tenant_id: int) -> IdentityProvider | None:
    """Find the provider that a city uses, in a transaction that sees the city."""
    row: IdentityProvider | None = (
        IdentityProvider.unscoped.filter(tenant_id=tenant_id, stage=Stage.ACTIVE).select_related("tenant").first()
    )
    return row


def required_of(user: User) -> IdentityProvider | None:
    """Find the provider without which this person does not get in; None for the city's keyholder."""
    home = roles.home_of(user)
    if home is None:
        return None
    with tenancy.acting_for(home):
        row = in_use(home)
    return row if row is not None and row.is_required and row.keyholder_id != user.pk else None

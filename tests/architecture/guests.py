"""Whoever comes from elsewhere: from the operator, who has entered a city, or by the city's own identity provider."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts import tenancy, visiting
from accounts.actors import Actor
from accounts.models import (
    FederatedIdentity,
    IdentityProvider,
    Membership,
    Organization,
    OrganizationKind,
    Role,
    User,
    Visit,
)
from contracts.services.integrating import webhooks
from contracts.services.visits import beginning
from tests import factories, passkeys
from tests.stories import Story


def operator(slug: str = "unei", name: str = "むすび運営") -> Organization:
    """Make whoever runs this installation, and act for them."""
    row, _ = Organization.objects.get_or_create(
        slug=slug, defaults={"kind": OrganizationKind.OPERATOR, "name": name, "help_email": "unei@example.jp"}
    )
    tenancy.set_tenant(row.pk)
    return row


def worker(name: str = "運営　太郎", *, slug: str = "unei") -> User:
    """Make someone who works for the operator."""
    house = operator(slug)
    count = Membership.unscoped.filter(tenant=house).count()
    user = User.objects.create_user(email=f"{slug}{count}@operator.example.jp", name=name, password="x")
    Membership.unscoped.create(tenant=house, user=user, role=Role.OPERATOR)
    passkeys.give(user)
    return user


def visit(
    city: Organization, *, by: User | None = None, at: datetime | None = None, hours: float = 1, reason: str = "照会"
) -> Visit:
    """Let someone of the operator into a city that has an administrator, and act for the city again."""
    tenancy.set_tenant(city.pk)
    if not Membership.unscoped.filter(tenant=city, role=Role.ADMINISTRATOR).exists():
        factories.member(city, Role.ADMINISTRATOR)
    person = by or worker()
    made = beginning.begin(
        city, actor=asker(person), at=at or timezone.now(), reason=reason, term=timedelta(hours=hours)
    )
    tenancy.forget()
    tenancy.set_tenant(city.pk)
    return made


def asker(person: User) -> Actor:
    """Make the actor of someone of the operator, and act for the operator, as a request of theirs does."""
    tenancy.set_user(person.pk)
    held = Membership.unscoped.select_related("tenant").get(user=person)
    tenancy.set_tenant(held.tenant_id)
    return factories.actor(person, held.tenant)


def inside(seen: Visit) -> Actor:
    """Make the actor that a visitor is in the city, and act for the city."""
    actor = visiting.guest(asker(seen.visitor), seen)
    tenancy.forget()
    tenancy.set_tenant(seen.tenant_id)
    return actor


def signed_on(city: Organization, user_id: int) -> FederatedIdentity:
    """Let a city use an identity provider, prepare the next one, and know one of its staff by it."""
    at = timezone.now()
    places = {
        "authorization_endpoint": "https://idp.example.jp/authorize",
        "token_endpoint": "https://idp.example.jp/token",
        "jwks_uri": "https://idp.example.jp/keys",
        "by_form": False,
        "names_itself": False,
    }
    told = {"tenant": city, "issuer": "https://idp.example.jp", "client_id": "musubi", "places": places}
    told |= {"domains": [f"{city.slug}.example.jp"], "settled_by_id": user_id, "settled_at": at}
    IdentityProvider.unscoped.create(stage="active", tried_at=at, tried_as="職員", begun_at=at, **told)
    IdentityProvider.unscoped.create(stage="draft", **told)
    identity: FederatedIdentity = FederatedIdentity.unscoped.create(
        tenant=city, user_id=user_id, issuer=told["issuer"], subject="0042", bound_at=at, last_at=at
    )
    return identity


def webhook(story: Story) -> dict[str, int]:
    """Have another system told of events, and send it something."""
    hook = factories.webhook(story.tenant)
    sent = webhooks.test(hook, actor=factories.staff(story.tenant, Role.ADMINISTRATOR), at=timezone.now())
    return {"webhook_id": hook.pk, "message_id": sent.pk}

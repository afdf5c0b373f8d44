"""Who somebody is that a city's provider speaks of: one of this city's own staff, or nobody."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import actors, tenancy
from accounts.federation.models import FederatedIdentity, IdentityProvider
from accounts.federation.saying import Said
from accounts.models import Membership, User
from accounts.refusals import Refusal
from accounts.services import evidence


class Unmatched(Refusal):
    """Nobody of this city is meant; the text is for the city's journal and its administrators."""


def find(provider: IdentityProvider, *, said: Said) -> User:
    """Find the member of the provider's city who is meant; raises Unmatched.

    Whoever came before is known by the provider's own name of them, whatever address they have now; whoever comes
    first, by an address of the city that the provider is sure of.
    """
    bound = _bound(provider).filter(subject=said.subject).select_related("user").first()
    user = bound.user if bound else _by_address(provider, said)
    if not user.is_active:
        raise Unmatched("利用を止めている職員です。")
    if _organizations_of(user) != {provider.tenant_id}:
        # ほかの市の職員や運営者を、この市の認証基盤が名乗らせることはできない
        raise Unmatched("この自治体だけの職員ではありません。")
    return user


def _by_address(provider: IdentityProvider, said: Said) -> User:
    if not said.address:
        raise Unmatched("認証基盤の応答に、メールアドレスがありません。")
    if not said.is_sure:
        raise Unmatched("認証基盤が確かめたメールアドレスではありません。")
    if not provider.speaks_for(said.address):
        raise Unmatched("この認証基盤に認めたドメインのアドレスではありません。")
    members = Membership.unscoped.filter(tenant_id=provider.tenant_id, user__email__iexact=said.address)
    held = members.select_related("user").first()
    if held is None:
        raise Unmatched("このアドレスの職員は、この自治体に登録されていません。")
    user: User = held.user
    if _bound(provider).filter(user=user).exists():
        raise Unmatched("この職員には、認証基盤の別の利用者が結び付いています。")
    return user


def _bound(provider: IdentityProvider) -> Any:
    return FederatedIdentity.unscoped.filter(tenant_id=provider.tenant_id, issuer=provider.issuer)


def _organizations_of(user: User) -> set[int]:
    with tenancy.as_person(user.pk):
        return set(Membership.unscoped.filter(user=user).values_list("tenant_id", flat=True))


@transaction.atomic
def enter(provider: IdentityProvider, *, said: Said, at: datetime, ip: str | None) -> User:
    """Find who is meant and bind them to the provider's name of them; raises Unmatched."""
    user = find(provider, said=said)
    bound, is_new = FederatedIdentity.unscoped.get_or_create(
        tenant_id=provider.tenant_id,
        issuer=provider.issuer,
        subject=said.subject,
        defaults={"user": user, "address": user.email, "bound_at": at, "last_at": at},
    )
    if bound.user_id != user.pk:
        raise Unmatched("この職員には、認証基盤の別の利用者が結び付いています。")
    if not is_new:
        FederatedIdentity.unscoped.filter(pk=bound.pk).update(last_at=at)
        return user
    evidence.record(
        "sign_on.bound",
        actor=_staff(user, provider, ip=ip),
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        person=evidence.about(user),
        issuer=said.issuer,
        known_as=said.subject,
    )
    return user


def _staff(user: User, provider: IdentityProvider, *, ip: str | None) -> actors.Actor:
    return actors.Actor(
        kind=actors.ActorKind.STAFF,
        tenant_id=provider.tenant_id,
        name=user.name,
        email=user.email,
        ip=ip,
        user_id=user.pk,
    )


def refuse(provider: IdentityProvider, *, said: Said, why: str, at: datetime, ip: str | None) -> None:
    """Tell the city's journal whom its provider sent, and why they did not get in."""
    evidence.record(
        "sign_on.refused",
        actor=actors.Actor(kind=actors.ActorKind.SYSTEM, tenant_id=provider.tenant_id, name="むすび", ip=ip),
        at=at,
        thread=evidence.CITY_THREAD,
        subject=f"identity_provider:{provider.pk}",
        address=said.address[:254],
        known_as=said.subject,
        why=why,
    )

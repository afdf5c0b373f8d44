"""Tokens with which the city's other systems ask: made and revoked by administrators, shown once."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts import networks, tenancy
from accounts import permissions as doors
from accounts.actors import Actor, ActorKind
from accounts.models import Membership, Role, User
from accounts.permissions import OUTSIDE
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import ApiToken, Scope
from contracts.models.apitokens import HANDS, LONGEST_LIFE
from contracts.models.links import token_hash
from contracts.services import evidence

PREFIX = "musubi_"
THREAD = "city"
# 使った日時は、この間に一度だけ書く
STALE = timedelta(minutes=5)
WHOSE = "select tenant_id from contracts_whose_token(%s)"


class TokenRefused(Refusal):
    """A token cannot be made this way."""


class MadeBefore(Refusal):
    """The form of this token has arrived already."""


@transaction.atomic
def make(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    owner: User,
    scopes: Iterable[str],
    expires_at: datetime,
    networks: Iterable[str] = (),
    asked_with: UUID | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which nobody can read again.

    `asked_with` is the number printed on the form: the same form makes one token, however often it arrives.
    Raises MadeBefore for one that has arrived, TokenRefused for an owner who holds no role in the city, an unknown
    scope, an end further away than a year, or something that is no network.
    """
    doors.check(permissions.can_administer, actor)
    wanted = [scope.value for scope in Scope if scope in set(scopes)]
    if not wanted:
        raise TokenRefused("使える範囲を一つ以上選んでください。")
    if not at < expires_at <= at + LONGEST_LIFE:
        raise TokenRefused("期限は、きょうから一年のうちで決めてください。")
    if not roles_of(owner, tenant_id=actor.tenant_id, at=at):
        raise TokenRefused("担当の職員には、いま役割のある職員を選んでください。")
    if asked_with is not None and not _is_first(asked_with):
        raise MadeBefore("このトークンは、すでに作りました。")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.unscoped.create(
        tenant_id=actor.tenant_id,
        name=name,
        owner=owner,
        hint=secret[: len(PREFIX) + 5],
        hash=token_hash(secret),
        scopes=wanted,
        networks=read_networks(networks),
        made_by_id=actor.user_id,
        made_at=at,
        expires_at=expires_at,
        asked_with=asked_with,
    )
    _record("token.made", token, actor=actor, at=at, scopes=wanted, networks=token.networks)
    return token, secret


def _is_first(asked_with: UUID) -> bool:
    # 同じ用紙が同時に二つ届いても、後のものは前のものの終わりを待つ
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"token:{asked_with}"])
    return not ApiToken.unscoped.filter(asked_with=asked_with).exists()


def read_networks(written: Iterable[str]) -> list[str]:
    """Read networks as 192.0.2.0/24 or single addresses; raises TokenRefused for anything else."""
    try:
        return networks.read(written)
    except ValueError as unread:
        raise TokenRefused(
            f"接続元「{unread}」は読めません。192.0.2.0/24 のように、一行に一つ書いてください。"
        ) from unread


@transaction.atomic
def revoke(token: ApiToken, *, actor: Actor, at: datetime) -> ApiToken:
    """Take a token back: from now on it opens nothing. A second time changes nothing."""
    doors.check(permissions.can_administer, actor)
    token = lock(token)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        _record("token.revoked", token, actor=actor, at=at)
    return token


def _record(action: str, token: ApiToken, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record_in(
        THREAD,
        action,
        subject=f"token:{token.pk}",
        actor=actor,
        at=at,
        name=token.name,
        owner=f"{token.owner.name} <{token.owner.email}>",
        expires_at=token.expires_at.isoformat(),
        **data,
    )


def find(secret: str, *, ip: str | None, at: datetime) -> ApiToken | None:
    """Find the living token with this secret, and show its city's rows until the transaction ends.

    None for one that is unknown, revoked, run out, or shown from elsewhere: all alike.
    """
    tenancy.forget()
    with connection.cursor() as cursor:
        cursor.execute(WHOSE, [token_hash(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    tenancy.set_tenant(row[0])
    token: ApiToken = ApiToken.unscoped.select_related("owner", "tenant").get(hash=token_hash(secret))
    if not (token.is_live(at=at) and token.admits(ip)):
        tenancy.forget()
        return None
    return token


def acting(token: ApiToken, *, ip: str | None, user_agent: str, at: datetime) -> Actor | None:
    """Make the actor of a token: its owner's name, and of their roles of today only those its scopes call for.

    None when the owner holds no role any more, or cannot sign in.
    """
    held = roles_of(token.owner, tenant_id=token.tenant_id, at=at)
    if not held:
        return None
    return Actor(
        kind=ActorKind.API,
        tenant_id=token.tenant_id,
        name=f"{token.owner.name}（連携「{token.name}」）",
        email=token.owner.email,
        ip=ip,
        user_id=token.owner_id,
        roles=frozenset({Role.AUDITOR}) | (held & hands_of(token)),
        organization_name=token.tenant.name,
        user_agent=user_agent,
    )


def hands_of(token: ApiToken) -> frozenset[str]:
    """Name the roles in which a token may act: none to read, never one that approves, signs or administers."""
    writes = any(scope.endswith(":write") for scope in token.scopes)
    return frozenset(HANDS) if writes else frozenset()


def roles_of(user: User, *, tenant_id: int, at: datetime) -> frozenset[str]:
    """Tell which roles someone holds in a city today, without those of people outside of it."""
    if not user.is_active:
        return frozenset()
    held = Membership.unscoped.filter(tenant_id=tenant_id, user=user).held_on(timezone.localdate(at))
    return frozenset(held.values_list("role", flat=True)) - OUTSIDE


def note_use(token: ApiToken, *, ip: str | None, at: datetime) -> None:
    """Remember when and from where a token was last used, without waiting for others who use it."""
    if token.last_used_at is not None and at - token.last_used_at < STALE and token.last_used_ip == ip:
        return
    free = ApiToken.unscoped.select_for_update(skip_locked=True, no_key=True).filter(pk=token.pk)
    if free.exists():
        ApiToken.unscoped.filter(pk=token.pk).update(last_used_at=at, last_used_ip=ip)

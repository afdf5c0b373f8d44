"""Settle from where the people of a city may work, and lift it when nobody can get in any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from accounts import actors, networks, permissions, tenancy
from accounts.actors import Actor
from accounts.models import Organization, Role
from accounts.refusals import MovedOn, Refusal
from accounts.services import evidence


class NetworksRefused(Refusal):
    """These networks cannot be settled."""


@transaction.atomic
def settle(
    *, actor: Actor, at: datetime, lists: Mapping[str, Iterable[str]], seen: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Settle the networks of each role; `seen` is what the asker's page showed.

    Raises NetworksRefused for what is no network, for too many, and for lists that would shut out whoever settles
    them; MovedOn when another administrator was quicker.
    """
    permissions.check(permissions.can_administer, actor)
    city = Organization.objects.select_for_update().get(pk=actor.tenant_id)
    if city.networks != seen:
        raise MovedOn("ほかの運用管理者が、先に変えました。いまの一覧を確かめてください。")
    wanted = {key: found for key, lines in lists.items() if (found := _read(lines))}
    if strangers := set(wanted) - {networks.EVERYONE, networks.API, *Role.of(city.kind)}:
        raise NetworksRefused(f"「{min(strangers)}」という役割はありません。")
    if not networks.admits(wanted, actor.roles, actor.ip):
        raise NetworksRefused(
            f"いまの接続元（{actor.ip or '不明'}）が含まれていないため、あなた自身が使えなくなります。"
            "この接続元を含む範囲を、あなたの役割の一覧に加えてください。"
        )
    if wanted != city.networks:
        _keep(city, wanted, actor=actor, at=at)
    return wanted


def _read(lines: Iterable[str]) -> list[str]:
    try:
        found = networks.read(lines)
    except ValueError as unread:
        raise NetworksRefused(
            f"「{unread}」は読めません。192.0.2.0/24 か 2001:db8::/32 のように、一行に一つ書いてください。"
        ) from unread
    if len(found) > networks.LONGEST:
        raise NetworksRefused(f"一つの役割に書けるのは {networks.LONGEST} 行までです。範囲にまとめてください。")
    return found


@transaction.atomic
def lift(city: Organization, *, at: datetime) -> None:
    """Let the people of a city in from everywhere again: for whoever runs the installation, when they are shut out."""
    with tenancy.acting_for(city.pk):
        city = Organization.objects.select_for_update().get(pk=city.pk)
        if city.networks:
            _keep(city, {}, actor=actors.system(city.pk), at=at)


def _keep(city: Organization, wanted: dict[str, list[str]], *, actor: Actor, at: datetime) -> None:
    before, city.networks = city.networks, wanted
    city.save(update_fields=["networks"])
    evidence.record(
        "people.networks_settled",
        actor=actor,
        at=at,
        thread=evidence.CITY_THREAD,
        subject=f"organization:{city.pk}",
        before=_said(before),
        after=_said(wanted),
    )


def _said(lists: Mapping[str, list[str]]) -> dict[str, str]:
    return {name_of(key): "、".join(found) for key, found in lists.items()}


def name_of(key: str) -> str:
    """Name whom a list is for."""
    named = {networks.EVERYONE: "すべての職員", networks.API: "ほかの仕組みとの連携"}
    return named.get(key) or Role(key).label


def note_refusal(actor: Actor, *, at: datetime) -> None:
    """Write down that someone asked from where they may not."""
    with tenancy.acting_for(actor.tenant_id):
        evidence.record(
            "people.network_refused",
            actor=actor,
            at=at,
            thread=evidence.CITY_THREAD,
            subject=f"user:{actor.user_id}",
            network=actor.ip or "",
        )

"""Change one's own mail address: asked for, confirmed from the new mailbox, told to the old one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from accounts import hooks
from accounts.actors import Actor
from accounts.models import Organization, User
from accounts.refusals import Refusal
from accounts.services import evidence, members, sittings, tries

SALT = "accounts.address"
LIFETIME = timedelta(hours=24)
SPENT = "このリンクは使えません。24時間を過ぎたか、すでに使われています。もう一度、変更を申し出てください。"


class AddressRefused(Refusal):
    """The address cannot be changed this way."""


@dataclass(frozen=True)
class Wish:
    """What a mailed link asks for: whose address, from which, to which."""

    user_id: int
    old: str
    new: str


@transaction.atomic
def ask(user: User, *, actor: Actor, at: datetime, new: str) -> None:
    """Mail a link to the new address; nothing changes until it is used.

    Raises AddressRefused for the address one has, PeopleRefused for a domain or an address that cannot be one's own.
    """
    new = new.strip().lower()
    if new == user.email:
        raise AddressRefused("いまのアドレスと同じです。")
    members.check_address(new, actor=actor)
    token = signing.dumps([user.pk, user.email, new], salt=SALT)
    link = f"{settings.BASE_URL}{reverse('address_confirm')}?{urlencode({'token': token})}"
    for tell in hooks.on_address_asked:
        tell(user, Organization.objects.get(pk=actor.tenant_id), new, link, at)
    _record("people.address_asked", user, actor=actor, at=at, new=new)


def read(token: str, *, user: User) -> Wish:
    """Read a mailed link; raises AddressRefused for one that is spent, run out, or another person's."""
    try:
        wish = Wish(*signing.loads(token, salt=SALT, max_age=LIFETIME))
    except (signing.BadSignature, TypeError) as wrong:
        raise AddressRefused(SPENT) from wrong
    if (wish.user_id, wish.old) != (user.pk, user.email):
        raise AddressRefused(SPENT)
    return wish


@transaction.atomic
def confirm(token: str, *, user: User, actor: Actor, at: datetime, here: str | None) -> User:
    """Change the address, tell the old one, and end the person's other sittings."""
    user = User.objects.select_for_update().get(pk=user.pk)
    wish = read(token, user=user)
    members.check_address(wish.new, actor=actor)
    tries.forget(user, codes=False)
    user.email = wish.new
    user.save(update_fields=["email"])
    # allauth の控えが残ると、前のアドレスでもサインインできてしまう
    EmailAddress.objects.filter(user=user).delete()
    for tell in hooks.on_address_changed:
        tell(user, Organization.objects.get(pk=actor.tenant_id), wish.old, at)
    sittings.end(user, actor=actor, at=at, here=here)
    _record("people.address_changed", user, actor=actor, at=at, before=wish.old, after=wish.new)
    return user


def _record(action: str, user: User, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(
        action, actor=actor, at=at, thread=evidence.thread_of(user), subject=f"user:{user.pk}", person=user.name, **data
    )

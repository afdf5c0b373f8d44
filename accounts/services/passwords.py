"""Let a person choose their password by a mailed link, and start over with the second factor."""

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts import actors, hooks, permissions, roles, tenancy
from accounts.actors import Actor
from accounts.models import Organization, ResetRequest, User
from accounts.refusals import Refusal
from accounts.services import evidence, sittings


class PasswordRefused(Refusal):
    """The link cannot be sent, or the second factor not be reset, this way."""


def send_link(user: User, *, tenant: Organization, at: datetime) -> None:
    """Mail a person the one-time link with which they choose their password (settings.PASSWORD_RESET_TIMEOUT)."""
    key = default_token_generator.make_token(user)
    place = {"uidb36": user_pk_to_url_str(user), "key": key}
    link = settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=place)
    for tell in hooks.on_password_link:
        tell(user, tenant, link, at)


def ask_link(email: str, *, at: datetime) -> ResetRequest:
    """Write down that a link was asked for; nothing else depends on whether the address is known."""
    return ResetRequest.objects.create(email=email.strip().lower(), asked_at=at)


@transaction.atomic
def answer_next(*, at: datetime) -> bool:
    """Answer the oldest request: mail the link to who has the address, drop it where nobody does; false when none."""
    asked = ResetRequest.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if asked is None:
        return False
    asked.delete()
    user = User.objects.filter(email__iexact=asked.email, is_active=True).first()
    home = roles.home_of(user) if user else None
    if user is None or home is None:
        return True
    with tenancy.acting_for(home):
        send_link(user, tenant=Organization.objects.get(pk=home), at=at)
        _record("people.password_link_asked", user, actor=actors.system(home), at=at)
    return True


@transaction.atomic
def send_link_again(user: User, *, actor: Actor, at: datetime) -> None:
    """Mail the link once more, to someone whose first one ran out or got lost."""
    permissions.check(permissions.can_administer, actor)
    if not user.is_active:
        raise PasswordRefused("利用を止めている職員には、リンクを送れません。")
    send_link(user, tenant=Organization.objects.get(pk=actor.tenant_id), at=at)
    _record("people.password_link_sent", user, actor=actor, at=at)


@transaction.atomic
def reset_second_factor(user: User, *, actor: Actor, at: datetime, reason: str) -> None:
    """Forget a person's authenticator and recovery codes, so that they set up a new one; they are told by mail.

    Raises PasswordRefused without a reason, for oneself, or where nothing is set up.
    """
    permissions.check(permissions.can_administer, actor)
    if user.pk == actor.user_id:
        raise PasswordRefused("自分の二要素認証は、ここでは解除できません。別の運用管理者に依頼してください。")
    if not reason.strip():
        raise PasswordRefused("解除する理由を入力してください。")
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise PasswordRefused("この職員は、二要素認証を設定していません。")
    sittings.end_for(user, actor=actor)
    for tell in hooks.on_second_factor_reset:
        tell(user, Organization.objects.get(pk=actor.tenant_id), at)
    _record("people.second_factor_reset", user, actor=actor, at=at, reason=reason.strip())


def _record(action: str, user: User, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(
        action,
        actor=actor,
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        person=evidence.about(user),
        **data,
    )

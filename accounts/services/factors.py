"""What is written down when a person signs in, or changes how they do."""

from dataclasses import replace
from datetime import datetime

from accounts import actors, roles, tenancy
from accounts.actors import Actor, ActorKind
from accounts.models import User
from accounts.services import evidence

# allauth がメールの名で告げること: 操作の名、何を
CHANGES = {
    "mfa/email/totp_activated": ("people.second_factor_set", "認証アプリ"),
    "mfa/email/webauthn_added": ("people.second_factor_set", "パスキー"),
    "mfa/email/totp_deactivated": ("people.second_factor_removed", "認証アプリ"),
    "mfa/email/webauthn_removed": ("people.second_factor_removed", "パスキー"),
    "mfa/email/recovery_codes_generated": ("people.recovery_codes_made", "回復コード"),
    "account/email/password_changed": ("people.password_changed", "パスワード"),
    "account/email/password_reset": ("people.password_changed", "パスワード"),
    "account/email/password_set": ("people.password_changed", "パスワード"),
}


def note(told: str, user: User, *, asker: Actor | None, at: datetime) -> None:
    """Write down in the person's city what they changed about how they sign in; what is none of ours, nowhere."""
    home = roles.home_of(user)
    if told in CHANGES and home is not None:
        action, what = CHANGES[told]
        _record(action, user, actor=replace(asker, tenant_id=home) if asker else actors.system(home), at=at, what=what)


def signed_in(user: User, *, authentication: str, ip: str | None, at: datetime) -> None:
    """Write down in the person's city that they signed in, from where, and how they proved who they are."""
    home = roles.home_of(user)
    if home is not None:
        actor = Actor(ActorKind.STAFF, home, name=user.name, email=user.email, ip=ip, user_id=user.pk)
        _record("people.signed_in", user, actor=actor, at=at, authentication=authentication)


def _record(action: str, user: User, *, actor: Actor, at: datetime, **data: str) -> None:
    with tenancy.acting_for(actor.tenant_id):
        evidence.record(
            action,
            actor=actor,
            at=at,
            thread=evidence.thread_of(user),
            subject=f"user:{user.pk}",
            person=evidence.about(user),
            **data,
        )

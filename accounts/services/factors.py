"""What is written down when a person changes how they sign in."""

from dataclasses import replace
from datetime import datetime

from accounts import actors, roles, tenancy
from accounts.actors import Actor
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
    if told not in CHANGES or home is None:
        return
    action, what = CHANGES[told]
    with tenancy.acting_for(home):
        evidence.record(
            action,
            actor=replace(asker, tenant_id=home) if asker else actors.system(home),
            at=at,
            thread=evidence.thread_of(user),
            subject=f"user:{user.pk}",
            person=evidence.about(user),
            what=what,
        )

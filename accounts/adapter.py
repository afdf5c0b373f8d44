import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts import lockout, second_factor, sitting
from accounts.federation import requirement
from accounts.middleware import client_ip
from accounts.services import factors, tries
from accounts.services.tries import TurnedAway
from vault import fields


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff are registered by their city: nobody signs up alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_client_ip(self, request: HttpRequest) -> str | None:
        return client_ip(request)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin a session of its own, with a new key; its hours count from now."""
        super().login(request, user)
        sitting.stamp(request, at=timezone.now(), anew=True)
        factors.signed_in(user, authentication=second_factor.told(request), ip=client_ip(request), at=timezone.now())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Try a password, unless this address or this network failed too often."""
        who = tries.of_address(credentials.get("email", ""))
        try:
            found = lockout.attempt(
                request, who, prove=lambda: super(AccountAdapter, self).authenticate(request, **credentials)
            )
        except TurnedAway as refused:
            raise ValidationError(str(refused)) from refused
        if elsewhere := requirement.said_instead(credentials.get("email", ""), found):
            raise ValidationError(elsewhere)
        return found

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Stop whoever must come by their city's identity provider and came in another way."""
        return super().pre_login(request, user, **kwargs) or requirement.turned_away(request, user)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Try the password of someone who is signed in already, counted like any other try."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def set_password(self, user: Any, password: str) -> None:
        """Keep a new password; who chose it by the mailed link or knew the old one may try again."""
        super().set_password(user, password)
        tries.forget(user, codes=False)

    def send_notification_mail(self, template_prefix: str, user: Any, *_: Any, **__: Any) -> None:
        """Take allauth's word that something about a sign-in was changed: it goes into the journal of the city."""
        factors.note(template_prefix, user, asker=getattr(self.request, "actor", None), at=timezone.now())

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Staff have no user name."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep authenticator secrets sealed by the vault, and bind passkeys to the address of the installation."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(fields.seal_for_installation(text, context="mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return fields.unseal_for_installation(base64.b64decode(encrypted_text), context="mfa")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.name}  # type: ignore[no-any-return]

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth の約束
        known = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"パスキー {known + 1}"

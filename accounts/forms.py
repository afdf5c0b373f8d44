"""allauth's forms, where ours count the failures, accept a code once, and tell nobody which address is known."""

from typing import Any

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts import doorbell, lockout, onetime, tasks
from accounts.services import passwords, tries
from accounts.services.tries import TurnedAway


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """Take an address and say nothing about it: who has it is looked up by the worker, outside the request."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **_: Any) -> str:  # noqa: ARG002 - allauth の約束
        asked = passwords.ask_link(self.cleaned_data["email"], at=timezone.now())
        doorbell.ring(tasks.send_password_links)
        return asked.email


class _CountedCode:
    """Try a code of the authenticator app or a recovery code, unless it failed too often."""

    user: Any
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            found = lockout.attempt(context.request, tries.of_codes(self.user), prove=lambda: self._find(code))
        except TurnedAway as refused:
            raise ValidationError(str(refused)) from refused
        if found is None:
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = found
        return code

    def _find(self, code: str) -> Authenticator | None:
        rows = Authenticator.objects.select_for_update().filter(user=self.user)
        kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        return next((row for row in rows.filter(type__in=kinds) if onetime.accepts(row, code)), None)


class AuthenticateForm(_CountedCode, AllauthAuthenticateForm):  # type: ignore[misc]
    """The code after the password."""


class ReauthenticateForm(_CountedCode, AllauthReauthenticateForm):  # type: ignore[misc]
    """The code of someone who is signed in already."""

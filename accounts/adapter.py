import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts.middleware import client_ip
from vault import fields


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff are registered by their city: nobody signs up alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_client_ip(self, request: HttpRequest) -> str | None:
        return client_ip(request)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Staff have no user name."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep authenticator secrets sealed by the vault."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(fields.seal_for_installation(text, context="mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return fields.unseal_for_installation(base64.b64decode(encrypted_text), context="mfa")

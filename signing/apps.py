"""Register the app; it has no models."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """署名。"""

    name = "signing"
    verbose_name = "署名"

"""The composition root as a Django app, for its commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Load the Celery application, so that shared tasks ring on its broker, and lend the journal our judgement."""
        from config import celery, judging  # noqa: F401

        judging.register()

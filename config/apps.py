"""The composition root as a Django app, for its commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Load the Celery application, so that shared tasks ring on its broker, lend the journal our
        judgement, and offer the checks of what is unsafe in production.
        """
        from config import celery, judging  # noqa: F401
        from config.logs import tasks  # noqa: F401
        from config.metrics import workers  # noqa: F401
        from config.safety import checks

        judging.register()
        checks.register_checks()

from django.apps import AppConfig

from audit import labels


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        labels.register({"mail.sent": "メールを送信", "mail.failed": "メールを送信できず"})

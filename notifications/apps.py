from django.apps import AppConfig

from audit import labels


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import hooks
        from notifications import messages, table, tellings

        hooks.on_password_link.append(messages.password_link)
        hooks.on_second_factor_reset.append(messages.second_factor_reset)
        hooks.on_address_asked.append(messages.address_asked)
        hooks.on_address_changed.append(messages.address_changed)
        table.register(tellings.TELLINGS)
        labels.register(
            {
                "mail.sent": "メールを送信",
                "mail.failed": "メールを送信できず",
                "mail.bounced": "メールが不達",
                "mail.cancelled": "メールの送信を取消し",
                "reminders.queued": "朝のお知らせを用意",
            }
        )

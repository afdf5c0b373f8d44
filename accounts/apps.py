from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "利用者と自治体"

    def ready(self) -> None:
        from accounts import labels

        labels.register()

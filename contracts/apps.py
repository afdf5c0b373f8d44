from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "契約"

    def ready(self) -> None:
        from contracts import menu

        menu.register()

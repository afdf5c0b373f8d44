from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "契約"

    def ready(self) -> None:
        from contracts import menu, office, tellings
        from notifications import hooks, table

        menu.register()
        table.register(tellings.TELLINGS)
        hooks.why_closed.append(office.why_closed)

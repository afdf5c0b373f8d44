from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "契約"

    def ready(self) -> None:
        from contracts import menu, office, tellings
        from contracts.services.reminding import digests, sources
        from notifications import hooks, table
        from notifications.reminders import leaving, registry

        menu.register()
        table.register(tellings.TELLINGS)
        hooks.why_closed.append(office.why_closed)
        registry.register(sources.SOURCE)
        for digest in digests.DIGESTS:
            leaving.register_digest(digest)

from django.apps import AppConfig


class GuaranteesConfig(AppConfig):
    name = "guarantees"
    verbose_name = "保証"

    def ready(self) -> None:
        from guarantees import menu, tellings
        from guarantees.services import reminding
        from notifications import table
        from notifications.reminders import registry

        menu.register()
        table.register(tellings.TELLINGS)
        registry.register(reminding.SOURCE)

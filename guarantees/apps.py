from django.apps import AppConfig


class GuaranteesConfig(AppConfig):
    name = "guarantees"
    verbose_name = "保証"

    def ready(self) -> None:
        from guarantees import menu, tellings
        from notifications import table

        menu.register()
        table.register(tellings.TELLINGS)

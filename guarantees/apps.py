from django.apps import AppConfig


class GuaranteesConfig(AppConfig):
    name = "guarantees"
    verbose_name = "保証"

    def ready(self) -> None:
        from guarantees import menu

        menu.register()

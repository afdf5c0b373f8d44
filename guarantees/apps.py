from django.apps import AppConfig


class GuaranteesConfig(AppConfig):
    name = "guarantees"
    verbose_name = "保証"

    def ready(self) -> None:
        from contracts import hooks
        from contracts.services.integrating import kinds
        from guarantees import menu, tellings
        from guarantees.models import Guarantee
        from guarantees.services import archiving, papers, reminding
        from notifications import table
        from notifications.reminders import registry

        menu.register()
        table.register(tellings.TELLINGS)
        registry.register(reminding.SOURCE)
        hooks.archive_sources["guarantee"] = hooks.ArchiveSource(archiving.rows, archiving.follow)
        hooks.archive_pages["guarantee"] = "guarantee"
        hooks.archive_sources["completion"] = hooks.ArchiveSource(archiving.completions, archiving.end)
        hooks.kept_papers.append(papers.KEPT)
        kinds.register(tellings.TOLD_TO_SYSTEMS, rows={"guarantee": Guarantee})

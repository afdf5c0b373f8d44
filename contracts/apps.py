from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "契約"

    def ready(self) -> None:
        from contracts import hooks as own
        from contracts import menu, office, tellings
        from contracts.models import Case, Consent, ContractVersion, SigningStep
        from contracts.services.cases import forming
        from contracts.services.consents import archiving
        from contracts.services.integrating import kinds
        from contracts.services.keeping import terms
        from contracts.services.reminding import digests, sources
        from notifications import hooks, table
        from notifications.reminders import leaving, registry

        menu.register()
        own.archive_pages["foreign"] = "foreign_contract"
        own.on_contracted.append(terms.on_contracted)
        table.register(tellings.TELLINGS)
        hooks.why_closed.append(office.why_closed)
        registry.register(sources.SOURCE)
        own.archive_sources["consent"] = own.ArchiveSource(archiving.rows, archiving.follow)
        own.archive_sources["amendment"] = own.ArchiveSource(forming.amendments, forming.supersede_earlier)
        for digest in digests.DIGESTS:
            leaving.register_digest(digest)
        about = {"case": Case, "consent": Consent, "version": ContractVersion, "step": SigningStep}
        kinds.register(tellings.TOLD_TO_SYSTEMS, rows=about)

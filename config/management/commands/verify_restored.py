from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import tenancy
from config.backups import postgres, proving, restoring
from contracts import reading
from contracts.models import Document
from signing import setup
from signing.results import Verdict
from signing.verification import verify
from vault.errors import Damaged

SAMPLE = 50


class Command(BaseCommand):
    help = "戻したものを調べます。操作記録の鎖と錨のすべてと、締結した文書の見本を検証します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sample", type=int, default=SAMPLE, help=f"検証する文書の数（既定 {SAMPLE}）")
        parser.add_argument("--documents", nargs="*", metavar="市:文書", help="見本の代わりに、この文書を検証する")

    def handle(self, *_args: Any, **options: Any) -> None:
        chosen = options["documents"]
        if chosen is None:
            with postgres.connect(restoring.owner()) as connection:
                documents, _paths = proving.pick(connection, options["sample"])
        else:
            documents = [(int(tenant), int(pk)) for tenant, _, pk in (each.partition(":") for each in chosen)]
        flaws = [why for why in (self._flaw(*each) for each in documents) if why]
        for why in flaws:
            self.stderr.write(why)
        self.stdout.write(f"文書: {len(documents)} 件のうち {len(documents) - len(flaws)} 件が合格しました。")
        call_command("verify_journal", stdout=self.stdout, stderr=self.stderr)
        if flaws:
            raise CommandError(f"{len(flaws)} 件の文書が検証に合格しません。", returncode=1)

    def _flaw(self, tenant_id: int, document_id: int) -> str:
        try:
            with tenancy.acting_for(tenant_id):
                content = reading.mapped(Document.unscoped.get(pk=document_id))
        except (Damaged, reading.RevisionDamaged) as damaged:
            return f"文書 {tenant_id}/{document_id}: {damaged}"
        verdict = verify(content, trust=setup.trust()).verdict
        return "" if verdict is Verdict.VALID else f"文書 {tenant_id}/{document_id}: 検証の結果は {verdict} です。"

"""Take in thousands of contracts that were concluded elsewhere, from a folder and its index."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.acting import actor_for
from accounts.actors import Actor
from accounts.models import Organization, OrganizationKind, User
from accounts.refusals import Refusal
from contracts.elsewhere.folders import Folder
from contracts.elsewhere.packages import PackageRefused
from contracts.services.register.import_rows import Outcome, Planned
from contracts.services.register.moving import Move
from contracts.tables import TableRefused


class Command(BaseCommand):
    help = (
        "よそで締結した契約を、フォルダーの PDF と索引の CSV から、一件ずつ確かめて取り込みます。"
        "止まったら、同じ命令をもう一度動かすと続きから取り込みます。取り込めない行があれば 1 で終わります。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("city", metavar="CITY", help="自治体の記号")
        parser.add_argument("index", metavar="INDEX.csv", type=Path, help="索引（列は画面のひな形と同じ）")
        parser.add_argument("directory", metavar="DIRECTORY", type=Path, help="PDF を置いたフォルダー")
        parser.add_argument("--by", metavar="EMAIL", required=True, help="取込みに責任を持つ職員（起案者か運用管理者）")
        parser.add_argument("--dry-run", action="store_true", help="確かめるだけで、何も書き込まない")

    def handle(self, *_args: Any, **options: Any) -> None:
        city = Organization.objects.filter(slug=options["city"], kind=OrganizationKind.MUNICIPALITY).first()
        if city is None:
            raise CommandError(f"「{options['city']}」という自治体は登録されていません。")
        try:
            move = _begun(city, options["index"], options["directory"], by=options["by"])
        except (Refusal, PackageRefused, TableRefused, PermissionDenied) as refused:
            raise CommandError(str(refused)) from refused
        except OSError as wrong:
            raise CommandError(f"{wrong.filename} を読めません（{wrong.strerror}）。") from wrong
        counts = self._walk(move, city, dry_run=options["dry_run"])
        self._sum_up(counts, move.remarks, dry_run=options["dry_run"])

    def _walk(self, move: Move, city: Organization, *, dry_run: bool) -> Counter[Outcome]:
        """Look at each row, and take it in by itself."""
        counts: Counter[Outcome] = Counter()
        for row in move.bundle.index.rows:
            planned = move.look(row, at=timezone.now())
            if not dry_run:
                with tenancy.acting_for(city.pk):
                    planned = move.take_in(planned, at=timezone.now())
            counts[planned.outcome] += 1
            self._tell(planned, dry_run=dry_run)
        with tenancy.acting_for(city.pk):
            move.end(at=timezone.now())
        return counts

    def _tell(self, planned: Planned, *, dry_run: bool) -> None:
        line = f"{planned.line}行目 {planned.title or '（読み取れません）'}: "
        if planned.outcome is Outcome.REFUSED:
            reasons = "　".join(f"{heading}: {reason}" for heading, reason in planned.problems)
            self.stderr.write(f"{line}取り込めません。{reasons}")
            return
        done = "取り込めます。" if dry_run else "取り込みました。"
        told = "　".join(planned.notes)
        self.stdout.write(f"{line}{done if planned.outcome is Outcome.NEW else '飛ばします。'}{told}")

    def _sum_up(self, counts: Counter[Outcome], remarks: list[str], *, dry_run: bool) -> None:
        for remark in remarks:
            self.stdout.write(remark)
        done = "取り込める行" if dry_run else "取り込んだ契約"
        self.stdout.write(
            f"{done} {counts[Outcome.NEW]:,}件、すでにある契約 {counts[Outcome.SAME]:,}件、"
            f"取り込めない行 {counts[Outcome.REFUSED]:,}件"
        )
        if dry_run:
            self.stdout.write("書き込んでいません（--dry-run）。")
        if counts[Outcome.REFUSED]:
            raise CommandError("取り込めない行があります。直してから、もう一度動かしてください。", returncode=1)


def _begun(city: Organization, index: Path, directory: Path, *, by: str) -> Move:
    content, folder = index.read_bytes(), Folder(directory)
    with tenancy.acting_for(city.pk):
        return Move(content, folder, name=index.name, actor=_actor(city, by), at=timezone.now())


def _actor(city: Organization, email: str) -> Actor:
    """Find who answers for the import; raises CommandError."""
    today = timezone.localdate()
    for user in User.objects.filter(email__iexact=email, is_active=True):
        actor = actor_for(user, on=today, ip=None, user_agent="manage.py import_elsewhere")
        if actor is not None and actor.tenant_id == city.pk:
            return actor
    raise CommandError(f"「{email}」という職員は、{city.name}に登録されていません。")

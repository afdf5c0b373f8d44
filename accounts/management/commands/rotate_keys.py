"""Rotate the keys at rest."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import installation_secrets, rotating
from accounts.models import Organization
from vault import kms, masters
from vault.errors import Damaged


class Command(BaseCommand):
    help = (
        "市の暗号鍵の新しい版を作り、ファイルと項目の鍵を包み直します（ファイルの中身は書き直しません）。"
        "途中で止まっても、もう一度動かせば続きから進みます。古い版は、一時間以上あとの夜、何も残っていなければ破棄します。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", metavar="SLUG", help="この団体だけ")
        parser.add_argument(
            "--older-than", type=int, default=1, metavar="DAYS", help="作ってからこの日数を過ぎた鍵だけ（既定は 1）"
        )
        parser.add_argument(
            "--master",
            action="store_true",
            help="版は作らず、すべての鍵を、いまの親鍵で包み直す（親鍵の取替え、KMS への移動）",
        )
        parser.add_argument(
            "--retire", action="store_true", help="版は作らず、始めた取替えの続きと、古い版の破棄だけを行う"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._serve_all(options)
        except kms.Unavailable as unavailable:
            raise CommandError(f"{unavailable}もう一度動かすと、続きから進みます。", returncode=1) from unavailable

    def _serve_all(self, options: dict[str, Any]) -> None:
        self._is_sound = True
        cities = [each for each in rotating.holders() if options["city"] in (None, each.slug)]
        if not cities:
            raise CommandError("その記号の団体はありません。")
        for city in cities:
            try:
                self._serve(city, options)
            except Damaged as damaged:
                self._is_sound = False
                self.stderr.write(f"{city.name}: {damaged}")
        if options["city"] is None:
            self._serve_installation(options)
        if not self._is_sound:
            raise CommandError("終わらなかった団体があります。もう一度動かすと、続きから進みます。", returncode=1)

    def _serve(self, city: Organization, options: dict[str, Any]) -> None:
        at = timezone.now()
        if options["master"]:
            if moved := rotating.follow_master(city.pk, at=at):
                self.stdout.write(f"{city.name}: 鍵 {moved} 版を、いまの親鍵で包み直しました。")
        elif options["retire"]:
            if rotating.go_on(city.pk, at=at):
                self.stdout.write(f"{city.name}: 古い版を破棄しました。")
        elif report := rotating.rotate(city.pk, at=at, older_than=timedelta(days=options["older_than"])):
            self._tell(city, report)

    def _tell(self, city: Organization, report: rotating.Report) -> None:
        told = f"{city.name}: 第{report.version}版で {report.moved} 件を包み直しました"
        self.stdout.write(f"{told}。" if not report.waiting else f"{told}（残り {report.waiting} 件）。")
        self._is_sound &= not report.waiting
        for place in report.broken:
            self.stderr.write(f"{city.name}: {place} を開けません。古い版は残します。")

    def _serve_installation(self, options: dict[str, Any]) -> None:
        if options["master"]:
            installation_secrets.follow_master()
            for name in sorted(set(masters.master().names()) - rotating.masters_in_use()):
                self.stdout.write(f"親鍵 {name} で包まれたものは、もうありません。設定から外せます。")
            return
        older_than = None if options["retire"] else timedelta(days=options["older_than"])
        moved = installation_secrets.rotate(at=timezone.now(), older_than=older_than, grace=rotating.GRACE)
        self.stdout.write(f"職員の認証アプリの秘密: {moved} 件を包み直しました。")

"""署名の鍵を確かめ、止め、その鍵で封印した文書を挙げる。"""

import getpass
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.refusals import Refusal
from contracts.services.signatures import certificates
from signing import setup
from signing.keys import KeyUnusable, KnownKey


class Command(BaseCommand):
    """Answer for the keys that sign, at the shell."""

    help = "署名の鍵を確かめ（check）、止め（stop）、戻し（resume）、封印した文書を挙げます（files）。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of four verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="check|stop|resume|files")
        verbs.add_parser("check", help="設定した鍵を一つずつ開いて確かめる（使えない鍵があれば 1 で終わる）")
        for verb, words in (("stop", "鍵を、いますぐ止める"), ("resume", "誤って止めた鍵を戻す")):
            changing = verbs.add_parser(verb, help=words)
            changing.add_argument("name", metavar="NAME", help="設定での鍵の名")
            changing.add_argument("--reason", required=True, help="理由（待っている職員にも見えます）")
        listing = verbs.add_parser("files", help="その鍵で封印した文書の版を、すべて挙げる")
        listing.add_argument("name", metavar="NAME", help="設定での鍵の名")
        listing.add_argument("--since", type=_moment, required=True, metavar="DATETIME", help="この日時から（JST）")
        listing.add_argument("--json", action="store_true", help="機械向けに、一行に一つの JSON で")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the verb; a refusal becomes an error of the command."""
        verbs: dict[str, Callable[..., None]] = {
            "check": self._check,
            "stop": self._stop,
            "resume": self._resume,
            "files": self._files,
        }
        try:
            verbs[options["verb"]](**options)
        except (Refusal, KeyUnusable, ImproperlyConfigured) as refused:
            raise CommandError(str(refused)) from refused

    def _check(self, **_options: Any) -> None:
        unusable = 0
        for plan, found in setup.keyring().check(at=timezone.now()):
            if isinstance(found, KnownKey):
                self.stdout.write(
                    f"{plan.name}: {found.subject}（{_day(found.starts_at)}から{_day(found.ends_at)}まで）"
                )
            else:
                unusable += isinstance(found, KeyUnusable)
                self.stderr.write(f"{plan.name}: {found}")
        if unusable:
            raise CommandError(f"使えない鍵が {unusable} 個あります。")

    def _stop(self, *, name: str, reason: str, **_options: Any) -> None:
        _note_configured(name)
        for each in certificates.stop(name, reason=reason, by=getpass.getuser(), at=timezone.now()):
            self.stdout.write(f"止めました: {each}　{each.fingerprint}")
        self.stdout.write(
            "この鍵での封印は、すべてのプロセスで、いま止まりました。封印を待つ文書は、別の鍵を待ちます。"
        )

    def _resume(self, *, name: str, reason: str, **_options: Any) -> None:
        for each in certificates.resume(name, reason=reason, by=getpass.getuser(), at=timezone.now()):
            self.stdout.write(f"戻しました: {each}　{each.fingerprint}")

    def _files(self, *, name: str, since: datetime, json: bool, **_options: Any) -> None:
        count = 0
        for each in certificates.files(name, since=since):
            self.stdout.write(_as_json(each) if json else _as_line(each))
            count += 1
        self.stderr.write(f"{count} 件")


def _note_configured(name: str) -> None:
    """Write a key down that has not signed yet, so that it can be stopped before it does."""
    with suppress(KeyUnusable, ImproperlyConfigured):  # 設定が壊れていても、止めることは止めない
        for _, found in setup.keyring().check(at=timezone.now(), only=name):
            if isinstance(found, KnownKey):
                certificates.note(found)


def _as_json(each: certificates.SealedFile) -> str:
    return json.dumps(asdict(each), ensure_ascii=False, default=datetime.isoformat)


def _as_line(each: certificates.SealedFile) -> str:
    at = f"{timezone.localtime(each.made_at):%Y-%m-%d %H:%M:%S}"
    return f"{at}  {each.city}  {each.case}  {each.document}（第{each.revision}版）  {each.sha256}"


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        day = parse_date(text)
        if day is None:
            raise ValueError(text)
        moment = datetime.combine(day, datetime.min.time())
    return moment if moment.tzinfo else timezone.make_aware(moment)

"""お知らせの PDF を読んでみる。何も保存しない。"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.models import GuaranteeType
from guarantees.reading import Reading, read

MASK = "●●●●●●●●"


class Command(BaseCommand):
    """Print what the reader makes of a PDF: the kind of paper, the fields found, the fields missing."""

    help = (
        "お知らせか保証証書のPDFを読み、読めた項目を示します（保存しません）。すべて読めたときだけ終了コードは0です。"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a file, --json and --show-key."""
        parser.add_argument("file", type=Path, metavar="FILE", help="読むPDF")
        parser.add_argument("--json", action="store_true", help="結果をJSONで出力する")
        parser.add_argument("--show-key", action="store_true", help="認証キーを伏せずに出力する")

    @sensitive_variables()
    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the file; leave with 1 unless it is one of the papers and nothing is missing."""
        reading = read(_bytes(options["file"]))
        paper = _plain(reading, show_key=options["show_key"])
        if options["json"]:
            said = {"missing": reading.missing, "why": reading.why}
            plain = {"file": str(options["file"]), "kind": reading.kind, **paper, **said}
            self.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(reading, paper)))
        if reading.missing or not (reading.notice or reading.certificate):
            sys.exit(1)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} を読めません。") from error


def _plain(reading: Reading, *, show_key: bool) -> dict[str, dict[str, Any] | None]:
    """Give the facts of both papers in plain values, the key masked unless it was asked for."""
    notice = reading.notice
    key = notice.key if notice and (show_key or notice.key is None) else MASK
    return {
        "notice": {**notice.to_json(), "key": key} if notice else None,
        "certificate": reading.certificate.to_json() if reading.certificate else None,
    }


def _lines(reading: Reading, paper: dict[str, dict[str, Any] | None]) -> list[str]:
    lines = [f"書類: {reading.kind.label}"]
    for name, facts in (("notice", NoticeFacts), ("certificate", CertificateFacts)):
        values = paper[name] or {}
        lines += [f"{label}: {_shown(field, values[field])}" for field, label in facts.LABELS.items() if values]
    return [*lines, *([reading.why] if reading.why else [])]


def _shown(field: str, value: Any) -> str:
    if value is None:
        return "（読み取れませんでした）"
    if field == "type":
        return GuaranteeType(value).label
    return f"{value:,}円" if isinstance(value, int) else str(value)

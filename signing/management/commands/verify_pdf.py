"""署名済みの PDF を検証する。通信もデータベースも使わない。"""

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from signing import setup
from signing.results import DocumentTimestampReport, Report, SignatureReport, Verdict
from signing.trust import Trust, read_certificates
from signing.verification import verify

JST = ZoneInfo("Asia/Tokyo")


class Command(BaseCommand):
    """Print a verdict per file, signature and revision."""

    help = "署名済みのPDFを検証します。すべて合格のときだけ終了コード0で終わります。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files, --json and further roots."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="検証するPDF")
        parser.add_argument("--json", action="store_true", help="結果をJSONの配列で出力する")
        parser.add_argument(
            "--trust", action="append", default=[], type=Path, metavar="PEM", help="信頼するルート証明書（PEM）を加える"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify each file; leave with 1 unless all are valid."""
        trust = _trust(options["trust"])
        reports = [(path, verify(_read(path), trust=trust)) for path in options["files"]]
        if options["json"]:
            plain = [{"file": str(path)} | report.to_dict() for path, report in reports]
            self.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n\n".join("\n".join(_lines(path, report)) for path, report in reports))
        if any(report.verdict is not Verdict.VALID for _path, report in reports):
            sys.exit(1)


def _trust(extra: list[Path]) -> Trust:
    configured = setup.trust().roots if settings.TRUST_ROOTS else ()
    try:
        roots = (*configured, *read_certificates(extra))
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from error
    if not roots:
        raise CommandError("信頼するルート証明書がありません。--trust で指定してください。")
    return Trust(roots)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} を読めません。") from error


def _lines(path: Path, report: Report) -> list[str]:
    lines = [
        f"{path}",
        f"判定: {report.verdict.label}  {report.headline}",
        f"水準: {report.level or 'なし'}",
        f"SHA-256: {report.sha256}（{report.size:,}バイト、版の数 {len(report.revisions)}）",
        f"最終チェック日時: {_time(report.checked_at)}",
        f"今ある証拠で確かめられる期限: {_time(report.lasts_until)}",
    ]
    lines += [f"問題: {each}" for each in report.problems]
    acts: list[SignatureReport | DocumentTimestampReport] = sorted(
        (*report.signatures, *report.timestamps), key=lambda each: each.revision
    )
    # Acrobat の署名パネルと同じく、署名のある版だけを 1 から数える。
    for number, act in enumerate(acts, start=1):
        told = _signature(act) if isinstance(act, SignatureReport) else _timestamp(act)
        lines += ["", f"バージョン {number}: {told[0]}", *told[1:]]
    return lines


def _signature(report: SignatureReport) -> list[str]:
    return [
        f"{report.signer or '不明な署名者'} により署名済み［{report.verdict.label}］",
        f"  {'署名は有効です。' if report.verdict is Verdict.VALID else '署名の有効性に問題があります。'}",
        *_common(report),
        *(["  署名者のIDは有効です。"] if report.trusted else []),
        *([f"  埋め込みタイムスタンプが署名に含まれています（{report.tsa}）。"] if report.timestamp_at else []),
        *(["  署名はLTV対応です。"] if report.ltv else []),
        f"  署名日時: {_time(report.signed_at)}",
        f"  タイムスタンプの日時: {_time(report.timestamp_at)}",
        f"  理由: {report.reason}",
        f"  署名の場所: {report.location}",
        f"  フィールド: {report.field}（不可視署名） 署名の範囲: {report.covers}",
        *_chain(report),
    ]


def _timestamp(report: DocumentTimestampReport) -> list[str]:
    return [
        f"{report.tsa or '不明な発行者'} により署名済み（文書タイムスタンプ）［{report.verdict.label}］",
        *_common(report),
        *(["  タイムスタンプはLTV対応です。"] if report.ltv else []),
        f"  日時: {_time(report.at)}",
        f"  フィールド: {report.field} 署名の範囲: {report.covers}",
        *_chain(report),
    ]


def _common(report: SignatureReport | DocumentTimestampReport) -> list[str]:
    unchanged = "  この版は、署名されてから変更されていません。"
    return [*([unchanged] if report.intact else []), *(f"  問題: {each}" for each in report.problems)]


def _chain(report: SignatureReport | DocumentTimestampReport) -> list[str]:
    return ["  証明書: " + " ← ".join(each.subject for each in report.chain)] if report.chain else []


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S} +09:00" if at else "なし"

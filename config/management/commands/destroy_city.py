from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.refusals import Refusal
from config.backups.errors import BackupFailed
from config.departing import destroying, steps, told
from contracts.dates import jst


class Command(BaseCommand):
    help = (
        "利用の終わった自治体を片付けます。閉じ（close）、export_tenant で書き出して渡したことを記録し（handed-over）、"
        f"{told.WAITING.days} 日の後に鍵を滅します（destroy）。途中で止まったら、同じ命令をもう一度動かしてください。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="show|close|reopen|handed-over|destroy")
        made = {
            "show": "どこまで進んだかを示す",
            "close": "窓口を閉じる。だれも入れず、リンクも開かず、仕事も進まない",
            "reopen": "鍵を滅する前なら、開け直す",
            "handed-over": "閉じた後の書き出しを渡したことを記録する",
            "destroy": "鍵を滅し、ファイルを消し、証しを書く。元には戻せない",
        }
        doing = {verb: verbs.add_parser(verb, help=words) for verb, words in made.items()}
        for verb, parsing in doing.items():
            parsing.add_argument("slug", metavar="SLUG", help="自治体の記号")
            if verb != "show":
                parsing.add_argument("--by", required=True, metavar="ADDRESS", help="行う運営者のメールアドレス")
            if verb in {"close", "reopen"}:
                parsing.add_argument("--reason", required=True, help="理由。操作記録に残る")
        handing = doing["handed-over"]
        handing.add_argument("--manifest", required=True, metavar="SHA256", help="manifest.json の SHA-256")
        handing.add_argument("--received-by", required=True, help="受け取った人（所属と氏名）")
        doing["destroy"].add_argument("--certificate", required=True, type=Path, help="証しを書くファイル")
        doing["destroy"].add_argument("--confirm", default="", help="尋ねずに済ませるための、打つべき言葉")

    def handle(self, *_args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "show": self._show,
            "close": self._close,
            "reopen": self._reopen,
            "handed-over": self._hand_over,
            "destroy": self._destroy,
        }
        try:
            verbs[options["verb"]](**options)
        except (Refusal, BackupFailed) as refused:
            raise CommandError(str(refused), returncode=1) from refused
        except OSError as trouble:
            again = "直してから同じ命令を動かすと、続きから行います。"
            raise CommandError(f"読み書きできません（{trouble}）。{again}", returncode=1) from trouble

    def _show(self, *, slug: str, **_options: Any) -> None:
        city = steps.find(slug)
        with tenancy.acting_for(city.pk):
            departure = told.of(city.pk)
        named = {"閉じた": departure.closed, "渡した": departure.handed}
        named |= {"鍵を滅した": departure.destroyed, "終えた": departure.finished}
        for what, step in named.items():
            self.stdout.write(f"{what}: {f'{jst(step.at)} {step.by}' if step else 'まだ'}")
        if departure.due_at and not departure.destroyed:
            self.stdout.write(f"{jst(departure.due_at)} から、鍵を滅せます。")

    def _close(self, *, slug: str, by: str, reason: str, **_options: Any) -> None:
        at = timezone.now()
        city = steps.find(slug)
        steps.close(city, by=steps.operator(by, at=at), reason=reason, at=at)
        self.stdout.write(f"{city.name}の窓口を閉じました。次に export_tenant で書き出し、渡してください。")

    def _reopen(self, *, slug: str, by: str, reason: str, **_options: Any) -> None:
        at = timezone.now()
        city = steps.find(slug)
        steps.reopen(city, by=steps.operator(by, at=at), reason=reason, at=at)
        self.stdout.write(f"{city.name}の窓口を開け直しました。")

    def _hand_over(self, *, slug: str, by: str, manifest: str, received_by: str, **_options: Any) -> None:
        at = timezone.now()
        city, person = steps.find(slug), steps.operator(by, at=at)
        steps.hand_over(city, by=person, manifest=manifest.lower(), received_by=received_by, at=at)
        self.stdout.write(f"渡したことを記録しました。{jst(at + told.WAITING)} から、別の運営者の人が鍵を滅せます。")

    def _destroy(self, *, slug: str, by: str, certificate: Path, confirm: str, **_options: Any) -> None:
        at = timezone.now()
        city, person = steps.find(slug), steps.operator(by, at=at)
        with tenancy.acting_for(city.pk):
            departure = told.of(city.pk)
        if departure.destroyed is None and not confirm:
            asked = destroying.expected(city, departure)
            self.stdout.write(
                f"{city.name}のすべてを、元に戻せない形で廃棄します。続けるなら「{asked}」と打ってください。"
            )
            confirm = input("> ")
        made = destroying.destroy(city, by=person, typed=confirm.strip(), at=at)
        certificate.write_bytes(destroying.written(made))
        counts = made["destroyed"]["counts"]
        self.stdout.write(f"鍵 {counts['key_versions']} 版を滅し、ファイル {counts['files']} 個を消しました。")
        self.stdout.write(f"証しは {certificate} にあります。")

"""Enter a guarantor that issues certificates here, or correct its entry."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.utils import timezone

from guarantees.issuing.refusals import IssuingRefused
from guarantees.issuing.services import founding

# 引数の名、団体の欄、説明
FACTS = (
    ("address", "address", "本店の住所"),
    ("title", "mayor_title", "代表者の役職（代表取締役社長 など）"),
    ("representative", "mayor_name", "代表者の氏名"),
    ("branch", "help_desk", "取扱支店"),
    ("phone", "help_phone", "取扱支店の電話番号"),
    ("hours", "help_hours", "受付時間"),
    ("email", "help_email", "申込みや停止の知らせを受けるメールアドレス"),
)


class Command(BaseCommand):
    help = "保証機関を開設します。同じ記号でもう一度動かすと、書いた項目だけを直します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="アドレスと鍵の一覧に使う記号（例: hosho）", type=str)
        parser.add_argument("name", help="商号")
        for argument, _field, what in FACTS:
            parser.add_argument(f"--{argument}", help=what)

    def handle(self, *_args: Any, **options: Any) -> None:
        given = {field: options[argument] for argument, field, _what in FACTS if options[argument] is not None}
        try:
            validate_slug(options["slug"])
            guarantor = founding.keep(slug=options["slug"], at=timezone.now(), name=options["name"], **given)
        except IssuingRefused as refused:
            raise CommandError(str(refused)) from refused
        except ValidationError as wrong:
            raise CommandError("記号には、英数字と - _ だけを使えます。") from wrong
        self.stdout.write(
            f"{guarantor.name}（{guarantor.slug}）を登録しました。"
            f'鍵の一覧に owners = ["{guarantor.slug}"] の鍵を加え、add_member で最初の審査担当を登録してください。'
        )

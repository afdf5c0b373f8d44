"""Enter who runs this installation for its municipalities."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.utils import timezone

from contracts.services import operators


class Command(BaseCommand):
    help = "運営者を登録します。同じ記号でもう一度動かすと、名称を直します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="記号（例: unei）")
        parser.add_argument("name", help="名称")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            validate_slug(options["slug"])
            operator = operators.found(slug=options["slug"], name=options["name"], at=timezone.now())
        except operators.OperatorRefused as refused:
            raise CommandError(str(refused)) from refused
        except ValidationError as wrong:
            raise CommandError("記号には、英数字と - _ だけを使えます。") from wrong
        self.stdout.write(f"{operator.name}を登録しました。add_member で最初の運営担当を登録してください。")

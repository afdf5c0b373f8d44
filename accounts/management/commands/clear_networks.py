"""Let the people of a city in from everywhere again, when its list of networks has shut them all out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization
from accounts.services import networks


class Command(BaseCommand):
    help = "一つの団体の、使える接続元の決まりをすべて外します（だれも入れなくなったとき）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="自治体・保証機関・運営者の記号（例: mihon）")

    def handle(self, *_args: Any, **options: Any) -> None:
        city = Organization.objects.filter(slug=options["slug"]).first()
        if city is None:
            raise CommandError(f"「{options['slug']}」という団体は登録されていません。")
        networks.lift(city, at=timezone.now())
        self.stdout.write(f"{city.name}は、どこからでも使えるようになりました。")

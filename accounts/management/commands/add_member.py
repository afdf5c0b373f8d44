"""Register the first administrator of a city, or the first person of a new mail domain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.actors import system
from accounts.kana import check_reading
from accounts.models import Department, Organization, OrganizationKind, Role
from accounts.services import members

FIRST_ROLES = {
    OrganizationKind.MUNICIPALITY: Role.ADMINISTRATOR,
    OrganizationKind.GUARANTOR: Role.UNDERWRITER,
    OrganizationKind.OPERATOR: Role.OPERATOR,
}


class Command(BaseCommand):
    help = "職員を登録し、パスワードを決めるリンクをメールで送ります（最初の運用管理者、新しいドメインの最初の一人）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("city", help="自治体・保証機関・運営者の記号（例: mihon）")
        parser.add_argument("email", help="メールアドレス")
        parser.add_argument("name", help="氏名")
        parser.add_argument("--kana", default="", help="氏名のフリガナ")
        parser.add_argument("--role", action="append", choices=Role.values, help="役割（繰り返せます）")
        parser.add_argument("--department", default="", help="課の名（登録済みのもの）")
        parser.add_argument("--title", default="", help="役職")

    def handle(self, *_args: Any, **options: Any) -> None:
        city = Organization.objects.filter(slug=options["city"], kind__in=FIRST_ROLES).first()
        if city is None:
            raise CommandError(f"「{options['city']}」という団体は登録されていません。")
        with tenancy.acting_for(city.pk):
            user = members.add(
                actor=system(city.pk),
                at=timezone.now(),
                email=options["email"],
                name=options["name"],
                name_kana=_reading(options["kana"]),
                roles=options["role"] or [FIRST_ROLES[OrganizationKind(city.kind)]],
                post=members.Post(_department(city, options["department"]), title=options["title"]),
            )
        self.stdout.write(
            f"{city.name}に{user.name}さんを登録し、{user.email} へパスワードを決めるメールを送りました。"
        )


def _reading(text: str) -> str:
    try:
        return check_reading(text)
    except ValueError as wrong:
        raise CommandError(str(wrong)) from wrong


def _department(city: Organization, name: str) -> Department | None:
    if not name:
        return None
    found: Department | None = Department.unscoped.filter(tenant=city, name=name).first()
    if found is None:
        raise CommandError(f"「{name}」という課は登録されていません。")
    return found

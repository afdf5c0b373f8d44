"""The example guarantor: its books, the connection of each city to it, and what people do there in the story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.actors import system
from accounts.models import Organization
from config.demo.browser import Browser, Page, Value
from config.embedded import GUARANTOR_SEAL
from guarantees.issuing.services import correspondents, founding
from guarantees.models import Correspondent, Institution, Side
from vault import fields

if TYPE_CHECKING:
    from config.demo.story import Story

SLUG = "nishinihon"
NAME = "西日本建設業保証株式会社"
EMAIL = f"hosho@{SLUG}.example.jp"
UNDERWRITER = "shinsa"
DETAILS = {
    "name": NAME,
    "mayor_title": "代表取締役社長",
    "mayor_name": "見本　一郎",
    "address": "大阪府大阪市西区立売堀二丁目1番2号",
    "help_desk": "佐賀支店",
    "help_phone": "0952-00-0000",
    "help_hours": "平日 9:00〜17:00",
    "help_email": EMAIL,
}


def found() -> Organization:
    """Enter the guarantor."""
    known = Organization.objects.filter(slug=SLUG).exclude(help_email="").first()
    return known or founding.keep(slug=SLUG, at=timezone.now(), **DETAILS)


def enter(guarantor: Organization, side: Side, *, name: str, email: str, address: str) -> Correspondent:
    """Put a firm or an orderer on the guarantor's books, once."""
    with tenancy.acting_for(guarantor.pk):
        known: Correspondent | None = Correspondent.unscoped.filter(side=side, name=name).first()
        typed = {"side": side, "name": name, "email": email, "address": address}
        return known or correspondents.register(actor=system(guarantor.pk), at=timezone.now(), **typed)


def connect(city: Organization, guarantor: Organization, *, branch: str) -> None:
    """Let a city ask the guarantor for certificates, in a browser and over HTTP; a token is made once."""
    orderer = enter(guarantor, Side.ORDERER, name=city.addressee, email=city.help_email, address=city.address)
    known = {
        "seal_name": GUARANTOR_SEAL,
        "portal_url": _address("issuing_enter"),
        "registry_url": _address("issuing_api"),
    }
    with tenancy.acting_for(city.pk):
        row, _ = Institution.unscoped.update_or_create(
            tenant=city,
            name=NAME,
            branch=branch,
            defaults={"organization": guarantor, "usual_number": r"\d{10}"} | known,
        )
    if row.sealed_registry_token is None:
        with tenancy.acting_for(guarantor.pk):
            token = correspondents.connect(orderer, actor=system(guarantor.pk), at=timezone.now())
        with tenancy.acting_for(city.pk):
            row.sealed_registry_token = fields.seal(token, tenant_id=city.pk, context=row.token_context)
            row.save(update_fields=["sealed_registry_token"])


def _address(name: str) -> str:
    return settings.BASE_URL + reverse(name, kwargs={"guarantor": SLUG})


@dataclass(frozen=True)
class Notice:
    """What a firm hands to the orderer: the notice, as a PDF and as whoever holds it in hand reads it."""

    number: str
    key: str = field(repr=False)
    pdf: bytes = field(repr=False)


def visit(story: "Story", visitor: Browser, *, name: str) -> Page:
    """The guarantor mails someone on its books their link; they open it."""
    desk = story.desk(UNDERWRITER, SLUG)
    book = desk.get("/correspondents/").follow(name)
    book.post("/invite/").says("画面のリンクをお送りします")
    mail = story.mailbox.wait(to=book.said("メールアドレス"), subject="電子保証のご案内")
    return visitor.get(mail.link).post(f"/{SLUG}/enter/")


def apply(works: Page, *, orderer: str, **wish: str | date) -> None:
    """A firm applies for a guarantee: type, work_title, price, amount, work_from and work_until as the form asks."""
    form = works.follow("保証を申し込む").form()
    form.send({"orderer": form.choice("orderer", orderer)} | _typed(wish)).says("お申込みを受け付けました", "審査待ち")


def apply_for_change(works: Page, number: str, **wish: str | date) -> None:
    """A firm applies for a change of a certificate: what has changed, the rest as it stands."""
    form = works.follow(number).follow("変更を申し込む").form()
    form.send(_typed(wish)).says("お申込みを受け付けました")


def _typed(wish: Mapping[str, str | date]) -> dict[str, Value]:
    return {name: str(value) for name, value in wish.items()}


def underwrite(story: "Story") -> Page:
    """An underwriter opens the application from the mail about it, and takes it on."""
    mail = story.mailbox.wait(to=EMAIL, subject="保証の申込みが届きました")
    page = story.desk(UNDERWRITER, SLUG).get(mail.link).says("引き受けて証書を発行する")
    return page.post("/issue/").says("引き受けました", "保証契約番号")


def take_notice(story: "Story", visitor: Browser, *, email: str) -> Notice:
    """A firm opens 「電子証書・認証キー登録のお知らせ」, has the key of the newest shown and downloads the notice."""
    mail = story.mailbox.wait(to=email, subject="電子証書・認証キー登録のお知らせ")
    works = visitor.get(mail.link).post(f"/{SLUG}/enter/").says("保証工事一覧")
    shown = works.post("/key/").says("認証キーを知る人は")
    number, key = (shown.said(term) for term in ("保証契約番号", "認証キー"))
    return Notice(number, key, shown.post("/notice/").response.content)

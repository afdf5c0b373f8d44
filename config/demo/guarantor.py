"""The example guarantor: its books, the connection of each city to it, and what people do there in the story."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.actors import system
from accounts.models import Organization
from config.demo.browser import Page
from guarantees.issuing.services import correspondents, founding
from guarantees.models import Correspondent, Institution, Side
from vault import fields

if TYPE_CHECKING:
    from config.demo.player import Story

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
    places = {"portal_url": _address("issuing_enter"), "registry_url": _address("issuing_api")}
    with tenancy.acting_for(city.pk):
        row, _ = Institution.unscoped.update_or_create(
            tenant=city,
            name=NAME,
            branch=branch,
            defaults={"organization": guarantor, "usual_number": r"\d{10}"} | places,
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
    """What a firm hands to the orderer: the notice PDF, whose key only the PDF tells."""

    number: str
    pdf: bytes


def visit(story: "Story", email: str) -> Page:
    """A firm asks for its link at the guarantor's page, opens it, and sees its works."""
    page = story.firm.get(f"/{SLUG}/enter/")
    page.form().submit(email=email).says("お送りしました")
    mail = story.mailbox.wait(to=email, subject="電子保証のご案内")
    return story.firm.get(mail.link).post(f"/{SLUG}/enter/").says("保証工事一覧")


def apply(works: Page, *, orderer: str, bank: str = "〇〇銀行 △△支店", **wish: str | date) -> Page:
    """A firm applies for a guarantee: type, work_title, price, amount, work_from and work_until as the form asks."""
    form = works.browser.get(works.url.rstrip("/") + "/apply/").form()
    choices = form.element.xpath(".//select[@name='orderer']/option")
    chosen = next(each.get("value") for each in choices if orderer in each.text_content())
    typed = {"orderer": chosen, "deposit_bank": bank} | {name: str(value) for name, value in wish.items()}
    return form.send(typed).says("お申込みを受け付けました", "審査待ち")


def apply_for_change(works: Page, number: str, **wish: str | date) -> Page:
    """A firm applies for a change of a certificate: what has changed, the rest as it stands."""
    address = next(each for each in works.tree.xpath(f"//a[contains(., '{number}')]/@href"))
    form = works.browser.get(address + "change/").form()
    return form.send({name: str(value) for name, value in wish.items()}).says("お申込みを受け付けました")


def underwrite(story: "Story") -> Page:
    """An underwriter opens the newest application from the mail about it, and takes it on."""
    mail = story.mailbox.wait(to=EMAIL, subject="保証の申込みが届きました")
    page = story.desk(UNDERWRITER, SLUG).get(mail.link).says("引き受けて証書を発行する")
    return page.post("/issue/").says("引き受けました", "保証契約番号")


def take_notice(story: "Story", email: str) -> Notice:
    """A firm opens 「電子証書・認証キー登録のお知らせ」, shows the key and downloads the notice."""
    mail = story.mailbox.wait(to=email, subject="電子証書・認証キー登録のお知らせ")
    works = story.firm.get(mail.link).post(f"/{SLUG}/enter/").says("保証工事一覧")
    shown = works.post("/key/").says("認証キーを知る人は")
    number = shown.tree.xpath("string(//dt[contains(., '保証契約番号')]/following-sibling::dd[1]/span)").strip()
    return Notice(number, shown.post("/notice/").response.content)

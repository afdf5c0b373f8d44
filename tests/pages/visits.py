"""The pages behind ways in of their own, and the turns of a case: each shown to whoever comes to it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from accounts.services import passwords
from contracts.models import AccessLink, Purpose, SigningLevel
from contracts.services.inboxes import entering
from contracts.views.across import ASKED_KEY
from guarantees.issuing.services import entering as issuing
from notifications.models import Delivery
from tests import factories
from tests.architecture.scene import Scene
from tests.contracts import coded
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import code_in, link_in
from tests.contracts.pages.conftest import give_second_factor
from tests.guarantees.issuing.conftest import Books, holding_keys
from tests.stories import Story, story

if TYPE_CHECKING:
    from tests.pages.rendering import Page

Ask = Callable[..., "Page | None"]


def pages(scene: Scene, ask: Ask) -> Iterator["Page"]:
    """Show everything that no row of the table opens by itself."""
    for show in (_consenting, _signing, _of_the_city, _expired, _inbox, _guarantor, _password, _coded, _across):
        yield from filter(None, show(scene, ask))
        tenancy.set_tenant(scene.tosu.pk)


def _consenting(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    told = story(number="鳥工第一〇一号").invited()
    browser = Client()
    address = enter(browser, told.address(Purpose.CONSENT))
    whole = told.answers() | {"methods_agreed": "on", "authority_declared": "on"}
    for state, posted in (("asked", None), ("refused", {}), ("preview", whole)):
        values = {} if posted is None else {"post": posted}
        yield ask(browser, address, name="consent_form", who="holder", state=state, **values)
    yield from _case(told, ask, "invited")


def _signing(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    told = story(number="鳥工第一〇二号").sent()
    yield from _case(told, ask, "sent")
    browser = Client()
    address = enter(browser, told.address(Purpose.SIGN))
    for name, step in (("contractor_sign", ""), ("contractor_change", "change/")):
        yield ask(browser, f"{address}{step}", name=name, who="holder", state="turn")
    yield ask(browser, f"{address}confirm/", name="contractor_confirm", who="holder", state="turn", post={})
    browser.post(f"{address}finish/")
    yield ask(browser, address, name="contractor_sign", who="holder", state="waiting")


def _of_the_city(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    told = story(number="鳥工第一〇三号").signed()
    told.seal()
    browser = Client()
    browser.force_login(told.signatory)
    give_second_factor(browser, told.signatory)
    step = told.step(2).pk
    yield ask(browser, reverse("sign_step", args=[step]), name="sign_step", who="signatory", state="turn")
    confirm = reverse("sign_confirm", args=[step])
    yield ask(browser, confirm, name="sign_confirm", who="signatory", state="turn", post={})
    yield from _case(told, ask, "turn of the city")
    browser.post(reverse("sign_finish", args=[step]))
    yield ask(browser, reverse("sign_progress", args=[step]), name="sign_progress", who="signatory", state="waiting")


def _expired(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    past = timezone.now() - timedelta(seconds=1)
    address = scene.concluded.address(Purpose.DOWNLOAD)
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD, tenant=scene.tosu).update(expires_at=past)
    browser = Client()
    yield ask(browser, address, name="link_landing", who="holder", state="expired")
    renewal = browser.post(address, {"renew": "1"})
    yield ask(browser, str(renewal["Location"]), name="download_renew", who="holder")


def _inbox(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    email = scene.concluded.step(1).email
    browser = Client()
    entered = browser.post(reverse("inbox_enter", args=[scene.tosu.slug]), {"email": email})
    yield ask(browser, str(entered["Location"]), name="inbox_code", who="holder")
    made = entering.issue_all(scene.tosu, emails=[email], at=timezone.now())[email]
    landing = _path(made)
    yield ask(Client(), landing, name="inbox_landing", who="holder")
    page = enter(browser, landing)
    yield ask(browser, page, name="inbox", who="holder")
    yield ask(browser, f"{page}records/", name="inbox_records", who="holder")


def _guarantor(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    """Show a guarantor's firm and orderer their own pages."""
    books = Books()
    certificate = books.issued()
    yield ask(Client(), _of(books, "issuing_enter"), name="issuing_enter", who="anyone")
    landing = _path(issuing.make(books.firm, at=timezone.now()))
    yield ask(Client(), landing, name="issuing_landing", who="applicant")
    firm, first = books.entrance(books.firm)
    link = _number(first)
    own = {"link_id": link, "certificate_id": certificate.pk}
    yield ask(firm, first, name="issuing_client", who="applicant")
    for name, places in (("issuing_apply", {"link_id": link}), ("issuing_own", own), ("issuing_change", own)):
        yield ask(firm, _of(books, name, **places), name=name, who="applicant")
    for name in ("issuing_apply", "issuing_change"):
        places = own if name == "issuing_change" else {"link_id": link}
        yield ask(firm, _of(books, name, **places), name=name, who="applicant", state="posted empty", post={})
    city, first = books.entrance(books.city)
    yield ask(city, first, name="issuing_view", who="orderer")
    yield ask(city, first, name="issuing_view", who="orderer", state="posted empty", post={})
    with holding_keys():
        books.seal()
    opened = city.post(first, {"number": certificate.number, "key": books.key(certificate)})
    yield ask(city, str(opened["Location"]), name="issuing_viewed", who="orderer")


def _password(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    """Show a new member the way to a password."""
    newcomer, told = factories.member(scene.tosu, Role.DRAFTER), {"name": "account_reset_password_from_key"}
    passwords.send_link_again(newcomer, actor=factories.staff(scene.tosu, Role.ADMINISTRATOR), at=timezone.now())
    landing = _path(link_in(Delivery.unscoped.filter(to=newcomer.email).latest("pk")))
    yield ask(Client(), landing, who="newcomer", **told)
    browser = Client()
    choose = str(browser.post(landing)["Location"])
    yield ask(browser, choose, who="newcomer", state="choosing", **told)
    yield ask(browser, choose, who="newcomer", state="posted empty", post={}, **told)


def _coded(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    """Ask signers for a code beside the link: not made yet, made, wrong once, and sent by mail."""
    told = coded.asking_for(SigningLevel.ACCESS_CODE).sent()
    browser, shown = Client(), {"name": "contractor_code", "who": "holder"}
    address = f"{enter(browser, told.address(Purpose.SIGN))}code/"
    yield ask(browser, address, state="none made", **shown)
    mistaken = coded.wrong(coded.made(told))
    yield ask(browser, address, state="asked", **shown)
    yield ask(browser, address, state="posted empty", post={}, **shown)
    browser.post(address, {"code": mistaken})
    yield ask(browser, address, state="wrong once", **shown)
    told = coded.asking_for(SigningLevel.ONE_TIME_CODE).sent(contact_email=coded.SECOND)
    browser = Client()
    address = f"{enter(browser, told.address(Purpose.SIGN))}code/"
    yield ask(browser, address, state="by mail", **shown)


def _across(scene: Scene, ask: Ask) -> Iterator["Page | None"]:
    """Show a firm the inbox over its cities: two of them side by side, one not."""
    browser, email = Client(), "madoguchi@takasaki.example.jp"
    for slug in ("usuki", "matsuyama", "tosu"):
        firm = factories.contractor(factories.city(slug), email=email)
        story(slug, number="第一〇四号", contractor=firm).address(Purpose.GUARANTEE)
    asked = str(browser.post(reverse("across_enter"), {"email": email})["Location"])
    yield ask(browser, asked, name="across_code", who="firm")
    yield ask(browser, asked, name="across_code", who="firm", state="posted empty", post={})
    tenancy.set_tenant(browser.session[ASKED_KEY]["city"])
    sent = Delivery.unscoped.filter(template="contracts/everywhere_code").latest("pk")
    mine = str(browser.post(asked, {"code": code_in(sent)})["Location"])
    yield ask(browser, mine, name="across", who="firm", state="alone")
    browser.post(reverse("across_join"), {"city": ["tosu", "matsuyama"]})
    yield ask(browser, mine, name="across", who="firm", state="joined")
    yield ask(browser, reverse("across_records"), name="across_records", who="firm")
    yield ask(browser, reverse("across_records"), name="across_records", who="firm", state="posted empty", post={})


def _case(told: Story, ask: Ask, state: str) -> Iterator["Page | None"]:
    browser = Client()
    browser.force_login(factories.member(told.tenant, Role.DRAFTER))
    yield ask(browser, reverse("case", args=[told.case.pk]), name="case", who="drafter", state=state)


def _of(books: Books, name: str, **places: int) -> str:
    return reverse(name, kwargs={"guarantor": books.guarantor.slug} | places)


def _path(link: str) -> str:
    return link.removeprefix(settings.BASE_URL)


def _number(address: str) -> int:
    return next(int(part) for part in address.split("/") if part.isdecimal())

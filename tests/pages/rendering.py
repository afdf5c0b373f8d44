"""Every page of the scene as the server answers it, with what it asks the database and what hangs on it.

Pages are rendered before a browser starts: the scene lives in a transaction that only this process sees.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from contracts.models import AccessLink, Purpose
from tests.architecture.routes import GET, POST, TABLE, Desk, Link, Open, ours
from tests.architecture.scene import Scene
from tests.pages import visits

# 長い形（make pages）では、すべての役割とすべての様子を、明暗と幅のすべてで見る
EVERYTHING = bool(os.environ.get("PAGES"))
# 役割の多い机から。監査担当には押すものがなく、ほかの役割より少ないものが見える
ORDER = (Role.DRAFTER, Role.ADMINISTRATOR, Role.GUARANTEE_OFFICER, Role.SIGNATORY, Role.APPROVER, Role.AUDITOR)
EVERY = (*ORDER, Role.UNDERWRITER, Role.OPERATOR)
HELD = re.compile(r'<(?:img|source|iframe|object|embed)\b[^>]*?\b(?:src|data)="(/[^"]+)"')
# 開いたままの画面が、自分で取り直すところ（htmx）。人の操作で取りに行くところは、旅の試験が見る
FETCHED = re.compile(r'\bhx-get="([^"?]+)[^"]*"\s+hx-trigger="(?:every|load)')
STATIC, HTMX = "/static/", {"HX-Request": "true"}
# 何も書かずに押した用紙。ブラウザは、書くものがなくても CSRF の印を送る
NOTHING = {"csrfmiddlewaretoken": ""}
SIGNED_OUT = ("account_login", "account_reset_password", "account_reset_password_done")
SIGNED_IN = (
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
)


@dataclass(frozen=True)
class Page:
    """One answer that people see: who asked what, how it looked, and what it cost."""

    name: str
    who: str
    state: str
    address: str
    status: int
    headers: dict[str, str]
    body: bytes
    queries: int
    held: dict[str, tuple[str, bytes]] = field(repr=False)
    parts: dict[str, tuple[int, dict[str, str], bytes]] = field(repr=False)

    @property
    def told(self) -> str:
        return " ".join(filter(None, (self.name, self.who, self.state)))

    @property
    def text(self) -> str:
        return self.body.decode()

    def file(self, address: str) -> tuple[str, bytes] | None:
        """Return what hangs on the page at an address; a picture of one size stands for its other sizes (srcset)."""
        path = address.partition("?")[0]
        alike = (file for at, file in self.held.items() if at.partition("?")[0] == path)
        return self.held.get(address) or next(alike, None)


def pages(scene: Scene, *, every_role: bool = False) -> list[Page]:
    """Render every page once, for the first role that may open it or for all of them."""
    found = [*_desks(scene, EVERY if every_role else ()), *_links(scene), *_open(scene), *_accounts(scene)]
    found += [*_refusals(scene), *visits.pages(scene, ask)]
    return list(_unlike(found)) if every_role else found


def _unlike(found: Iterable[Page]) -> Iterator[Page]:
    """Leave out what another role has seen alike, but for the menu of each."""
    seen = set()
    for page in found:
        main = re.sub(r"[A-Za-z0-9]{64}|(?s:<header.*?</header>)", "", page.text)
        if page.name == "home" or (page.name, page.state, main) not in seen:
            seen.add((page.name, page.state, main))
            yield page


def ask(client: Client, address: str, *, name: str, who: str, state: str = "", **posted: object) -> Page | None:
    """Ask for a page, or post to it and take back what that did; None for files and moves."""
    post = "post" in posted
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        response = client.post(address, posted["post"] or NOTHING) if post else client.get(address)
        transaction.set_rollback(post)
    if not is_page(response):
        return None
    held = {each: _file(client, each) for each in _held(response)}
    parts = {each: _part(client, each) for each in _fetched(response) if EVERYTHING}
    headers = {key: value for key, value in response.headers.items() if key not in {"Content-Length", "Set-Cookie"}}
    return Page(name, who, state, address, response.status_code, headers, response.content, len(asked), held, parts)


def is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html") and not 300 <= response.status_code < 400


def _held(response: HttpResponse) -> list[str]:
    found = {unescape(each) for each in HELD.findall(response.content.decode())}
    return sorted(each for each in found if not each.startswith(STATIC))


def _fetched(response: HttpResponse) -> set[str]:
    return {unescape(each) for each in FETCHED.findall(response.content.decode())}


def _part(client: Client, address: str) -> tuple[int, dict[str, str], bytes]:
    response = client.get(address, headers=HTMX)
    return response.status_code, dict(response.headers), response.content


def _file(client: Client, address: str) -> tuple[str, bytes]:
    response = client.get(address)
    return response["Content-Type"], response.getvalue()


def _desks(scene: Scene, roles: tuple[Role, ...]) -> Iterator[Page]:
    for name, row in TABLE.items():
        if not isinstance(row, Desk) or "get" not in row.methods:
            continue
        may = [role for role in EVERY if role in row.roles]
        for role in (roles and may) or may[:1]:
            told = {"name": name, "who": role.value}
            yield from filter(None, (ask(scene.desks[role], scene.address(name, row), **told),))
        if row.methods >= GET | POST:
            told |= {"state": "posted empty", "post": {}}
            yield from filter(None, (ask(scene.desks[may[0]], scene.address(name, row), **told),))
    yield from _cases(scene)


def _cases(scene: Scene) -> Iterator[Page]:
    """Show the case at the points of its way at which the scene holds one, to all who may see it."""
    for state in ("registered", "drafted", "concluded"):
        address = reverse("case", args=[getattr(scene, state).case.pk])
        for role in ORDER if state == "drafted" else (Role.DRAFTER, Role.GUARANTEE_OFFICER):
            yield from filter(None, (ask(scene.desks[role], address, name="case", who=role.value, state=state),))


def _links(scene: Scene) -> Iterator[Page]:
    for purpose, address in scene.links.items():
        yield from filter(None, (ask(Client(), address, name="link_landing", who="holder", state=purpose.value),))
    for name, row in TABLE.items():
        if not isinstance(row, Link) or "get" not in row.methods:
            continue
        client, address = opened(scene, row.purpose), _link_address(scene, name, row)
        yield from filter(None, (ask(client, address, name=name, who="holder"),))
        if row.methods >= GET | POST:
            yield from filter(None, (ask(client, address, name=name, who="holder", state="posted empty", post={}),))


def _link_address(scene: Scene, name: str, row: Link) -> str:
    return reverse(name, kwargs=scene.ids(name, row) | {"city": scene.tosu.slug})


def opened(scene: Scene, purpose: Purpose) -> Client:
    """Make a browser in which someone has opened the link of the concluded case for a purpose."""
    client = Client()
    link = AccessLink.unscoped.filter(case=scene.concluded.case, purpose=purpose).latest("pk")
    session = client.session
    session["links"] = {str(link.pk): purpose}
    session.save()
    client.cookies["session"] = session.session_key
    return client


def _open(scene: Scene) -> Iterator[Page]:
    known = {"city": scene.tosu.slug, "number": scene.anchor, "first": scene.anchor - (scene.anchor - 1) % 200}
    for name, row in TABLE.items():
        if not isinstance(row, Open) or "get" not in row.methods or name == "link_landing":
            continue
        places = {key: value for key, value in known.items() if key in ours()[name].pattern.converters}
        address = reverse(name, kwargs=places)
        yield from filter(None, (ask(Client(), address, name=name, who="anyone"),))
        if row.methods >= GET | POST:
            yield from filter(None, (ask(Client(), address, name=name, who="anyone", state="posted empty", post={}),))


def _accounts(scene: Scene) -> Iterator[Page]:
    signed_in, proven = scene.desks[Role.DRAFTER], scene.desks[Role.ADMINISTRATOR]
    for names, client in ((SIGNED_OUT, Client()), (SIGNED_IN, signed_in), (("address",), proven)):
        for name in names:
            yield from filter(None, (ask(client, reverse(name), name=name, who="staff"),))
    wrong = {"login": "kian@tosu.example.jp", "password": "x"}
    posted = ask(Client(), reverse("account_login"), name="account_login", who="staff", state="refused", post=wrong)
    yield from filter(None, (posted,))


def _refusals(scene: Scene) -> Iterator[Page]:
    """Show what those see who come to a wrong door."""
    landing = scene.links[Purpose.CONSENT]
    doors = (
        ("404", scene.desks[Role.DRAFTER], "/cases/999999999/"),
        ("404", Client(), "/nowhere/"),
        ("403", scene.desks[Role.AUDITOR], reverse("case_new")),
        ("403", scene.homeless, reverse("case_list")),
        ("dead link", Client(), f"{landing[:-2]}{'B' if landing[-2] == 'A' else 'A'}/"),
    )
    for state, client, address in doors:
        yield from filter(None, (ask(client, address, name="refusal", who=address.strip("/")[:12], state=state),))

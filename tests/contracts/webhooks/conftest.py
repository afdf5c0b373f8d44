"""Another system of the city, listening over TLS, that believes nothing but the example in docs/api.md."""

import asyncio
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accounts.models import Role
from contracts.models import Webhook
from contracts.services.integrating import kinds, webhooks
from outgoing import client
from tests import factories
from tests.signing.faulty_responders import Authority
from tests.signing.loopback import serving
from tests.stories import Story, story

AT = datetime(2026, 3, 5, 1, 20, 30, tzinfo=UTC)
DOCS = Path(__file__).resolve().parents[3] / "docs/api.md"


def documented() -> Callable[..., dict[str, Any]]:
    """Take the receiver's part out of the documentation."""
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert code is not None
    known: dict[str, Any] = {}
    exec(code[1], known)
    return known["read_webhook"]  # type: ignore[no-any-return]


class Receiver:
    """A system that keeps what it was told and answers as it is set; its first answers may hang."""

    def __init__(self) -> None:
        self.port = 0
        self.statuses: list[int] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.location = ""
        self.hangs = False
        self.asked = threading.Event()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/musubi"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.asked.set()
        if self.hangs:
            await asyncio.sleep(60)
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": self.location} if self.location else {})

    def read(self, number: int, secret: str, *, now: datetime = AT) -> dict[str, Any]:
        """Read a message as the documentation says; raises ValueError for one that is not to be believed."""
        return documented()(self.headers[number], self.bodies[number], secret, now=now.timestamp())

    @property
    def uids(self) -> list[str]:
        return [headers["webhook-id"] for headers in self.headers]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an authority and a certificate for this machine's own address."""
    folder, authority = tmp_path_factory.mktemp("tls"), Authority()
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = authority.issue("127.0.0.1", by="root", to="responder", extensions=(names,))
    key = authority.keys["responder"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(key + certificate.public_bytes(Encoding.PEM))
    (folder / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    return folder


@pytest.fixture
def receiver(papers: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    made, context = Receiver(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(papers / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(papers / "root.pem"))
    client._tls.cache_clear()
    with serving(made.answer, context) as port:
        made.port = port
        yield made
        client._close_kept()
    client._tls.cache_clear()


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


Told = tuple[Webhook, str]


def tell(told: Story, url: str, *wanted: str) -> Told:
    """Have a system told of events, of all of them unless some are named; return its secret too."""
    chosen = wanted or [action for action, _label in kinds.choices()]
    chief = factories.staff(told.tenant, Role.ADMINISTRATOR)
    return webhooks.add(actor=chief, at=AT, name="契約管理", url=url, wanted=chosen)


@pytest.fixture
def told(tosu: Story, receiver: Receiver) -> Told:
    return tell(tosu, receiver.url)

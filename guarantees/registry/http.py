"""A guarantor's registry asked over HTTP: it sends the sealed PDF, and we read and judge that ourselves."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.views.decorators.debug import sensitive_variables

from guarantees.facts import CertificateFacts
from guarantees.registry import RegistryLocked, RegistryRefused, RegistryUnavailable, Standing, Viewed
from outgoing import client
from signing.attachments import attached
from signing.results import LONG_LASTING
from signing.trust import Trust
from signing.verification import verify
from vault import clamd

FACTS = "certificate.json"
LARGEST_ANSWER = 8 << 20  # バイト
AMOUNTS = frozenset({"amount", "price", "base_price"})
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
AWAY = "保証機関の照会先が応答しません（{why}）。時間をおいて、もう一度お試しください。"
INSECURE = "保証機関の照会先が https ではないため、認証キーを送れません。運用管理者にご連絡ください。"
UNKNOWN = "保証機関が、この自治体の接続を受け付けません。運用管理者に、接続用の合言葉の登録をご依頼ください。"
INFECTED = "保証機関から届いた証書からウイルスが見つかったため、受け取りませんでした。保証機関にお知らせください。"
UNREADABLE = "保証機関の応答を読み取れません。保証確認サービスの画面で閲覧してください。"


@dataclass(frozen=True)
class HttpRegistry:
    """A guarantor's instance: its address, the token it gave us, and whom we trust for seals."""

    url: str
    token: str = field(repr=False)
    trust: Trust = field(repr=False)

    @sensitive_variables("number", "key")
    def view(self, *, number: str, key: str) -> Viewed:
        """Show a certificate; raises RegistryRefused, RegistryLocked or RegistryUnavailable, in words for a clerk."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise RegistryUnavailable(INSECURE)
        said = self._asked(json.dumps({"number": number, "key": key}).encode())
        if said.get("answer") == "shown":
            return self._viewed(said)
        refused = RegistryLocked if said.get("answer") == "locked" else RegistryRefused
        raise refused(f"保証機関の回答: {said.get('reason', '')}")

    @sensitive_variables("body", "headers")
    def _asked(self, body: bytes) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            answer = client.ask(self.url, limit=LARGEST_ANSWER, body=body, headers=headers)
        except client.Unreachable as error:
            raise RegistryUnavailable(AWAY.format(why=error)) from None
        if answer.status == 401:
            raise RegistryUnavailable(UNKNOWN)
        said = _read(answer.body) if answer.status == 200 else None
        if said is None:
            raise RegistryUnavailable(UNREADABLE)
        return said

    def _viewed(self, said: dict[str, Any]) -> Viewed:
        try:
            pdf = base64.b64decode(said["pdf"], validate=True)
            _scan(pdf)
            facts = _facts(json.loads(attached(pdf, name=FACTS) or b""))
            standing = Standing(said["standing"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RegistryUnavailable(UNREADABLE) from error
        return Viewed(facts, pdf, verify(pdf, trust=self.trust, required_level=LONG_LASTING), standing)


def _scan(pdf: bytes) -> None:
    """Have a paper scanned that no page received; raises RegistryUnavailable."""
    try:
        clamd.scan([pdf])
    except clamd.Infected as infected:
        raise RegistryUnavailable(INFECTED) from infected
    except clamd.Unscanned as unscanned:
        raise RegistryUnavailable(str(unscanned)) from unscanned


def _facts(said: dict[str, Any]) -> CertificateFacts:
    """Read what a certificate says; raises ValueError, TypeError for values that no certificate has."""
    for name, value in said.items():
        kind = int if name in AMOUNTS else bool if name == "changed" else str
        if value is not None and type(value) is not kind:
            raise ValueError(f"{name} is no {kind.__name__}")
    return CertificateFacts.from_json(said)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None

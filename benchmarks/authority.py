"""A certificate authority, OCSP, CRL and TSA over HTTP on loopback, in a process of its own."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from benchmarks.responders import COUNTS
from config.embedded import pki, ports
from config.embedded.children import Children
from config.embedded.stack import answering
from tests.signing.p256 import P256, add_p256_signer


@dataclass(frozen=True)
class Counts:
    """What the responders have been asked so far, the connections opened to them, and the CPU it cost them."""

    tsa: int = 0
    revocation: int = 0
    connections: int = 0
    cpu_ms: float = 0.0

    def __sub__(self, earlier: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) - getattr(earlier, name) for name in self.__dataclass_fields__))


LATER = "later"


@contextmanager
def running(root: Path) -> Iterator[pki.PkiPaths]:
    """Serve until the block ends; the keys are made at the first run and kept under `root`."""
    children = Children(ledger=root / "children.json", logs=root / "logs")
    children.sweep()
    made = pki.create(root / "pki", ports.pick())
    if not (made.directory / P256).exists():
        _add_later_tsa(made)
        add_p256_signer(made)
    ports.demand(made.port, purpose="計測用の認証局", remedy=f"それを終了するか、{root}/ を消してください。")
    argv = [sys.executable, "-m", "benchmarks.responders", str(made.directory), str(made.port)]
    child = children.start("pki", argv)
    try:
        children.wait_until(answering(made.port), child=child, seconds=60)
        yield made
    finally:
        children.stop()


def later_tsa(made: pki.PkiPaths) -> str:
    """Return where a TSA answers whose certificate ends a year after the other's, as renewing demands."""
    return f"{made.tsa_url.rpartition('/')[0]}/{LATER}"


def _add_later_tsa(made: pki.PkiPaths) -> None:
    config = yaml.safe_load(made.config.read_text(encoding="utf-8"))
    own = config["pki-architectures"][pki.ARCHITECTURE]
    known = own["certs"]["tsa"]
    until = datetime.fromisoformat(known["validity"]["valid-to"]) + timedelta(days=365)
    later = {"subject": "tsa", "subject-key": "tsa", "validity": known["validity"] | {"valid-to": until.isoformat()}}
    own["certs"][LATER] = known | later
    own["services"]["time-stamping"][LATER] = own["services"]["time-stamping"]["tsa"] | {"signing-cert": LATER}
    made.config.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")


def counts(made: pki.PkiPaths) -> Counts:
    """Ask the responders what they have counted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{made.port}{COUNTS}", timeout=10) as answer:
        return Counts(**json.load(answer))

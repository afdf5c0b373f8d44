"""Our way: the sealer over the trial authority, and what a worker does with it."""

from pathlib import Path

from django.utils import timezone

from config.embedded.pki import PkiPaths
from signing.keys import KeyBackend, Pkcs12Key
from signing.sealing import Approval, Sealer
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust

PEOPLE = (("髙﨑　𠮷男", "takasaki@kensetsu.example.jp"), ("見本　太郎", "keiyaku@tosu.example.jp"))


def approval(step: int, document: str = "1") -> Approval:
    """Return what one of the two parties approves now."""
    name, email = PEOPLE[step]
    return Approval(document=document, step=step, name=name, email=email, at=timezone.now())


def key(made: PkiPaths, pkcs12: Path | None = None) -> Pkcs12Key:
    """Open a signer's key; the authority's own signer has RSA-3072."""
    return Pkcs12Key(pkcs12 or made.pkcs12, made.passphrase.read_text())


def authorities(made: PkiPaths, url: str = "") -> TimestampAuthorities:
    """Ask the trial TSA, or another at an address."""
    return TimestampAuthorities([url or made.tsa_url], trust=Trust.load([made.trust_roots], [made.chain]))


def sealer(made: PkiPaths, with_key: KeyBackend) -> Sealer:
    """Build our sealer over the trial authority."""
    return Sealer(with_key, authorities(made))


def tails(source: Standing | bytes, with_sealer: Sealer) -> bytes:
    """Make what two approvals and the document timestamp append."""
    appended = b""
    for step in range(len(PEOPLE)):
        sealed = with_sealer.approve(source, approval(step), final=step == len(PEOPLE) - 1)
        source, appended = sealed.standing, appended + sealed.tail
    return appended

"""Asking a guarantor for a certificate by its number and key, whoever answers and however."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from accounts.refusals import Refusal
from guarantees.facts import CertificateFacts
from signing.results import Report, Verdict


class Standing(StrEnum):
    """How a certificate stands with its guarantor when it is viewed."""

    CURRENT = "current"
    CHANGED = "changed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """Return the word shown to people."""
        return STANDINGS[self]


STANDINGS = {
    Standing.CURRENT: "有効",
    Standing.CHANGED: "変更済（変更後の証書があります）",
    Standing.CANCELLED: "解約",
}


@dataclass(frozen=True)
class Viewed:
    """A certificate as its guarantor showed it: the sealed PDF, what it says, and our own verdict on the seal.

    `facts` stand in the PDF itself, under the seal. `signer` names the seal's certificate, "" without one.
    """

    facts: CertificateFacts
    pdf: bytes
    seal: Report
    standing: Standing

    @property
    def is_sealed(self) -> bool:
        """Tell whether the seal holds and comes from someone this installation trusts."""
        return self.seal.verdict is Verdict.VALID

    @property
    def signer(self) -> str:
        return self.seal.signatures[0].signer if self.seal.signatures else ""


class RegistryRefused(Refusal):
    """The guarantor does not show this certificate: unknown number, wrong key, or another orderer's."""


class RegistryLocked(RegistryRefused):
    """Wrong keys were tried too often; only the guarantor can open the certificate again."""


class RegistryUnavailable(Refusal):
    """The guarantor did not answer, or not in a way that can be read."""


class GuaranteeRegistry(Protocol):
    """A guarantor that shows certificates to their orderer."""

    def view(self, *, number: str, key: str) -> Viewed:
        """Show a certificate; raises RegistryRefused, RegistryLocked or RegistryUnavailable, in words for a clerk."""
        ...

"""文書に埋め込まれた検証情報（DSS、ISO 32000-2 12.8.4.3）と、署名の中の失効情報を取り出す。"""

from dataclasses import dataclass

from signing.pdf.file import File
from signing.pdf.syntax import Broken, Dictionary, TooLarge
from signing.results import Problem
from signing.verification import cms
from signing.verification.der import CONTEXT_0, CONTEXT_1, SEQUENCE
from signing.verification.problems import EVIDENCE_UNREADABLE
from signing.verification.revocation import Evidence

MOST_ENTRIES = 200
NOTHING = Evidence()


@dataclass(frozen=True)
class Store:
    """The latest document security store."""

    certificates: tuple[bytes, ...] = ()
    evidence: Evidence = NOTHING
    problems: tuple[Problem, ...] = ()


def store_of(file: File) -> Store:
    """Read the store; one that cannot be read counts as none and is said to be so. Raises TooLarge."""
    try:
        found = file.resolve(file.catalog().get("DSS"))
        if not isinstance(found, dict):
            return Store()
        evidence = Evidence(_entries(file, found, "OCSPs"), _entries(file, found, "CRLs"))
        return Store(_entries(file, found, "Certs"), evidence)
    except TooLarge:
        raise
    except Broken:
        return Store(problems=(EVIDENCE_UNREADABLE,))


def _entries(file: File, store: Dictionary, key: str) -> tuple[bytes, ...]:
    listed = file.resolve(store.get(key))
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise Broken("evidence that is no list")
    if len(listed) > MOST_ENTRIES:
        raise TooLarge("too much evidence")
    return tuple(dict.fromkeys(file.stream(each) for each in listed))


def archived(signed: cms.Signed) -> Evidence:
    """Return the revocation answers among the signed attributes (adbe-revocationInfoArchival); raises Malformed."""
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    for value in signed.attributes.get(cms.REVOCATION_ARCHIVE, []):
        for part in value.of(SEQUENCE).children():
            kept = {CONTEXT_0: crls, CONTEXT_1: ocsps}.get(part.tag, [])
            kept += [each.raw for each in part.only(SEQUENCE).children()[:MOST_ENTRIES]]
    return Evidence(tuple(ocsps), tuple(crls))

"""Hold a consent against the register of qualified bidders (様式第1号 備考3, R46, R56): differences are only shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contracts.folding import search_key
from contracts.models import Authority, Consent, Contractor


@dataclass(frozen=True)
class Mismatch:
    """One item of the form that the register says otherwise."""

    label: str
    registered: str
    typed: str

    def __str__(self) -> str:
        return f"{self.label}（名簿: {self.registered} / 承諾書: {self.typed}）"


@dataclass(frozen=True)
class Person:
    """Someone who may contract for a firm, as the register knows them."""

    title: str
    name: str
    email: str


def mismatches(consent: Consent, *, on: date) -> tuple[Mismatch, ...]:
    """List what a consent says otherwise than the register does on a day (JST), spelling forgiven.

    Names are compared by their folded keys, so that 髙 and 高 or ㈱ and 株式会社 are the same.
    """
    firm = consent.contractor
    pairs = [
        ("商号又は名称", (firm.full_name,), consent.company_name),
        ("代表者名", _representatives(firm), consent.representative_name),
        ("請負（受注）者名", (firm.full_name,), consent.authority_company),
    ]
    found = [Mismatch(label, known[0], typed) for label, known, typed in pairs if not _is_one_of(typed, known)]
    return (*found, *_of_authority(consent, people_of(firm, on=on)))


def people_of(firm: Contractor, *, on: date) -> list[Person]:
    """List who may contract for a firm on a day (JST): its 代表者 or 受任者 first, then its authority register."""
    entered = Authority.unscoped.filter(contractor=firm).order_by("pk")
    holding = [Person(entry.title, entry.name, entry.email) for entry in entered if entry.holds_on(on)]
    return [Person(firm.signer_title, firm.signer_name, firm.email), *holding]


def _representatives(firm: Contractor) -> tuple[str, ...]:
    """Say how the line 代表者名 may read: with or without the title, and the 受任者 in the representative's place."""
    full = f"{firm.representative_title}　{firm.representative_name}"
    agent = f"{firm.agent_title}　{firm.agent_name}" if firm.agent_name else full
    return full, firm.representative_name, agent, firm.agent_name or full


def _of_authority(consent: Consent, people: list[Person]) -> list[Mismatch]:
    """Compare the authority with the registered person who is most like them."""
    each = [_differences(consent, person) for person in people]
    return min(each, key=len)


def _differences(consent: Consent, person: Person) -> list[Mismatch]:
    pairs = [
        ("契約締結権限者の役職", person.title, consent.authority_title),
        ("契約締結権限者の氏名", person.name, consent.authority_name),
    ]
    found = [Mismatch(label, known, typed) for label, known, typed in pairs if not _is_one_of(typed, [known])]
    if person.email.casefold() != consent.authority_email.casefold():
        found.append(Mismatch("契約締結権限者のメールアドレス", person.email, consent.authority_email))
    return found


def _is_one_of(typed: str, known: Iterable[str]) -> bool:
    return search_key(typed) in {search_key(name) for name in known}

"""Whether an address deserves a second look before a link goes there: doubts are shown, serious ones ask a person.

Pure: what the city knows is given in. A wrong address is not refused, for small firms do share one, or use a free one.
"""

from dataclasses import dataclass
from datetime import date

from contracts import mailboxes
from contracts.dates import wareki


@dataclass(frozen=True)
class Known:
    """What a city knows about an address of a firm; addresses are case-folded.

    `registered` are the firm's own addresses on the register, `others` the other firms that use this one, `bounced`
    the last day (JST) on which a mail to it came back, `answered` whether someone there has answered for it (R45).
    """

    registered: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    bounced: date | None = None
    answered: bool = False


@dataclass(frozen=True)
class Doubt:
    """Why an address may be wrong, in words for staff; a serious one must be answered before the mail is written."""

    address: str
    text: str
    serious: bool = False

    def __str__(self) -> str:
        return f"{self.address}: {self.text}"


def doubts(address: str, known: Known) -> tuple[Doubt, ...]:
    """List what speaks against an address, the serious first."""
    found = [*_from_history(address, known), *_from_domain(address, known)]
    if hint := mailboxes.hint(address):
        is_free = mailboxes.is_free(address)
        found.append(Doubt(address, hint, serious=is_free and not _is_vouched(address, known)))
    return tuple(sorted(found, key=lambda doubt: not doubt.serious))


def _from_history(address: str, known: Known) -> list[Doubt]:
    found = []
    if known.bounced:
        found.append(Doubt(address, f"{wareki(known.bounced)}に、この宛先へのメールが届きませんでした。", serious=True))
    if known.others:
        firms = "、".join(known.others)
        found.append(Doubt(address, f"ほかの事業者（{firms}）の宛先として登録されています。", serious=True))
    return found


def _from_domain(address: str, known: Known) -> list[Doubt]:
    """Hold an address that the register does not name against those that it does."""
    if not known.registered or address.casefold() in known.registered:
        return []
    own = {_domain(each) for each in known.registered if not mailboxes.is_free(each)}
    if not own or _domain(address) in own:
        return [Doubt(address, f"名簿にない宛先です（名簿: {'、'.join(sorted(known.registered))}）。")]
    names = "、".join(f"@{name}" for name in sorted(own))
    text = f"名簿にない宛先で、@ の右も名簿の宛先（{names}）と違います。"
    return [Doubt(address, text, serious=not known.answered)]


def _is_vouched(address: str, known: Known) -> bool:
    return known.answered or address.casefold() in known.registered


def _domain(address: str) -> str:
    return address.casefold().rpartition("@")[2]

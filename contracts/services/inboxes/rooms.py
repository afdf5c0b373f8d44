"""What one city shows of an address in the inbox over all cities: what waits, and the rules by which it is done."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Organization
from contracts.models import AccessLink, Inbox, Purpose, RuleSet
from contracts.services.inboxes import across, matters

# 一つの市から並べる用件の数。残りは、その市の窓口にある
MOST = 20
# 契約の前で、保証の申込みに間に合う用件
BEFORE_CONTRACT = {Purpose.CONSENT, Purpose.ADDRESS, Purpose.SIGN}


@dataclass(frozen=True)
class Room:
    """A city's part: its inbox where it was joined, the first matters and downloads, and its rules in force."""

    city: Organization
    inbox: Inbox | None
    rules: RuleSet | None = None
    waiting: tuple[AccessLink, ...] = ()
    handed: tuple[AccessLink, ...] = ()
    has_more: bool = False

    @property
    def untaken(self) -> tuple[AccessLink, ...]:
        """The downloads that nobody of the firm has begun."""
        return tuple(link for link in self.handed if link.step is not None and link.step.downloaded_at is None)

    @property
    def prepares(self) -> bool:
        """Tell whether a contract is on its way for which a guarantee may have to be applied for."""
        return any(link.purpose in BEFORE_CONTRACT for link in self.waiting)


def of(city: Organization, *, email: str, at: datetime, on: date) -> Room:
    """Read the part of the city in view; where its inbox was not joined, nothing but its name."""
    inbox = across.joined(city, email=email)
    if inbox is None:
        return Room(city, None)
    found = list(matters.all_of(inbox, at=at)[: MOST + 1])
    waiting = tuple(link for link in found[:MOST] if link.purpose != Purpose.DOWNLOAD)
    handed = tuple(link for link in found[:MOST] if link.purpose == Purpose.DOWNLOAD)
    return Room(city, inbox, _rules(city, on=on), waiting, handed, has_more=len(found) > MOST)


def _rules(city: Organization, *, on: date) -> RuleSet | None:
    try:
        return RuleSet.in_force(tenant=city, on=on)
    except RuleSet.DoesNotExist:
        return None

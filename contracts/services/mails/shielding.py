"""The mis-send shield (idea 18): what the city knows about the addresses to which a link is about to go."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Max, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.refusals import Refusal
from contracts import shield
from contracts.folding import search_key
from contracts.models import AccessLink, Authority, Case, Consent, Contractor, ContractVersion, JvMember, SigningStep
from contracts.services.signatures import ordering
from contracts.shield import Doubt, Known
from contracts.states import LIVE_CONSENTS, ConsentState
from notifications.models import Delivery, DeliveryState


class AddressDoubtful(Refusal):
    """An address has a serious doubt that nobody has answered; `doubts` are shown with a box to tick."""

    def __init__(self, text: str, doubts: Sequence[Doubt]) -> None:
        super().__init__(text)
        self.doubts = doubts


@dataclass(frozen=True)
class Aim:
    """An address to which a link is to go, on behalf of which firm, and whether someone there has answered for it."""

    firm: Contractor
    address: str
    answered: bool = False


def check(found: Sequence[Doubt], *, checked: bool) -> list[str]:
    """Return the doubts as the log keeps them; raise AddressDoubtful when a serious one was not looked at."""
    serious = [doubt for doubt in found if doubt.serious]
    if serious and not checked:
        raise AddressDoubtful(
            f"宛先を確かめてください。{serious[0]}間違いなければ、「宛先を確かめました」に印を付けてください。",
            found,
        )
    return [str(doubt) for doubt in found]


def of_invitation(case: Case) -> list[Doubt]:
    """Look at the addresses on the register to which the request for the consent forms of a case goes."""
    firms = ordering.firms_of(case)
    living = Consent.unscoped.filter(case=case, contractor__in=firms, state__in=LIVE_CONSENTS)
    answered = living.exclude(state__in=[ConsentState.INVITED, ConsentState.RETURNED]).values_list("contractor")
    gone = {pk for (pk,) in answered}
    return of([Aim(firm, firm.email) for firm in firms if firm.pk not in gone])


def of_version(version: ContractVersion) -> list[Doubt]:
    """Look at the addresses to which a version will go to be confirmed and signed, as its firms' consents name them."""
    consents = Consent.unscoped.filter(case=version.case, state=ConsentState.ACCEPTED).select_related("contractor")
    return of([aim for consent in consents.order_by("pk") for aim in aims_of(consent)])


def aims_of(consent: Consent) -> list[Aim]:
    """List the addresses that a consent names: the authority's, and that of the contact where there is one."""
    authority = Aim(consent.contractor, consent.authority_email, consent.address_confirmed_at is not None)
    contact = Aim(consent.contractor, consent.contact_email, answered=True)
    return [authority, contact] if consent.contact_email else [authority]


def of_step(step: SigningStep, *, address: str) -> list[Doubt]:
    """Look at another address for someone who is asked to sign; the city's own people are not looked at."""
    return of([Aim(step.contractor, address)]) if step.contractor is not None else []


def of(aims: Iterable[Aim]) -> list[Doubt]:
    """Look at several addresses at once; the number of questions to the database does not grow with theirs."""
    wanted = [aim for aim in aims if aim.address]
    if not wanted:
        return []
    kin = _kin([aim.firm for aim in wanted])
    own, users = _registered(wanted, kin), _users(wanted)
    bounced = _bounced(wanted)
    found: list[Doubt] = []
    for aim in wanted:
        address = aim.address.casefold()
        strangers = users[address].keys() - kin[aim.firm.pk]
        others = {users[address][pk] for pk in strangers if search_key(users[address][pk]) != search_key(aim.firm.name)}
        known = Known(
            registered=frozenset(own[aim.firm.pk]),
            others=tuple(sorted(others)),
            bounced=bounced.get(address),
            answered=aim.answered,
        )
        found += shield.doubts(aim.address, known)
    return sorted(dict.fromkeys(found), key=lambda doubt: not doubt.serious)


def _kin(firms: Sequence[Contractor]) -> dict[int, set[int]]:
    """Map each firm to itself, the joint ventures it is in and their members: they may well share an address."""
    ids = {firm.pk for firm in firms}
    near = {pk: {pk} for pk in ids}
    places = JvMember.unscoped.filter(Q(member__in=ids) | Q(joint_venture__in=ids))
    for venture, member in places.values_list("joint_venture_id", "member_id"):
        for one, other in ((venture, member), (member, venture)):
            if one in near:
                near[one].add(other)
    return near


def _registered(aims: Sequence[Aim], kin: dict[int, set[int]]) -> dict[int, set[str]]:
    """Map each firm to its addresses on the register: its entry's and those of whoever may sign for it."""
    ids = {pk for near in kin.values() for pk in near}
    known: dict[int, set[str]] = defaultdict(set)
    rows = Contractor.unscoped.filter(pk__in=ids).values_list("pk", "email")
    people = Authority.unscoped.filter(contractor__in=ids).values_list("contractor_id", "email")
    for pk, email in rows.union(people):
        known[pk].add(email.casefold())
    return {aim.firm.pk: {email for pk in kin[aim.firm.pk] for email in known[pk]} for aim in aims}


def _users(aims: Sequence[Aim]) -> dict[str, dict[int, str]]:
    """Map each address to the firms whose entry on the register names it."""
    wanted = {aim.address.casefold() for aim in aims}
    tenant_id = aims[0].firm.tenant_id
    rows = Contractor.unscoped.filter(tenant_id=tenant_id, active=True).annotate(folded=Lower("email"))
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for folded, pk, name in rows.filter(folded__in=wanted).values_list("folded", "pk", "name"):
        found[folded][pk] = name
    return found


def _bounced(aims: Sequence[Aim]) -> dict[str, date]:
    """Map each address to the last day a mail to it came back, unless a link sent there was opened since."""
    wanted = {aim.address.casefold() for aim in aims}
    tenant_id = aims[0].firm.tenant_id
    lost = Delivery.unscoped.filter(tenant_id=tenant_id, state__in=[DeliveryState.BOUNCED, DeliveryState.FAILED])
    lost = lost.annotate(folded=Lower("to")).filter(folded__in=wanted)
    last: dict[str, datetime] = dict(lost.values_list("folded").annotate(last=Max(F("created_at"))).order_by())
    if not last:
        return {}
    links = AccessLink.unscoped.filter(tenant_id=tenant_id, opened_at__isnull=False).annotate(folded=Lower("email"))
    opened = dict(links.filter(folded__in=last).values_list("folded").annotate(last=Max("opened_at")).order_by())
    return {
        address: timezone.localdate(at) for address, at in last.items() if address not in opened or opened[address] < at
    }

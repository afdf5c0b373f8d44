"""The consents of a case, firm by firm: the part of the case page that a joint venture fills several times."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actors import Actor
from contracts import permissions
from contracts.models import Case, Consent, Contractor, JvMember
from contracts.states import OPEN_CASES, ConsentState
from contracts.story.stages import Stage

STAGES = {
    ConsentState.INVITED: Stage("提出待ち", "info"),
    ConsentState.SUBMITTED: Stage("確認待ち", "info"),
    ConsentState.RETURNED: Stage("差戻し", "warning"),
    ConsentState.ACCEPTED: Stage("承諾済", "success"),
    ConsentState.CANCELLED: Stage("依頼の取消し", "warning"),
    ConsentState.WITHDRAWN: Stage("撤回", "warning"),
    ConsentState.VOID_BY_PAPER: Stage("無効（紙で契約）", "neutral"),
}
ANSWERED = {ConsentState.SUBMITTED, ConsentState.ACCEPTED}


@dataclass(frozen=True)
class FirmConsent:
    """One firm of the contractor's side with its newest consent, those before it, and what may be done."""

    firm: Contractor
    role: str = ""  # 代表構成員・構成員
    consent: Consent | None = None
    former: Sequence[Consent] = ()
    may_mail: bool = False
    may_ask: bool = False
    may_cancel: bool = False

    @property
    def stage(self) -> Stage:
        """Say in a word where the firm's consent stands."""
        if self.consent is None:
            return Stage("依頼前", "neutral")
        if self.waits_for_address:
            return Stage("宛先の確認待ち", "warning" if self.consent.state == ConsentState.ACCEPTED else "info")
        return STAGES[ConsentState(self.consent.state)]

    @property
    def authority_kana(self) -> str:
        """Give the reading of the authority's name, where the register tells one."""
        known = {
            self.firm.representative_name: self.firm.representative_kana,
            self.firm.agent_name: self.firm.agent_kana,
        }
        return known.get(self.consent.authority_name, "") if self.consent else ""

    @property
    def waits_for_address(self) -> bool:
        """Tell whether the authority's address still has to answer."""
        return self.consent is not None and self.consent.state in ANSWERED and self.consent.address_confirmed_at is None


def places_of(case: Case, *, actor: Actor) -> list[JvMember]:
    """List the places of the members in the joint venture of a case, in their order; none for one contractor."""
    if not case.contractor.is_joint_venture:
        return []
    places = JvMember.objects.visible_to(actor).filter(joint_venture=case.contractor)
    return list(places.select_related("member").order_by("order"))


def firms_of(case: Case, places: Sequence[JvMember]) -> list[Contractor]:
    """List the firms that contract: the members of a joint venture, or the one contractor."""
    return [place.member for place in places] if case.contractor.is_joint_venture else [case.contractor]


def firm_consents(case: Case, *, places: Sequence[JvMember], actor: Actor) -> list[FirmConsent]:
    """List the firms with their consents; a firm that is no longer on the case but once consented comes last."""
    rows = Consent.objects.visible_to(actor).filter(case=case).select_related("contractor").order_by("pk")
    given: dict[int, list[Consent]] = {}
    for consent in rows:
        given.setdefault(consent.contractor_id, []).append(consent)
    known = {firm.pk: firm for firm in firms_of(case, places)}
    gone = {consents[0].contractor_id: consents[0].contractor for consents in given.values()}
    roles = {place.member_id: "代表構成員" if place.is_representative else "構成員" for place in places}
    return [
        _firm_consent(case, firm, consents=given.get(firm.pk, []), role=roles.get(firm.pk, ""), actor=actor)
        for firm in (known | {pk: firm for pk, firm in gone.items() if pk not in known}).values()
    ]


def _firm_consent(case: Case, firm: Contractor, *, consents: Sequence[Consent], role: str, actor: Actor) -> FirmConsent:
    newest = consents[-1] if consents else None
    still_to_come = newest is None or newest.state not in ANSWERED | {ConsentState.VOID_BY_PAPER}
    is_open = case.state in OPEN_CASES and case.is_eligible
    return FirmConsent(
        firm=firm,
        role=role,
        consent=newest,
        former=consents[:-1],
        may_mail=still_to_come and is_open and permissions.can_register(actor),
        may_ask=newest is not None and permissions.can_ask_address(actor, newest),
        may_cancel=newest is not None and permissions.can_cancel_invitation(actor, newest),
    )

"""Who may do what: questions with plain answers, asked by the door, the service and the button alike."""

from accounts.actors import Actor, ActorKind
from accounts.models import Role, Visit
from accounts.permissions import OUTSIDE, is_member, only_looks
from accounts.permissions import can_administer as can_administer
from accounts.permissions import comes_and_goes as comes_and_goes
from accounts.permissions import operates as operates
from contracts.models import (
    INBOX,
    Case,
    Consent,
    Contract,
    ContractVersion,
    Disposal,
    Party,
    Purpose,
    SignerChange,
    SigningLevel,
    SigningStep,
)
from contracts.states import (
    CaseState,
    ChangeState,
    ConsentState,
    ContractState,
    DisposalState,
    StepState,
    VersionState,
)


def can_read(actor: Actor) -> bool:
    """Tell whether this person belongs to a municipality; those of a guarantor and operators have other pages."""
    return is_member(actor)


def can_keep_views(actor: Actor) -> bool:
    """Tell whether this person may save questions to the archive; auditors only look, and keep the address itself."""
    return can_read(actor) and not only_looks(actor)


def has_work(actor: Actor) -> bool:
    """Tell whether things ever wait for this person; auditors only look."""
    return actor.is_staff and bool(actor.roles - OUTSIDE - {Role.AUDITOR})


def can_register(actor: Actor) -> bool:
    return actor.is_staff and actor.has(Role.DRAFTER)


def can_correct(actor: Actor, case: Case | None = None) -> bool:
    """Tell whether this person may correct a case that has no contract yet."""
    return can_register(actor) and (case is None or case.state in {CaseState.REGISTERED, CaseState.CONTRACTING})


def can_keep_register(actor: Actor) -> bool:
    """The register of firms is kept by those who draft contracts and by the administrator."""
    return actor.is_staff and actor.has(Role.DRAFTER, Role.ADMINISTRATOR)


def can_cancel_invitation(actor: Actor, consent: Consent | None = None) -> bool:
    """An invitation is taken back only before the form has come; afterwards it is sent back or withdrawn."""
    return can_register(actor) and (consent is None or consent.state == ConsentState.INVITED)


def can_accept_consent(actor: Actor, consent: Consent | None = None) -> bool:
    return can_register(actor) and (consent is None or consent.state == ConsentState.SUBMITTED)


def can_submit_consent(actor: Actor, consent: Consent | None = None) -> bool:
    by_firm = actor.kind is ActorKind.CONTRACTOR and actor.purpose == Purpose.CONSENT
    return by_firm and (consent is None or consent.state in {ConsentState.INVITED, ConsentState.RETURNED})


def can_confirm_address(actor: Actor, consent: Consent | None = None) -> bool:
    """Only the holder of the mail sent to the very address may say that it reaches them."""
    if actor.kind is not ActorKind.CONTRACTOR or actor.purpose != Purpose.ADDRESS:
        return False
    if consent is None:
        return True
    open_ = consent.state in {ConsentState.SUBMITTED, ConsentState.ACCEPTED}
    return actor.email == consent.authority_email and open_


def can_ask_address(actor: Actor, consent: Consent) -> bool:
    """Tell whether the authority's address still owes its answer, and this person may ask again."""
    open_ = consent.state in {ConsentState.SUBMITTED, ConsentState.ACCEPTED}
    return can_register(actor) and open_ and consent.address_confirmed_at is None


def can_change_authority(actor: Actor, consent: Consent | None = None) -> bool:
    """The department, or the firm itself behind the link to its standing, may name another authority."""
    by_firm = actor.kind is ActorKind.CONTRACTOR and actor.purpose == Purpose.STANDING
    return (can_register(actor) or by_firm) and (consent is None or consent.state == ConsentState.ACCEPTED)


def can_change_contact(actor: Actor, consent: Consent | None = None) -> bool:
    return can_register(actor) and (consent is None or consent.state == ConsentState.ACCEPTED)


def can_withdraw_consent(actor: Actor, consent: Consent | None = None) -> bool:
    """The firm withdraws behind the link to its standing; the department registers what reached it otherwise."""
    by_firm = actor.kind is ActorKind.CONTRACTOR and actor.purpose == Purpose.STANDING
    if consent is None:
        return by_firm or can_register(actor)
    if by_firm:
        return consent.state == ConsentState.ACCEPTED
    submitted = {ConsentState.SUBMITTED, ConsentState.RETURNED, ConsentState.ACCEPTED}
    return can_register(actor) and consent.state in submitted


def can_take_consent(actor: Actor) -> bool:
    """The submitted form is handed to staff of the city and to the firm that filled it in."""
    return can_read(actor) or actor.purpose in {Purpose.CONSENT, Purpose.STANDING}


def can_tend_mails(actor: Actor) -> bool:
    """Those who ask firms for consents, signatures and guarantees also send such mails again and take them back."""
    return actor.is_staff and actor.has(Role.DRAFTER, Role.GUARANTEE_OFFICER)


def can_draft(actor: Actor, case: Case | None = None) -> bool:
    return can_register(actor) and (case is None or case.state in {CaseState.REGISTERED, CaseState.CONTRACTING})


def can_edit(actor: Actor, version: ContractVersion | None = None) -> bool:
    return can_register(actor) and (version is None or version.state == VersionState.DRAFT)


def can_switch_to_paper(actor: Actor, case: Case | None = None) -> bool:
    return can_register(actor) and (case is None or case.state in {CaseState.REGISTERED, CaseState.CONTRACTING})


def can_change_on_paper(actor: Actor, case: Case | None = None) -> bool:
    return can_register(actor) and (case is None or case.state == CaseState.PAPER)


def may_approve(actor: Actor) -> bool:
    """The city's rules say who passes a step of the route; an approver may also allow a late conclusion."""
    return actor.is_staff and actor.has(Role.APPROVER)


def may_sign(actor: Actor) -> bool:
    return actor.is_staff and actor.has(Role.SIGNATORY)


def can_sign(actor: Actor, step: SigningStep) -> bool:
    """Tell whether it is this person's turn: the named signatory of the city, or the holder of the step's link."""
    if step.state != StepState.REQUESTED:
        return False
    if step.party == Party.CITY:
        return may_sign(actor) and step.user_id == actor.user_id
    return actor.kind is ActorKind.CONTRACTOR and actor.purpose == Purpose.SIGN and actor.email == step.email


def can_make_code(actor: Actor, step: SigningStep | None = None) -> bool:
    """An access code is made for a contractor's signature that is asked for, or will be in its turn."""
    if step is None:
        return can_register(actor)
    is_open = step.state in {StepState.WAITING, StepState.REQUESTED} and step.version.state == VersionState.SENT
    return can_register(actor) and step.level == SigningLevel.ACCESS_CODE and is_open


def can_recall(actor: Actor, version: ContractVersion | None = None) -> bool:
    """Tell whether this person may take a request back: while it is open, or waits for a seal that cannot be made."""
    open_states = {VersionState.SENT, VersionState.SEAL_WAITING}
    return can_register(actor) and (version is None or version.state in open_states)


def can_retry(actor: Actor) -> bool:
    """Those who sign for the city or run it may have a waiting seal tried again at once."""
    return actor.is_staff and actor.has(Role.SIGNATORY, Role.ADMINISTRATOR)


def can_answer_change(actor: Actor, change: SignerChange | None = None) -> bool:
    """A signer's wish for another signer is answered by the department, for as long as it is open."""
    return can_register(actor) and (change is None or change.state == ChangeState.ASKED)


def can_allow_late(actor: Actor, version: ContractVersion) -> bool:
    """Tell whether this person may allow signatures after the deadline: an approver who did not draft."""
    live = version.state in {VersionState.IN_APPROVAL, VersionState.SENT}
    return may_approve(actor) and live and version.drafted_by_id != actor.user_id


def can_record_vote(actor: Actor, contract: Contract | None = None) -> bool:
    return can_register(actor) and (contract is None or contract.state == ContractState.COUNCIL_PENDING)


def can_drop(actor: Actor, contract: Contract | None = None) -> bool:
    """Only a change may be given up for good; without its original contract a case ends on paper."""
    may = contract is None or (not contract.is_original and contract.state == ContractState.PREPARING)
    return can_register(actor) and may


def can_reissue(actor: Actor, version: ContractVersion) -> bool:
    return can_register(actor) and version.state == VersionState.CONCLUDED


def can_download(actor: Actor, version: ContractVersion) -> bool:
    """Concluded documents are handed to staff of the city and to the holder of a download link."""
    if version.state != VersionState.CONCLUDED:
        return False
    return can_read(actor) or actor.purpose == Purpose.DOWNLOAD


def can_take_records(actor: Actor, step: SigningStep | None = None) -> bool:
    """A firm takes what it has to keep behind its download link, or from the inbox of the address it was handed to."""
    if actor.kind is not ActorKind.CONTRACTOR or actor.purpose not in {Purpose.DOWNLOAD, INBOX}:
        return False
    if step is None:
        return True
    is_theirs = actor.email.casefold() == step.receiver.casefold()
    return is_theirs and step.version.state == VersionState.CONCLUDED


def can_read_log(actor: Actor) -> bool:
    return actor.is_staff and actor.has(Role.AUDITOR, Role.ADMINISTRATOR)


def can_end_visit(actor: Actor, visit: Visit | None = None) -> bool:
    """The city's administrators end an operator's visit (立入り) whenever they want."""
    return can_administer(actor) and (visit is None or visit.ended_at is None)


# 廃棄を承認する人
DISPOSERS = (Role.APPROVER, Role.ADMINISTRATOR)


def can_keep_records(actor: Actor) -> bool:
    """Those who keep the records take contracts of elsewhere in, note their completion, and hold and release them."""
    return actor.is_staff and actor.has(Role.DRAFTER, Role.ADMINISTRATOR)


def can_propose_disposal(actor: Actor) -> bool:
    return actor.is_staff and actor.has(Role.ADMINISTRATOR)


def may_approve_disposal(actor: Actor, disposal: Disposal | None = None) -> bool:
    """Two others than its maker approve a disposal, each once."""
    may = actor.is_staff and actor.has(*DISPOSERS)
    if disposal is None:
        return may
    is_another = actor.user_id not in {disposal.made_by_id, disposal.first_by_id}
    return may and is_another and disposal.state == DisposalState.PROPOSED


def can_withdraw_disposal(actor: Actor, disposal: Disposal | None = None) -> bool:
    is_open = disposal is None or disposal.state == DisposalState.PROPOSED
    return actor.is_staff and actor.has(*DISPOSERS) and is_open


def can_keep_audit_sets(actor: Actor) -> bool:
    """Those who answer to the audit keep drawn sets for it and say what was found; auditors keep the address itself."""
    return actor.is_staff and actor.has(Role.ADMINISTRATOR, Role.GUARANTEE_OFFICER)


def can_watch_evidence(actor: Actor) -> bool:
    """Those who answer for what is kept see how long it proves itself."""
    return can_read_log(actor)

"""The rows of the lives, made and moved day by day as the services would, in bulk and without a document."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from accounts import tenancy
from accounts.models import Delegation, Department, Membership, Organization, User
from contracts.models import (
    AccessLink,
    ApprovalKind,
    ApprovalStep,
    Authority,
    Case,
    Certificate,
    Consent,
    ConsentSubmission,
    Contract,
    Contractor,
    ContractVersion,
    JvMember,
    Party,
    Purpose,
    RuleSet,
    SigningStep,
)
from contracts.models.links import token_hash
from contracts.rules import validate
from contracts.states import (
    LIVE_CONSENTS,
    ApprovalState,
    CaseState,
    ConsentState,
    ContractState,
    StepState,
    VersionState,
)
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState
from tests import factories
from tests.notifications.year.lives import (
    CHANGED,
    DEPUTIES,
    DOWNLOADING,
    JST,
    NEW,
    SEALS,
    SIGNING,
    STAFF,
    TERMS,
    TOWNS,
    Answer,
    Clerk,
    Draft,
    Life,
    Signer,
    address_of,
)
from vault.models import StoredFile

Event = tuple[datetime, int, Callable[[datetime], None]]
DEPARTMENTS = ("建設課", "契約検査課")
ASKING = timedelta(days=14)


class Hall:
    """A city with its people and the firms it knows; `abouts` maps the words of the model to the rows."""

    def __init__(self, number: int) -> None:
        self.town = TOWNS[number]
        self.city: Organization = factories.city(self.town.slug)
        self.old = RuleSet.unscoped.get(tenant=self.city)
        data = self.old.data | {"reminders": NEW.section}
        validate(data)
        self.new = RuleSet.unscoped.create(
            tenant=self.city, number=2, name="改めた版", effective_date=CHANGED, data=data
        )
        self.departments = [Department.unscoped.get(tenant=self.city, name=name) for name in DEPARTMENTS]
        self.abouts: dict[str, str] = {}
        self.people = {clerk.key: self._employed(clerk) for clerk in STAFF}
        for deputy in DEPUTIES:
            Delegation.unscoped.create(
                tenant=self.city,
                principal=self.people[deputy.principal],
                delegate=self.people[deputy.delegate],
                first_date=deputy.first,
                last_date=deputy.last,
                reason="休暇",
            )
        digest = hashlib.sha256(self.town.slug.encode()).hexdigest()
        self.paper = StoredFile.objects.create(tenant_id=self.city.pk, sha256=digest, size=1, wrapped_key=b"-")
        self._firms: dict[int, Contractor] = {}
        for firm, ends in TERMS.items():
            who = {"basis": "agent", "title": "支店長", "name": "任期　満", "email": address_of(firm)}
            row = Authority.unscoped.create(tenant=self.city, contractor=self.firm(firm), ends_date=ends, **who)
            self.abouts[f"authority:{firm}"] = f"authority:{row.pk}"

    def _employed(self, clerk: Clerk) -> User:
        user: User = User.objects.create(email=f"{clerk.key}@{self.town.slug}.example.jp", name=clerk.key)
        post = Membership.unscoped.create(
            tenant=self.city,
            user=user,
            role=clerk.role,
            department=None if clerk.department is None else self.departments[clerk.department],
            starts_date=clerk.starts,
            ends_date=clerk.ends,
        )
        self.abouts[f"membership:{clerk.key}"] = f"membership:{post.pk}"
        return user

    def firm(self, number: int) -> Contractor:
        if number not in self._firms:
            self._firms[number] = factories.contractor(self.city, name=f"{number}建設", email=address_of(number))
        return self._firms[number]

    def venture(self, life: Life) -> Contractor:
        """Register the joint venture that won a case, with its members."""
        made = factories.contractor(
            self.city, name=f"{life.number}号共同企業体", email=life.email(0), is_joint_venture=True
        )
        for place in range(life.firms):
            JvMember.unscoped.create(
                tenant=self.city,
                joint_venture=made,
                member=self.firm(life.firm(place)),
                order=place + 1,
                is_representative=place == 0,
            )
        return made


def certify(halls: Iterable[Hall]) -> None:
    """Write down the certificates that end in the year, of the cities and of all."""
    for seal in SEALS:
        row = Certificate.objects.create(
            fingerprint=hashlib.sha256(seal.name.encode()).hexdigest(),
            public_key="-",
            kind=seal.kind,
            name=seal.name,
            subject=seal.name,
            owners=list(seal.owners),
            starts_at=seal.ends - timedelta(days=1000),
            ends_at=seal.ends,
            is_last=True,
        )
        for hall in halls:
            hall.abouts[f"certificate:{seal.name}"] = f"certificate:{row.fingerprint}"


class Rows:
    """The rows of one life, as far as it has come."""

    def __init__(self, life: Life, hall: Hall) -> None:
        self.life, self.hall = life, hall
        self.answers: dict[int, Consent] = {}
        self.steps: dict[tuple[int, int], SigningStep] = {}
        self.version: ContractVersion | None = None

    def events(self) -> Iterator[Event]:
        """List what happens to this life, with the town in which it happens."""
        for moment, deed in self._events():
            yield moment, self.life.town, deed

    def _events(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        for when, about in self._matters():
            for name, moment in when.items():
                deed = getattr(self, f"_{name}", None)
                if deed is not None:
                    yield moment, partial(deed, *about)

    def _matters(self) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        yield self.life.when, ()
        for answer in self.life.answers:
            yield answer.when, (answer,)
        for number, draft in enumerate(self.life.drafts):
            yield {f"draft_{name}": moment for name, moment in draft.when.items()}, (number, draft)
            for place, signer in enumerate(draft.signers):
                yield {f"signer_{name}": moment for name, moment in signer.when.items()}, (number, draft, place, signer)

    def _note(self, about: str, row: Any) -> None:
        self.hall.abouts[about] = f"{about.partition(':')[0]}:{row.pk}"

    def _registered(self, at: datetime) -> None:
        life, hall = self.life, self.hall
        self.case = Case.unscoped.create(
            tenant=hall.city,
            rule_set=hall.new if life.pace is NEW else hall.old,
            number=f"工第{life.number}号",
            title=f"市道{life.number}号線道路改良工事",
            kind="construction",
            kind_label="建設工事",
            procurement_method="open_tender",
            method_label="一般競争入札",
            announced_date=life.awarded - timedelta(days=20),
            awarded_date=life.awarded,
            contractor=hall.venture(life) if life.firms > 1 else hall.firm(life.firm(0)),
            amount=11_000_000,
            work_starts_date=life.awarded,
            work_ends_date=life.awarded + timedelta(days=200),
            department=hall.departments[life.department],
            registered_by=hall.people[life.registrar],
            registered_at=at,
            econtract_verdict={"eligible": True},
            conclusion_deadline_date=life.deadline,
        )
        self._note(f"case:{life.number}", self.case)

    def _link(self, purpose: Purpose, at: datetime, lasts: timedelta, **about: Any) -> None:
        """Make a link as the mail would carry it; older ones for the same matter die."""
        to = about.pop("to")
        AccessLink.unscoped.filter(purpose=purpose, revoked_at=None, **about).update(revoked_at=at)
        AccessLink.unscoped.create(
            tenant=self.hall.city,
            case=self.case,
            purpose=purpose,
            token_hash=token_hash(AccessLink.new_token()),
            name="髙﨑　𠮷男",
            email=to,
            made_at=at,
            expires_at=at + lasts,
            **about,
        )

    def _invited(self, answer: Answer, at: datetime) -> None:
        email = self.life.email(answer.firm)
        consent = Consent.unscoped.create(
            tenant=self.hall.city,
            case=self.case,
            contractor=self.hall.firm(self.life.firm(answer.firm)),
            statement="承諾します。",
            authority_email=email,
        )
        self.answers[answer.firm] = consent
        self._note(f"consent:{self.life.number}.{answer.firm}", consent)
        self._link(Purpose.CONSENT, at, ASKING, consent=consent, to=email)

    def _submitted(self, answer: Answer, at: datetime) -> None:
        consent = self.answers[answer.firm]
        _change(consent, state=ConsentState.SUBMITTED, submitted_at=at, paper=self.hall.paper)
        ConsentSubmission.unscoped.create(
            tenant=self.hall.city,
            consent=consent,
            number=consent.submissions.count() + 1,
            submitted_at=at,
            paper=self.hall.paper,
        )

    _resubmitted = _submitted

    def _returned(self, answer: Answer, at: datetime) -> None:
        consent = self.answers[answer.firm]
        _change(consent, state=ConsentState.RETURNED, return_reason="役職が異なります。")
        _change(consent.submissions.latest("number"), returned_at=at, return_reason="役職が異なります。")
        self._link(Purpose.CONSENT, at, ASKING, consent=consent, to=self.life.email(answer.firm))

    def _accepted(self, answer: Answer, at: datetime) -> None:
        _change(self.answers[answer.firm], state=ConsentState.ACCEPTED, accepted_at=at, address_confirmed_at=at)

    def _draft_drafted(self, number: int, draft: Draft, at: datetime) -> None:
        if number == 0:
            _change(self.case, state=CaseState.CONTRACTING)
            self.contract = Contract.unscoped.create(tenant=self.hall.city, case=self.case, title=self.case.title)
        self.version = ContractVersion.unscoped.create(
            tenant=self.hall.city,
            contract=self.contract,
            number=number + 1,
            amount=self.case.amount,
            work_starts_date=self.case.work_starts_date,
            work_ends_date=self.case.work_ends_date,
            signatory=self.hall.people[draft.mayor],
            drafted_by=self.hall.people[draft.drafter],
            drafted_at=at,
        )

    def _draft_submitted(self, number: int, draft: Draft, at: datetime) -> None:
        _change(self.version, state=VersionState.IN_APPROVAL)
        ApprovalStep.unscoped.create(
            tenant=self.hall.city,
            version=self.version,
            order=1,
            kind=ApprovalKind.APPROVE,
            label="承認",
            role="approver",
            department=None if draft.department is None else self.hall.departments[draft.department],
            state=ApprovalState.OPEN,
            opened_at=at,
        )

    def _draft_sent(self, number: int, draft: Draft, at: datetime) -> None:
        ApprovalStep.unscoped.filter(version=self.version).update(state=ApprovalState.DONE, closed_at=at)
        chief = self.hall.people["chief-all"]
        sent = {"approved_by": chief, "approved_at": at, "sent_at": at, "expires_at": at + SIGNING}
        _change(self.version, state=VersionState.SENT, **sent)
        for place, signer in enumerate(draft.signers):
            step = self._step(place + 1, Party.CONTRACTOR, email=signer.email)
            self.steps[number, place] = step
            self._note(f"step:{self.life.number}.{number}.{place}", step)
        mayor = self.hall.people[draft.mayor]
        self.mayor_step = self._step(len(draft.signers) + 1, Party.CITY, email=mayor.email, user=mayor)

    def _step(self, order: int, party: Party, **who: Any) -> SigningStep:
        made: SigningStep = SigningStep.unscoped.create(
            tenant=self.hall.city, version=self.version, order=order, party=party, name="髙﨑　𠮷男", **who
        )
        return made

    def _signer_requested(self, number: int, draft: Draft, place: int, signer: Signer, at: datetime) -> None:
        step = self.steps[number, place]
        _change(step, state=StepState.REQUESTED, requested_at=at)
        self._link(Purpose.SIGN, at, draft.when["sent"] + SIGNING - at, step=step, to=signer.email)

    def _signer_opened(self, number: int, draft: Draft, place: int, signer: Signer, at: datetime) -> None:
        _change(self.steps[number, place], opened_at=at)

    def _signer_signed(self, number: int, draft: Draft, place: int, signer: Signer, at: datetime) -> None:
        self._signed(self.steps[number, place], at)

    def _signed(self, step: SigningStep, at: datetime) -> None:
        _change(step, state=StepState.INSTRUCTED, instructed_at=at, authentication="メールのリンク")
        _change(step, state=StepState.SIGNED, signed_at=at)

    def _draft_mayor_asked(self, number: int, draft: Draft, at: datetime) -> None:
        _change(self.mayor_step, state=StepState.REQUESTED, requested_at=at)

    def _draft_mayor_signed(self, number: int, draft: Draft, at: datetime) -> None:
        self._signed(self.mayor_step, at)
        _change(self.version, state=VersionState.ALL_SIGNED)

    def _draft_concluded(self, number: int, draft: Draft, at: datetime) -> None:
        _change(self.version, state=VersionState.CONCLUDED, fixed_at=at, concluded_at=at)
        _change(self.contract, state=ContractState.IN_FORCE, in_force_date=at.astimezone(JST).date())
        _change(self.case, state=CaseState.CONCLUDED)

    def _draft_declined(self, number: int, draft: Draft, at: datetime) -> None:
        asked = SigningStep.unscoped.filter(version=self.version)
        asked.filter(state=StepState.REQUESTED).update(state=StepState.DECLINED)
        self._end_version(VersionState.DECLINED, at)

    def _signer_given(self, number: int, draft: Draft, place: int, signer: Signer, at: datetime) -> None:
        self._link(Purpose.DOWNLOAD, at, DOWNLOADING, step=self.steps[number, place], to=signer.email)

    _signer_given_again = _signer_given

    def _signer_downloaded(self, number: int, draft: Draft, place: int, signer: Signer, at: datetime) -> None:
        _change(self.steps[number, place], downloaded_at=at)

    def _paper(self, at: datetime) -> None:
        self._end_version(VersionState.SWITCHED_TO_PAPER, at)
        Consent.unscoped.filter(case=self.case, state__in=LIVE_CONSENTS - {ConsentState.CANCELLED}).update(
            state=ConsentState.VOID_BY_PAPER
        )
        _change(self.case, state=CaseState.PAPER, paper_contract_date=at.astimezone(JST).date())

    def _lapsed(self, at: datetime) -> None:
        self.version.refresh_from_db()
        ends = {"draft": VersionState.DISCARDED, "in_approval": VersionState.RETURNED, "sent": VersionState.RECALLED}
        self._end_version(ends.get(self.version.state), at)
        _change(self.case, state=CaseState.LAPSED)

    def _end_version(self, state: VersionState | None, at: datetime) -> None:
        """End the version under way with everything that was asked about it."""
        AccessLink.unscoped.filter(case=self.case, revoked_at=None).update(revoked_at=at)
        live = {VersionState.DRAFT, VersionState.IN_APPROVAL, VersionState.SENT}
        version = self.version
        if version is None or state is None or ContractVersion.unscoped.get(pk=version.pk).state not in live:
            return
        _change(version, state=state)
        open_ = {ApprovalState.WAITING, ApprovalState.OPEN}
        ApprovalStep.unscoped.filter(version=version, state__in=open_).update(state=ApprovalState.CANCELLED)
        going_on = {StepState.WAITING, StepState.REQUESTED}
        SigningStep.unscoped.filter(version=version, state__in=going_on).update(state=StepState.CANCELLED)

    def _expected(self, at: datetime) -> None:
        self.guarantee = Guarantee.unscoped.create(
            tenant=self.hall.city, case=self.case, type="contract", expected_at=at, expected_minimum=1_100_000
        )
        self._note(f"guarantee:{self.life.number}", self.guarantee)

    def _settled(self, at: datetime) -> None:
        _change(self.guarantee, state=GuaranteeState.NOT_NEEDED)


def _change(row: Any, **values: Any) -> None:
    type(row).unscoped.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def act(events: list[Event], halls: Mapping[int, Hall], *, until: datetime) -> None:
    """Let everything happen that is due, in its order; the list gets shorter."""
    while events and events[0][0] <= until:
        moment, town, deed = events.pop(0)
        tenancy.set_tenant(halls[town].city.pk)
        deed(moment)

"""One municipality at work, seen by everyone who might knock: made once for all the questions about its doors."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Delegation, Membership, Organization, Role, User
from audit import anchoring
from contracts.archive import drawing
from contracts.archive.asking import Wanted
from contracts.archive.drawing import Draw
from contracts.models import (
    AccessLink,
    Authority,
    Basis,
    BatchKind,
    DocumentKind,
    DrawRule,
    ImportKind,
    Purpose,
    SignerChange,
)
from contracts.services import savedviews
from contracts.services.auditing import sets
from contracts.services.batches import asking
from contracts.services.batches.kinds import KINDS
from contracts.services.checking import asking as checking
from contracts.services.integrating import tokens
from contracts.services.keeping import holding, proposing, terms
from contracts.services.register import enlisting, importing
from contracts.services.rulesets import rulewriting
from contracts.services.versions import drafting
from contracts.states import ChangeState
from guarantees import services as guarantees
from guarantees.facts import CertificateFacts
from guarantees.models import (
    AdvanceKind,
    AdvancePayment,
    Arrival,
    Channel,
    Guarantee,
    GuaranteeType,
    Institution,
    PaperSlot,
    Tries,
)
from guarantees.services import keeping
from guarantees.states import AdvanceState
from notifications.models import Delivery
from tests import factories
from tests.architecture import guests
from tests.architecture.routes import Desk, Link, ours
from tests.contracts.pages.conftest import give_second_factor
from tests.guarantees.issuing.conftest import Books
from tests.stories import Story, story

NOBODY = 999_999_999
BOUND: tuple[str, ...] = ("case_id", "contract_id", "firm_id", "consent_id", "version_id", "document_id", "step_id")
BOUND += ("approval_id", "guarantee_id", "advance_id", "arrival_id", "paper_id", "institution_id")
BOUND += ("change_id", "delivery_id", "visit_id")
BOUND += ("contractor_id", "venture_id", "authority_id", "import_id")
BOUND += ("application_id", "certificate_id", "correspondent_id", "tries_id")
BOUND += ("set_id", "batch_id", "token_id", "identity_id", "webhook_id", "message_id")
BOUND += ("custody_id", "hold_id", "disposal_id", "record_id", "foreign_id")
BOUND += ("rule_set_id", "user_id", "membership_id", "department_id", "delegation_id", "view_id")


@dataclass
class Scene:
    """鳥栖市 with a case at each of three points, its staff at their desks, and a stranger from 臼杵市."""

    registered: Story
    drafted: Story
    concluded: Story
    guarantee: Guarantee
    stranger: Client
    usuki: Organization
    homeless: Client
    desks: dict[Role, Client] = field(default_factory=dict)
    links: dict[Purpose, str] = field(default_factory=dict)
    register: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    issuing: dict[str, int] = field(default_factory=dict)
    shelf: dict[str, int] = field(default_factory=dict)
    change: int = 0
    advance: int = 0
    anchor: int = 0
    drawn: int = 0
    batch: int = 0
    papers: dict[type, dict[str, int]] = field(default_factory=dict)

    @property
    def tosu(self) -> Organization:
        return self.concluded.tenant

    def ids(self, name: str, row: Desk | Link) -> dict[str, int | str]:
        """Fill the places of an address with the ids of the case it is about."""
        tenancy.set_tenant(self.tosu.pk)
        wanted = set(ours()[name].pattern.converters)
        about: Story = getattr(self, row.at) if isinstance(row, Desk) else self.concluded
        found = {"case_id": about.case.pk, "guarantee_id": self.guarantee.pk, "page": 1, "number": 1}
        found |= self.register | self.people | self.issuing | self.shelf
        found["institution_id"] = self.guarantee.institution_id
        found["change_id"] = self.change
        found |= {"advance_id": self.advance, "kind": "advance"}
        found |= {"set_id": self.drawn, "order": 1, "batch_id": self.batch, "deed": "remind"}
        found |= self.papers[type(row)]
        found["firm_id"] = about.case.contractor_id
        found |= {"rule_set_id": about.case.rule_set_id, "where": "deadline"}
        found |= {"room": "contracts", "name": "consent_invited"}
        if wanted & {"consent_id"}:
            found["consent_id"] = about.consent.pk
        if wanted & {"version_id", "document_id"}:
            found |= {"version_id": about.version.pk, "document_id": about.version.documents.latest("order").pk}
        if wanted & {"step_id"}:
            # 受注者の順番を扱う画面だけは、市の順番では開かない。
            found["step_id"] = about.step(1 if name in {"step_reassign", "step_code"} else 2).pk
        if wanted & {"contract_id"}:
            found["contract_id"] = about.version.contract_id
        if wanted & {"approval_id"}:
            found["approval_id"] = about.version.approval_steps.get(order=1).pk
        if wanted & {"delivery_id"}:
            sent = Delivery.unscoped.filter(thread=about.case.thread, template="contracts/concluded")
            found["delivery_id"] = sent.latest("pk").pk
        if isinstance(row, Link):
            link = AccessLink.unscoped.filter(case=about.case, purpose=row.purpose).latest("pk")
            found["link_id"] = link.pk
        return {key: value for key, value in found.items() if key in wanted}

    def address(self, name: str, row: Desk) -> str:
        return reverse(name, kwargs=self.ids(name, row))

    def missing(self, name: str, row: Desk) -> str:
        """Return the same address about something that does not exist anywhere."""
        ids = self.ids(name, row)
        return reverse(name, kwargs={key: NOBODY if key in BOUND else value for key, value in ids.items()})


def build() -> Scene:
    """Make the scene inside the open transaction."""
    concluded = story()
    concluded.concluded()
    concluded.case.refresh_from_db()
    officer = factories.staff(concluded.tenant, Role.GUARANTEE_OFFICER)
    links = {purpose: concluded.address(purpose) for purpose in Purpose}
    guarantee = _guarantee(concluded)
    register, people = _register(concluded), _people(concluded) | {"view_id": _view(concluded)}
    rulewriting.begin(concluded.tenant, actor=factories.staff(concluded.tenant, Role.ADMINISTRATOR), at=timezone.now())
    usuki = factories.city("usuki")
    stranger, homeless = Client(), Client()
    _sit(stranger, factories.member(usuki, *Role))
    _sit(homeless, User.objects.create_user(email="alone@example.jp", name="無所属", password="x"))
    registered, drafted = story(), story()
    _draft(drafted)
    known = {"links": links, "register": register, "people": people, "issuing": _issuing(concluded.tenant)}
    known["shelf"] = _shelf(concluded)
    known |= {"change": _change(concluded), "advance": _advance(concluded), "drawn": _drawn(concluded)}
    known["batch"] = _batch(concluded)
    known["papers"] = {Desk: _papers(guarantee, officer), Link: _papers(guarantee, concluded.holder(Purpose.GUARANTEE))}
    scene = Scene(registered, drafted, concluded, guarantee, stranger, usuki, homeless, **known)
    scene.anchor = _anchor()
    scene.people["token_id"] = _token(concluded)
    scene.people["identity_id"] = guests.signed_on(concluded.tenant, concluded.drafter.user_id).pk
    scene.people |= guests.webhook(concluded)
    scene.people["visit_id"] = guests.visit(concluded.tenant).pk
    scene.people["check_id"] = checking.begin(concluded.tenant.pk, at=timezone.now()).pk
    for role in Role:
        scene.desks[role] = Client()
        _sit(scene.desks[role], _member(concluded, role))
    return scene


def _token(story: Story) -> int:
    """Give another system of the city a token."""
    keeper, at = factories.staff(story.tenant, Role.ADMINISTRATOR), timezone.now()
    owner = User.objects.get(pk=story.drafter.user_id)
    told = {"name": "財務会計", "scopes": ["cases:read"], "expires_at": at + timedelta(days=90)}
    return int(tokens.make(actor=keeper, at=at, owner=owner, **told)[0].pk)


def _issuing(tenant: Organization) -> dict[str, int]:
    """Put an application, a certificate, an orderer and its stopped number into a guarantor's books."""
    books = Books(tenant)
    certificate, number = books.issued(), "2629999999"
    stopped = Tries.unscoped.create(tenant=tenant, orderer=books.city, number=number, locked_at=timezone.now())
    return {
        "application_id": books.applied().pk,
        "certificate_id": certificate.pk,
        "correspondent_id": books.city.pk,
        "tries_id": stopped.pk,
    }


def _anchor() -> int:
    """Anchor the journal, with a token that is none, and return the number of the anchor."""
    anchor = anchoring.drop(at=timezone.now())
    assert anchor is not None
    while anchoring.stamp_next(stamp=lambda digest: digest):
        pass
    return anchor.number


def _member(story: Story, role: Role) -> User:
    known = {Role.SIGNATORY: story.signatory, Role.APPROVER: User.objects.get(pk=story.approver.user_id)}
    return known.get(role) or factories.member(story.tenant, role)


def _sit(client: Client, user: User) -> None:
    client.force_login(user)
    give_second_factor(client, user)


def _draft(story: Story) -> None:
    story.accepted()
    at = timezone.now()
    version = drafting.draft(story.case, actor=story.drafter, at=at, signatory=story.signatory)
    content = factories.pdf()
    drafting.add_document(
        version,
        actor=story.drafter,
        at=at,
        kind=DocumentKind.SPECIFICATION,
        title="特記仕様書",
        content=content,
        filename="仕様書.pdf",
    )


def _guarantee(story: Story) -> Guarantee:
    """Take a guarantee from the contractor and check it, so that it may be accepted."""
    at = timezone.now()
    taken = guarantees.submit(
        story.case,
        actor=story.holder(Purpose.GUARANTEE),
        at=at,
        type_=GuaranteeType.ADVANCE,
        institution=Institution.unscoped.get(tenant=story.tenant),
        number="2012345678",
        key="K7Q2M9X4TP",
        channel=Channel.UPLOAD,
    )
    return guarantees.check(
        taken,
        actor=story.drafter,
        at=at,
        facts=CertificateFacts(
            beneficiary=story.tenant.addressee,
            work_title=story.case.title,
            amount=story.case.amount * 4 // 10,
            guaranteed_until=story.case.work_ends_date + timedelta(days=14),
        ),
    )


def _papers(guarantee: Guarantee, actor: Actor) -> dict[str, int]:
    """Keep a paper with the guarantee, and one that waits to be handed in, both brought by the same person."""
    at, city = timezone.now(), guarantee.tenant
    arrival = Arrival.unscoped.create(
        tenant=city,
        case=guarantee.case,
        link_id=actor.link_id,
        brought_by_id=actor.user_id,
        channel=Channel.EMAIL if actor.is_staff else Channel.UPLOAD,
        made_at=at,
        due_at=at + timedelta(days=7),
    )
    slot = PaperSlot.NOTICE if actor.is_staff else PaperSlot.CUSTOMER_COPY
    paper = keeping.keep(guarantee, slot=slot, name="書類.pdf", content=b"%PDF-1.7", actor=actor, at=at)
    return {"arrival_id": arrival.pk, "paper_id": paper.pk}


def _shelf(story: Story) -> dict[str, int]:
    """Keep a contract of elsewhere that is held, one that stands on a proposal, and the record of one that is gone."""
    at, keeper = timezone.now(), factories.staff(story.tenant, Role.ADMINISTRATOR)
    for _ in range(2):
        factories.staff(story.tenant, Role.APPROVER)
    factories.rule_set(story.tenant, retention={"period": "five_years", "kinds": {}})
    held, listed, gone = (factories.foreign(story.tenant, by=keeper) for _ in range(3))
    kept = terms.begin(held, completed_date=None, actor=keeper, at=at)
    hold = holding.hold(kept, reason="監査", actor=keeper, at=at)
    record = factories.disposed(terms.begin(gone, completed_date=date(2000, 3, 31), actor=keeper, at=at), by=keeper)
    terms.begin(listed, completed_date=date(2000, 3, 31), actor=keeper, at=at)
    disposal = proposing.propose(up_to=date(2006, 3, 31), actor=keeper, at=at)
    return {
        "custody_id": kept.pk,
        "hold_id": hold.pk,
        "disposal_id": disposal.pk,
        "record_id": record.pk,
        "foreign_id": held.pk,
    }


def _advance(story: Story) -> int:
    """Keep a claim for an advance that waits to be paid."""
    today = timezone.localdate()
    row = AdvancePayment.unscoped.create(
        tenant=story.tenant,
        case=story.case,
        kind=AdvanceKind.ADVANCE,
        state=AdvanceState.CLAIMED,
        amount=story.case.amount * 4 // 10,
        since_date=today,
        due_date=today + timedelta(days=14),
    )
    return int(row.pk)


def _view(story: Story) -> int:
    """Let someone keep a question to the archive, and share it."""
    view = savedviews.save("q=道路", name="道路の契約", is_shared=True, actor=story.drafter, at=timezone.now())
    return int(view.pk)


def _drawn(story: Story) -> int:
    """Draw the concluded contract for the audit."""
    keeper = factories.staff(story.tenant, Role.ADMINISTRATOR)
    draw = Draw(Wanted(), upto=drawing.last_entry(keeper))
    told = {"name": "定期監査", "question": "rule=all", "rule": DrawRule.ALL, "told": "条件に当てはまるすべて"}
    return int(sets.keep(draw, **told, actor=keeper, at=timezone.now()).pk)


def _batch(story: Story) -> int:
    """Let someone ask an awardee for a consent, and the worker not have come to it yet."""
    case = factories.case(story.tenant, by=story.drafter)
    asked = asking.ask(KINDS[BatchKind.INVITE], targets=[case.pk], key=uuid4(), actor=story.drafter, at=timezone.now())
    return int(asked.pk)


def _people(story: Story) -> dict[str, int]:
    """Let someone who approves be away tomorrow, and a colleague stand in."""
    absent, standing_in = factories.member(story.tenant, Role.APPROVER), factories.member(story.tenant, Role.DRAFTER)
    tomorrow = timezone.localdate() + timedelta(days=1)
    days = {"first_date": tomorrow, "last_date": tomorrow}
    delegation = Delegation.unscoped.create(
        tenant=story.tenant, principal=absent, delegate=standing_in, reason="出張", **days
    )
    role = Membership.unscoped.get(user=absent)
    return {
        "user_id": absent.pk,
        "membership_id": role.pk,
        "department_id": role.department_id,
        "delegation_id": delegation.pk,
    }


def _change(story: Story) -> int:
    """Keep a wish for another signer that the signature made needless."""
    step = story.step(1)
    asked = {"asked_by": step.name, "asked_email": step.email, "asked_at": timezone.now()}
    person = {"title": "支店長", "name": "濵田", "email": "hamada@takasaki.example.jp", "reason": "受任者の交代"}
    row = SignerChange.unscoped.create(tenant=story.tenant, step=step, state=ChangeState.LAPSED, **person, **asked)
    return int(row.pk)


def _register(story: Story) -> dict[str, int]:
    """Put a joint venture, a person with a term of office and a file of rows beside the firm of the case."""
    firm, at = story.case.contractor, timezone.now()
    venture = factories.contractor(story.tenant, is_joint_venture=True)
    enlisting.arrange(venture, actor=story.drafter, at=at, edit_number=0, members=[firm], representative=firm)
    person = Authority.unscoped.create(
        tenant=story.tenant, contractor=firm, basis=Basis.AGENT, title="支店長", name="濵田", email=firm.email
    )
    head = "商号又は名称,住所,代表者の役職,代表者名,メールアドレス"
    content = f"{head}\n新星建設,鳥栖市本町1,代表取締役,新星　一,shinsei@example.jp\n".encode()
    job = importing.preview(actor=story.drafter, at=at, kind=ImportKind.REGISTER, name="名簿.csv", content=content)
    return {
        "contractor_id": firm.pk,
        "venture_id": venture.pk,
        "authority_id": person.pk,
        "import_id": job.pk,
    }


def written() -> Counter[str]:
    """Count, by table, the rows this transaction has written or tried to, even where it took them back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables"
            " where relname <> 'accounts_session'"
        )
        return Counter(dict(cursor.fetchall()))


def plain(response: HttpResponse) -> str:
    """Return the page without what differs from one answer to the next: CSRF tokens, the address, the time left."""
    return re.sub(r"[A-Za-z0-9]{64}|/\d+/|data-left=.\d+", "…", response.content.decode())


def is_login(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/?next=/")

"""Cases at the point where two people press their buttons: made through the services, each in a city of its own.

Only here, where nothing races, the contract is a ready-made page and a signature a line of text: a round costs a
tenth of a second instead of seconds.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Membership, Organization, Role
from contracts.legible import Remembered
from contracts.models import AccessLink, Contract, ImportKind, JvMember, Purpose
from contracts.services.cases import amending, registering
from contracts.services.consents import consenting
from contracts.services.register import importing
from contracts.services.rulesets import rulewriting
from contracts.services.signatures import changing, concluding, sealing, signing
from contracts.services.versions import approving, drafting
from guarantees import services as guarantees
from guarantees.facts import CertificateFacts
from signing import intake, setup
from tests import factories
from tests.race.moves import BY_LINK, QuickSealer, handed_in
from tests.stories import Story, story

_rounds = itertools.count(1)
PAPER = factories.pdf()
Ids = dict[str, Any]
_answers: dict[bytes, dict[str, Any]] = {}
_ask = intake._answer


def answered(room: Path) -> dict[str, Any]:
    """Have the gate look at the same bytes only once."""
    received = (room / "received.pdf").read_bytes()
    if received not in _answers:
        _answers[received] = _ask(room)
    return _answers[received]


@dataclass
class Scene:
    """A case and the two moves about to be made on it."""

    story: Story
    left: Ids
    right: Ids


@contextmanager
def ready_made() -> Iterator[None]:
    """Print nothing and sign nothing while a case is brought to its point."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contracts.documents.render_contract", lambda _paper: PAPER)
        patch.setattr("contracts.documents.render_consent", lambda _paper: PAPER)
        # ここで刷ったことにした紙を、後の試験の下書きの見え方として覚えておかない
        patch.setattr("contracts.services.versions.previewing._printed", Remembered(most=8))
        patch.setattr("signing.intake._answer", answered)
        yield


@contextmanager
def unverified() -> Iterator[None]:
    """Take the quick signatures for real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contracts.services.signatures.concluding._ends", lambda *_, **__: {})
        yield


def arrange(scene: Callable[[], Scene]) -> Scene:
    """Bring a case to its point and commit it."""
    with ready_made(), transaction.atomic():
        return scene()


def acting(scene: Scene) -> AbstractContextManager[None]:
    """See the rows of a scene again, after its commit."""
    return tenancy.acting_for(scene.story.tenant.pk)


def new_city() -> Organization:
    """Make one more city of the same name and rules."""
    return factories.city(f"race{next(_rounds)}", name=factories.NAMES["tosu"])


def begin(*, rules: dict[str, dict[str, Any]] | None = None, **values: Any) -> Story:
    """Register a case in a new city."""
    tenant = new_city()
    if rules:
        factories.rule_set(tenant, **rules)
    return story(tenant.slug, **values)


def consented() -> Story:
    """Have the contractor submit the consent; the department has not looked at it yet."""
    told = begin().invited()
    actor = told.holder(Purpose.CONSENT)
    consenting.submit(told.consent, actor=actor, at=timezone.now(), answers=told.answers())
    return told


def drafted(**options: Any) -> Story:
    told = begin(**options).accepted()
    drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    return told


def approvers(told: Story) -> list[int]:
    """List who may approve in the city of a case."""
    held = Membership.unscoped.filter(tenant=told.tenant, role=Role.APPROVER).order_by("pk")
    return list(held.values_list("user_id", flat=True))


def submitted(*, approvers: int = 1, **options: Any) -> Story:
    told = drafted(**options)
    for _ in range(approvers - 1):
        factories.member(told.tenant, Role.APPROVER)
    drafting.submit(told.version, actor=told.drafter, at=timezone.now())
    return told


def sent(**options: Any) -> Story:
    told = submitted(**options)
    approving.approve(told.version, actor=told.approver, at=timezone.now())
    return told


def instructed(**options: Any) -> Story:
    """Have the contractor sign; the worker has not begun."""
    told = sent(**options)
    signing.instruct(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), authentication=BY_LINK)
    return told


def city_asked() -> Story:
    """Have the contractor's signature sealed; the city's signatory is next."""
    told = instructed()
    while sealing.seal_next(tenant_id=told.tenant.pk, at=timezone.now(), appoint=factories.appointing(QuickSealer())):
        pass
    return told


def sign_all(told: Story, *, appoint: Any) -> None:
    """Have both parties sign, with the worker's work in between; nothing is concluded yet."""
    for order in (1, 2):
        step = told.step(order)
        actor = told.holder(Purpose.SIGN) if step.user is None else factories.actor(step.user, told.tenant)
        signing.instruct(step, actor=actor, at=timezone.now(), authentication=BY_LINK)
        while sealing.seal_next(tenant_id=told.tenant.pk, at=timezone.now(), appoint=appoint):
            pass


def concluded(**options: Any) -> Story:
    told = sent(**options)
    sign_all(told, appoint=factories.appointing(QuickSealer()))
    with unverified():
        assert concluding.conclude(told.version, at=timezone.now(), trust=setup.trust())
    return told


def really_sealed() -> Story:
    """Have both parties sign with the real key and the real timestamps."""
    told = sent()
    sign_all(told, appoint=setup.appoint)
    return told


def joint_venture() -> Story:
    """Register a case that a joint venture of two has won."""
    tenant = new_city()
    venture = factories.contractor(tenant, is_joint_venture=True)
    for order in (1, 2):
        member = factories.contractor(tenant, email=f"kosei{order}@example.jp", representative_name=f"構成　員{order}")
        JvMember.unscoped.create(
            tenant=tenant, joint_venture=venture, member=member, order=order, is_representative=order == 1
        )
    return story(tenant.slug, contractor=venture)


def joint_venture_sent() -> Story:
    """Have both members consent, and send the contract out; the member who does not represent signs first."""
    told = joint_venture().accepted()
    drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    return told.send(told.version)


def link_of(told: Story, purpose: Purpose = Purpose.SIGN) -> int:
    """Find the living link for a purpose."""
    return int(AccessLink.unscoped.get(case=told.case, purpose=purpose, revoked_at=None).pk)


def contract_of(told: Story) -> int:
    return int(Contract.unscoped.get(case=told.case).pk)


def change_asked(told: Story, email: str) -> int:
    """Have the signer name another one."""
    person = {"title": "専務取締役", "name": "柳瀨　一", "email": email, "reason": "交代"}
    asked = changing.ask(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), **person)
    return int(asked.pk)


def amendment_abandoned(told: Story) -> int:
    """Begin an amendment of a concluded case and discard its draft."""
    at = timezone.now()
    version = amending.amend(told.case, actor=told.drafter, at=at, signatory=told.signatory, reason="設計変更")
    drafting.discard(version, actor=told.drafter, at=at)
    return int(version.contract_id)


def import_read(told: Story) -> int:
    """Read a file of the register with one firm; nothing of it is taken in yet."""
    head = "商号又は名称,住所,代表者の役職,代表者名,メールアドレス"
    content = f"{head}\n㈱競争,鳥栖市宿町9,代表取締役,競　争一,k@kyoso.example.jp"
    job = importing.preview(
        actor=told.drafter, at=timezone.now(), kind=ImportKind.REGISTER, name="名簿.csv", content=content.encode()
    )
    return int(job.pk)


def rules_changed(told: Story, administrator: Actor) -> int:
    """Begin a draft of the city's next rules and change one number in it."""
    draft = rulewriting.begin(told.tenant, actor=administrator, at=timezone.now())
    data = draft.data | {"deadline": draft.data["deadline"] | {"days": 9}}
    rulewriting.change(draft, actor=administrator, at=timezone.now(), edit_number=0, data=data)
    return int(draft.pk)


def contracted_on_paper() -> Story:
    """Contract on paper, for a price that asks for a 契約保証 of 10,000,000 yen."""
    told = begin(amount=100_000_000)
    today = timezone.localdate()
    told.case = registering.switch_to_paper(told.case, actor=told.drafter, at=timezone.now(), contract_date=today)
    return told


def checked_guarantee(type_: str = "advance") -> tuple[Story, int]:
    """Contract on paper, and have a guarantee checked."""
    told = contracted_on_paper()
    guarantee = handed_in(told.case, actor=told.drafter, type_=type_)
    guarantees.check(
        guarantee,
        actor=told.drafter,
        at=timezone.now(),
        facts=CertificateFacts(
            type=type_,
            number=guarantee.number,
            beneficiary=told.tenant.addressee,
            work_title=told.case.title,
            amount=10_000_000,
            guaranteed_until=told.case.work_ends_date + timedelta(days=60),
        ),
    )
    return told, guarantee.pk

"""A case with everything a pack can hold, anchored, made once for the module."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from audit import anchoring
from contracts.models import Purpose
from contracts.services.upkeep import certifying
from guarantees import services as guarantees
from guarantees.facts import CertificateFacts
from guarantees.models import Channel, GuaranteeType, Institution, PaperSlot
from guarantees.services import keeping
from signing import setup
from tests import factories
from tests.stories import Story, story

KEY = "K7Q2M9X4TP"
NOTICE = factories.pdf() + b"% " + KEY.encode()
SCREEN = factories.pdf(2)


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker) -> Iterator[Story]:
    """Play one case to its certificate and its checked guarantee, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        played = story()
        played.concluded()
        played.case.refresh_from_db()
        _certify(played)
        _guarantee(played)
        anchor()
        yield played
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def taken_back(told: Story, django_db_blocker) -> Iterator[None]:
    """Take back what a test did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def anchor() -> None:
    """Anchor every chain as the beat does, with the real time authority."""
    anchoring.drop(at=timezone.now())
    while anchoring.stamp_next(stamp=setup.authorities().stamp):
        pass


def _certify(played: Story) -> None:
    about = {"appoint": setup.appoint, "trust": setup.trust()}
    assert certifying.certify_next(tenant_id=played.tenant.pk, at=timezone.now(), **about)


def _guarantee(played: Story) -> None:
    at, officer = timezone.now(), factories.staff(played.tenant, Role.GUARANTEE_OFFICER)
    played.address(Purpose.GUARANTEE)
    taken = guarantees.submit(
        played.case,
        actor=played.holder(Purpose.GUARANTEE),
        at=at,
        type_=GuaranteeType.CONTRACT,
        institution=Institution.unscoped.get(tenant=played.tenant),
        number="2012345678",
        key=KEY,
        channel=Channel.UPLOAD,
    )
    for slot, content in ((PaperSlot.NOTICE, NOTICE), (PaperSlot.CERTIFICATE, SCREEN)):
        keeping.keep(taken, slot=slot, name=f"{slot}.pdf", content=content, actor=officer, at=at)
    facts = CertificateFacts(
        beneficiary=played.tenant.addressee,
        work_title=played.case.title,
        amount=played.case.amount // 10,
        guaranteed_until=played.case.work_ends_date + timedelta(days=14),
    )
    guarantees.check(taken, actor=officer, at=at, facts=facts)

"""Contracts whose signer gives a code beside the link, and the code as it reaches the signer."""

from datetime import datetime

from django.utils import timezone

from contracts.models import CodeProof, Purpose, SigningCode
from contracts.services.signatures import codes
from notifications.models import Delivery
from tests import factories
from tests.stories import Story, story
from vault import fields

SECOND = "jimu@takasaki.example.jp"
BY_PHONE = "電話 0942-00-0001"


def asking_for(level: str, *, from_amount: int = 0) -> Story:
    """Award a case in a city whose rules ask for a level from an amount on."""
    tenant = factories.city("tosu")
    levels = [{"from_amount": from_amount, "level": level}]
    if from_amount:
        levels.insert(0, {"from_amount": 0, "level": "link"})
    factories.rule_set(tenant, signing={"levels": levels})
    return story("tosu")


def made(told: Story, *, at: datetime | None = None) -> str:
    """Make the access code of the contractor's step as staff do, and return it as they read it out."""
    found = codes.living(told.step(1))
    return codes.issue(
        told.step(1),
        actor=told.drafter,
        at=at or timezone.now(),
        conveyed=BY_PHONE,
        instead_of=found and found.pk,
    )


def proved(told: Story, *, at: datetime | None = None) -> CodeProof:
    """Give the right access code behind the newest link."""
    code = made(told, at=at)
    proof = codes.enter(told.step(1), actor=told.holder(Purpose.SIGN), at=at or timezone.now(), code=code)
    assert proof is not None
    return proof


def mailed(told: Story) -> str:
    """Read the one-time code out of the newest mail to the second address."""
    mail = Delivery.unscoped.filter(tenant=told.tenant, template="contracts/one_time_code").latest("pk")
    assert mail.to == SECOND
    text = fields.unseal(mail.sealed_code, tenant_id=mail.tenant_id, context=mail.code_context)
    assert text not in str(mail.context)
    return text.replace("-", "")


def wrong(code: str) -> str:
    """Change one letter of a code into another that may stand in one."""
    return ("3" if code[0] != "3" else "4") + code[1:]


def of(told: Story) -> SigningCode:
    found = codes.living(told.step(1))
    assert found is not None
    return found

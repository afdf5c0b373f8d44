"""What the newest mail of a kind carries, as its reader sees it."""

from notifications.models import Delivery
from tests.stories import Story
from vault import fields


def newest(told: Story, template: str) -> Delivery:
    return Delivery.unscoped.filter(tenant=told.tenant, template=f"contracts/{template}").latest("pk")


def code_in(mail: Delivery) -> str:
    """Read the code out of a mail that has not left yet."""
    text = fields.unseal(mail.sealed_code, tenant_id=mail.tenant_id, context=mail.code_context)
    assert text not in str(mail.context)
    return text.replace("-", "")


def link_in(mail: Delivery) -> str:
    """Read the link out of a mail that has not left yet."""
    return fields.unseal(mail.sealed_link, tenant_id=mail.tenant_id, context=mail.link_context)


def wrong(code: str) -> str:
    return ("3" if code[0] != "3" else "4") + code[1:]

"""An organization's own words for its mails: found without a question more, and never in the way of a mail."""

import logging

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Organization
from notifications.models import Delivery, DeliveryState, MailWording
from notifications.words import MissingVariable, Own, Refused, Words, write

logger = logging.getLogger(__name__)
PARTS = ("subject", "lead", "note")
SAMPLE = "sample"  # 見本として送るメールの about


def asked(template: str) -> Subquery:
    """Ask for the own words of an organization for a mail, within a query for the organization; null for none."""
    chosen = MailWording.unscoped.filter(tenant_id=OuterRef("pk"), template=template)
    return Subquery(chosen.values(words=JSONObject(**{part: part for part in PARTS})))


def of(tenant: Organization, template: str) -> Own:
    """Find the own words of an organization for a mail; where it has none, those leave everything standard."""
    chosen = MailWording.unscoped.filter(tenant=tenant, template=template).values(*PARTS).first()
    return Own(**(chosen or {}))


def said(delivery: Delivery, *, link: str | None, code: str | None) -> Words:
    """Write a mail in its own words; where a value they name is not there any more, in the standard ones."""
    tenant, template, context = delivery.tenant, delivery.template, delivery.context
    policy, own = getattr(tenant, "mail_policy", None), Own(**delivery.own_words)
    context = context | {"reply_to": policy.reply_to if policy else ""}
    try:
        return write(tenant=tenant, template=template, context=context, link=link, code=code, own=own)
    except (MissingVariable, Refused):
        if own == Own():
            raise
        logger.warning("delivery %s: the own words of %s cannot be written", delivery.pk, template)
        delivery.own_words = {}
        return write(tenant=tenant, template=template, context=context, link=link, code=code)


def shown(delivery: Delivery, *, link: str | None, code: str | None) -> Words:
    """Write the words of a mail for those who look at it: as it was sent, or as it would be sent now."""
    if delivery.state in (DeliveryState.QUEUED, DeliveryState.SENDING) and not delivery.own_words:
        own = of(delivery.tenant, delivery.template)
        delivery.own_words = {part: getattr(own, part) for part in PARTS}
    return said(delivery, link=link, code=code)

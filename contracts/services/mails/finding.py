"""Find the link that a mail carried, by the hash of its token: the mail itself forgets it when it leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.querysets import lock
from contracts.models import AccessLink
from contracts.services.mails.ways import MailRefused, Sent
from contracts.services.signatures import ending
from notifications import outbox
from notifications.models import Delivery

RELATED = (
    "case__contractor",
    "case__department",
    "case__rule_set",
    "case__tenant",
    "case__registered_by",
    "step__version__contract__case__tenant",
    "step__version__contract__case__department",
    "step__contractor",
    "consent__contractor",
    "consent__case__tenant",
    "consent__case__department",
    "consent__case__registered_by",
)


def links_of(deliveries: Iterable[Delivery]) -> dict[str, AccessLink]:
    """Map the hashes of the links that some mails carried to the links, in one question."""
    hashes = [delivery.link_hash for delivery in deliveries if delivery.link_hash]
    rows: Any = AccessLink.unscoped.filter(token_hash__in=hashes).select_related(*RELATED)
    return {link.token_hash: link for link in rows} if hashes else {}


def sent(delivery: Delivery) -> Sent | None:
    """Give a mail with its link; None when it carried none of a case."""
    link = links_of([delivery]).get(delivery.link_hash)
    return Sent(delivery, link) if link is not None else None


def locked(delivery: Delivery) -> Sent:
    """Give a mail with its link, both as they stand now; what the link is for and the link itself are locked.

    Raises MailRefused when the mail carried no link of a case.
    """
    found = sent(delivery)
    if found is None:
        raise MailRefused("このメールには、宛先の方だけのリンクがありません。")
    _lock(found.link)
    now = Delivery.unscoped.select_related("tenant").get(pk=delivery.pk)
    again = sent(now)
    assert again is not None  # noqa: S101 - リンクの行は消えない
    return again


def _lock(link: AccessLink) -> None:
    """Lock in the order of signing, consenting and opening a link, so that none of them waits for us in vain."""
    if link.step is not None:
        lock(link.step.version)
        lock(link.step)
    elif link.consent is not None:
        ending.lock_with_versions(link.case)
        lock(link.consent)
    else:
        lock(link.case)
    lock(link)


def kill(mail: Sent, *, at: datetime, reason: str) -> None:
    """End a mail's link, and the mail itself where it has not left yet."""
    if mail.link.revoked_at is None:
        mail.link.revoked_at = at
        mail.link.save(update_fields=["revoked_at"])
    outbox.cancel(mail.delivery, at=at, reason=reason)

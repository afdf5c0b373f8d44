"""The two mails of a morning: one for the staff, and one for a firm, whose link opens its inbox."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts.models import Organization
from contracts.dates import wareki, weekday_date
from contracts.messages import moment
from contracts.models import AccessLink, Purpose
from contracts.services.inboxes import entering
from contracts.services.reminding.desk import FIRM, STAFF
from notifications.reminders.registry import Digest, Item, Way

# これより多いときは、期限の近いものだけを並べ、残りは数だけを書く
MOST = 40


def context(_city: Organization, *, items: Sequence[Item], on: date) -> dict[str, Any]:
    """Write the matters of a digest, each with all that is to be said of it, the nearest day first."""
    matters: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda item: (item.by or date.max, item.heading, item.subject)):
        matter = matters.setdefault(
            item.heading, {"heading": item.heading, "url": item.url, "limit": "", "reasons": []}
        )
        matter["limit"] = matter["limit"] or _limit(item, on=on)
        if item.why not in matter["reasons"]:
            matter["reasons"].append(item.why)
    return {
        "recipient_name": items[0].name,
        "today": weekday_date(on),
        "matters": list(matters.values())[:MOST],
        "matter_count": len(matters),
        "others": max(0, len(matters) - MOST),
    }


def _limit(item: Item, *, on: date) -> str:
    """Name the day of an item and how far it is: 契約締結期限：令和8年3月11日（あと3日）."""
    if item.by is None or not item.by_label:
        return ""
    left = (item.by - on).days
    far = "きょう" if left == 0 else f"あと{left}日" if left > 0 else f"{-left}日過ぎています"
    return f"{item.by_label}：{wareki(item.by)}（{far}）"


def to_staff(_city: Organization, *, letters: Mapping[str, Sequence[Item]], at: datetime) -> dict[str, Way]:  # noqa: ARG001
    """Lead everyone to what waits for them."""
    return dict.fromkeys(letters, Way(settings.BASE_URL + reverse("work_inbox")))


def to_firms(city: Organization, *, letters: Mapping[str, Sequence[Item]], at: datetime) -> dict[str, Way]:
    """Make each address a link into its inbox, in which every matter of the digest can be opened."""
    _keep_alive(letters, at=at)
    made = entering.issue_all(city, emails=letters, at=at)
    words = {"expires": moment(at + entering.LIFETIME)}
    return {to: Way(link, words) for to, link in made.items()}


def _keep_alive(letters: Mapping[str, Sequence[Item]], *, at: datetime) -> None:
    """Put off the end of the links whose matter still waits: whoever is asked again must be able to answer."""
    items = [item for each in letters.values() for item in each]
    consents = Q(purpose=Purpose.CONSENT, consent__in=_keys(items, "consent"))
    guarantees = Q(purpose=Purpose.GUARANTEE, case__in=_cases(items, "guarantee"))
    living = AccessLink.unscoped.filter(consents | guarantees, revoked_at__isnull=True, email__in=list(letters))
    # いま使われているリンク（錠のあるもの）は待たない。番号の順に取り、ほかの取引と行き詰まらない
    short = living.filter(expires_at__lt=at + entering.LIFETIME).select_for_update(skip_locked=True, no_key=True)
    these = list(short.order_by("pk").values_list("pk", flat=True))
    AccessLink.unscoped.filter(pk__in=these).update(expires_at=at + entering.LIFETIME)


def _keys(items: Sequence[Item], kind: str) -> list[str]:
    found = (item.subject.partition(":") for item in items)
    return [key for name, _, key in found if name == kind]


def _cases(items: Sequence[Item], rule: str) -> list[str]:
    return [item.thread.partition(":")[2] for item in items if item.rule == rule]


DIGESTS = (Digest(FIRM, context, to_firms), Digest(STAFF, context, to_staff))

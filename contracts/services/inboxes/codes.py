"""Codes mailed to an address: whoever types one reads that address. They open inboxes, or renew a download.

A wrong try is an answer, not a refusal: it is counted in the transaction that the page commits.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import passcodes
from contracts.dates import said_to_the_minute
from contracts.models import AccessLink, AddressCode, Inbox
from contracts.services.inboxes import entering, messages

LIFE = timedelta(minutes=10)
SPAN, MOST_SENT = timedelta(hours=1), 5


Mail = Callable[..., None]


class TooManyCodes(Refusal):
    """More codes were asked for within the hour than an address is sent."""


def send_to_enter(
    city: Organization, *, email: str, at: datetime, ip: str | None, mail: Mail = messages.inbox_code
) -> None:
    """Mail a code that opens the inbox of an address, if the city ever wrote to it and not too often.

    It answers nobody: whether an address is known is told neither in words nor by the time it takes. `mail` says
    what the code is for.
    """
    is_known = _is_known(city, email)
    with transaction.atomic():
        inbox = lock(entering.of(city, email=email, at=at))
        if _free_at(inbox, at=at) is None:
            code = _make(inbox, link=None, at=at)
            mail(inbox, city=city, code=passcodes.grouped(code), expires_at=at + LIFE, at=at)
            entering.record("code.sent", inbox, actor=entering.holder(inbox, ip=ip), at=at, to=inbox.email)
        if not is_known:
            transaction.set_rollback(True)


@transaction.atomic
def send_to_renew(link: AccessLink, *, actor: Actor, at: datetime) -> None:
    """Mail a code that renews a download to the recorded address of its party.

    Raises TooManyCodes, which says from when on another can be sent.
    """
    inbox = lock(_inbox_of(link, at=at))
    if free_at := _free_at(inbox, at=at):
        words = _("コードを送れるのは、1時間に%(most)s回までです。%(moment)sを過ぎてから、もう一度お送りください。")
        raise TooManyCodes(words % {"most": MOST_SENT, "moment": said_to_the_minute(free_at)})
    code = _make(inbox, link=link, at=at)
    messages.download_code(link, to=inbox.email, code=passcodes.grouped(code), expires_at=at + LIFE, at=at)
    entering.record("code.sent", inbox, actor=actor, at=at, to=inbox.email, case=link.case.number)


def _is_known(city: Organization, email: str) -> bool:
    """Tell whether a city ever sent this address a link, and so may be asked for what waits there."""
    rows = (AccessLink.unscoped, Inbox.unscoped)
    return any(each.filter(tenant_id=city.pk, mailbox=email.upper()).exists() for each in rows)


def _inbox_of(link: AccessLink, *, at: datetime) -> Inbox:
    assert link.step is not None  # noqa: S101 - ダウンロードのリンクに必ずある（制約 signing_links_name_their_step）
    return entering.of(link.tenant, email=link.step.receiver, at=at)


def _free_at(inbox: Inbox, *, at: datetime) -> datetime | None:
    """Tell from when on a further code may be sent; None when now."""
    made = AddressCode.unscoped.filter(inbox=inbox, made_at__gt=at - SPAN).order_by("made_at")
    moments = list(made.values_list("made_at", flat=True))
    return moments[-MOST_SENT] + SPAN if len(moments) >= MOST_SENT else None


def _make(inbox: Inbox, *, link: AccessLink | None, at: datetime) -> str:
    """Draw a code instead of the older one for the same errand."""
    _unused(inbox, link).update(revoked_at=at)
    code = passcodes.one_time_code()
    AddressCode.unscoped.create(
        tenant_id=inbox.tenant_id,
        inbox=inbox,
        link=link,
        code_hash=passcodes.kept(code, salt=_salt(inbox, link)),
        made_at=at,
        expires_at=at + LIFE,
    )
    return code


@transaction.atomic
def enter(city: Organization, *, email: str, at: datetime, ip: str | None, code: str) -> Inbox | None:
    """Try a code (as passcodes.plain gives it) for an inbox; None for a wrong one, or where there is none to try."""
    inbox = _tried(city, email=email, at=at, ip=ip, code=code)
    if inbox is not None:
        actor = entering.holder(inbox, ip=ip)
        entering.record("inbox.opened", inbox, actor=actor, at=at, way="メールで送ったコード")
    return inbox


@transaction.atomic
def prove_address(city: Organization, *, email: str, at: datetime, ip: str | None, code: str) -> bool:
    """Try a code, as enter does, only to learn whether its bearer reads the address; it opens no inbox."""
    inbox = _tried(city, email=email, at=at, ip=ip, code=code)
    if inbox is not None:
        entering.record("address.proved", inbox, actor=entering.holder(inbox, ip=ip), at=at)
    return inbox is not None


def _tried(city: Organization, *, email: str, at: datetime, ip: str | None, code: str) -> Inbox | None:
    inbox: Inbox | None = Inbox.unscoped.filter(tenant_id=city.pk, mailbox=email.upper()).first()
    if inbox is None or not _try(inbox, link=None, actor=entering.holder(inbox, ip=ip), at=at, code=code):
        return None
    return inbox


@transaction.atomic
def prove(link: AccessLink, *, actor: Actor, at: datetime, code: str) -> Inbox | None:
    """Try a code for the renewal of a download; give the inbox whose address was proved, or None."""
    inbox = _inbox_of(link, at=at)
    return inbox if _try(inbox, link=link, actor=actor, at=at, code=code) else None


def living(link: AccessLink) -> AddressCode | None:
    """Find the code of a renewal that was sent last and not used since; it may be locked or have run out."""
    rows = AddressCode.unscoped.filter(link=link, revoked_at__isnull=True, used_at__isnull=True)
    return rows.order_by("-pk").first()  # type: ignore[no-any-return]


def _try(inbox: Inbox, *, link: AccessLink | None, actor: Actor, at: datetime, code: str) -> bool:
    # 並べて同時に試しても数え落とさないよう、窓口の行に錠をかける
    inbox = lock(inbox)
    found = _unused(inbox, link).first()
    if found is None or not found.is_live(at=at):
        return False
    if not passcodes.matches(code, salt=_salt(inbox, link), stored=found.code_hash):
        _count(found, inbox=inbox, actor=actor, at=at)
        return False
    found.used_at = at
    found.save(update_fields=["used_at"])
    return True


def _count(code: AddressCode, *, inbox: Inbox, actor: Actor, at: datetime) -> None:
    code.wrong_tries += 1
    code.save(update_fields=["wrong_tries"])
    entering.record("code.refused", inbox, actor=actor, at=at, title=f"{code.wrong_tries}回目")
    if code.is_locked:
        entering.record("code.locked", inbox, actor=actor, at=at)


def _unused(inbox: Inbox, link: AccessLink | None) -> Any:
    return AddressCode.unscoped.filter(inbox=inbox, link=link, revoked_at__isnull=True, used_at__isnull=True)


def _salt(inbox: Inbox, link: AccessLink | None) -> str:
    return f"inbox:{inbox.pk}:{link.pk if link else ''}"

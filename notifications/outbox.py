"""The outbox: a mail is a row written in the transaction that decides it."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from accounts import doorbell
from accounts.models import Organization
from notifications import identity, mail, office, table, tasks
from notifications.models import Delivery, DeliveryState
from vault import fields

# 送っている最中のものは止められない。送れずに戻ったときに、もう試さないように書いておく。
# いま worker が手にしている行は待たない。待つと、操作ログの先端を逆の順に取り合って、互いに行き詰まる
CANCEL = """
    update notifications_delivery set
        state = case state when 'queued' then 'cancelled' else state end,
        cancelled_at = case state when 'queued' then %(at)s end,
        next_attempt_at = case state when 'queued' then null else next_attempt_at end,
        sealed_link = case state when 'queued' then null else sealed_link end,
        sealed_code = case state when 'queued' then null else sealed_code end,
        cancel_reason = %(why)s
    where id in (
        select id from notifications_delivery
        where tenant_id = %(tenant)s and next_attempt_at is not null and """
WHICH_LINKS = "link_hash <> '' and link_hash = any(%(those)s)"
WHICH_ONE = "id = any(%(those)s)"


def enqueue(
    *,
    tenant: Organization,
    key: str,
    to: str,
    template: str,
    context: Mapping[str, object],
    link: str | None,
    thread: str,
    at: datetime,
    code: str | None = None,
    about: str = "",
) -> None:
    """Queue a mail, once per key, and ring for a worker on commit; the words are those of `drafted`."""
    delivery = drafted(
        tenant=tenant,
        key=key,
        to=to,
        template=template,
        context=context,
        link=link,
        thread=thread,
        at=at,
        code=code,
        about=about,
    )
    # 同じ用件がもうあれば、何も起こらない（制約 told_once）。尋ねてから入れるより、問い合わせが三つ少ない
    Delivery.unscoped.bulk_create([delivery], ignore_conflicts=True)
    doorbell.ring(tasks.deliver)


def drafted(
    *,
    tenant: Organization,
    key: str,
    to: str,
    template: str,
    context: Mapping[str, object],
    link: str | None,
    thread: str,
    at: datetime,
    code: str | None = None,
    about: str = "",
    seal: fields.Sealer | None = None,
) -> Delivery:
    """Make the row of a mail without saving it, for whoever queues many at once, and seals them with one key read.

    The context holds plain JSON values and no secret; a secret address goes into `link`, a secret number into
    `code`, never both: they are kept sealed and erased when the mail has left. The words are written once now, so
    that a mistake stops the deed and not the mail: table.Untold for a template that stands in no line of the table,
    mail.Refused, mail.MissingVariable, TypeError for a value that is not JSON. `about` names what the mail is for
    ("step:12"); `recipient_name` of the context is kept as the name of its reader.
    """
    telling = table.of(template)
    plain = json.loads(json.dumps(context, allow_nan=False))
    mail.words(tenant=tenant, template=template, context=plain, link=link, code=code)
    uid, seal = uuid.uuid4(), seal or partial(fields.seal, tenant_id=tenant.pk)
    return Delivery(
        tenant=tenant,
        uid=uid,
        key=key,
        to=mail.address(to),
        recipient_name=plain.get("recipient_name", ""),
        template=template,
        context=plain,
        sealed_link=_seal_link(link, seal=seal, key=key),
        sealed_code=_seal_code(code, seal=seal, key=key),
        link_hash=hash_of(link),
        thread=thread,
        about=about,
        created_at=at,
        next_attempt_at=office.opens_at(tenant, at) if telling.timing == table.Timing.OFFICE_HOURS else at,
        message_id=identity.message_id(uid, tenant.pk),
    )


def hash_of(link: str | None) -> str:
    """Hash the token of a link, the last part of its path, as the links of contracts are kept; "" for no link."""
    token = (link or "").rstrip("/").rpartition("/")[2]
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def cancel_links(*, tenant_id: int, hashes: Sequence[str], at: datetime, reason: str) -> None:
    """Cancel the waiting mails whose link is dead; `reason` is for people, and who killed the link has recorded it.

    A mail that is being sent at this moment may still arrive; it is not tried again.
    """
    if hashes:
        _cancel(WHICH_LINKS, hashes, tenant_id=tenant_id, at=at, why=reason)


def cancel(delivery: Delivery, *, at: datetime, reason: str) -> bool:
    """Cancel one mail that waits; False when it has left, is leaving at this moment, or was given up."""
    return _cancel(WHICH_ONE, [delivery.pk], tenant_id=delivery.tenant_id, at=at, why=reason) == 1


def _cancel(which: str, those: Sequence[object], *, tenant_id: int, at: datetime, why: str) -> int:
    """Cancel what waits, and note on what is being sent that it shall not be tried again; return how many ended."""
    found = Delivery.unscoped.raw(
        f"{CANCEL}{which} for no key update skip locked) returning *",
        {"tenant": tenant_id, "at": at, "why": why, "those": list(those)},
    )
    return sum(delivery.state == DeliveryState.CANCELLED for delivery in found)


def _seal_link(link: str | None, *, seal: fields.Sealer, key: str) -> bytes | None:
    if link is None:
        return None
    if not link.startswith(("https://", "http://")):
        raise mail.Refused("メールに載せるリンクの形が正しくありません。")
    return seal(mail.one_line(link), context=Delivery(key=key).link_context)


def _seal_code(code: str | None, *, seal: fields.Sealer, key: str) -> bytes | None:
    if code is None:
        return None
    return seal(mail.one_line(code), context=Delivery(key=key).code_context)

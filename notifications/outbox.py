"""The outbox: a mail is a row written in the transaction that decides it."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from accounts import doorbell
from accounts.models import Organization
from notifications import mail, tasks
from notifications.models import Delivery
from vault import fields


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
) -> None:
    """Queue a mail, once per key, and ring for a worker on commit.

    The context holds plain JSON values and no secret; a secret address goes into `link`, a secret number into
    `code`, never both: they are kept sealed and erased when the mail has left. The words are written once now, so
    that a mistake stops the deed and not the mail: mail.Refused, mail.MissingVariable, TypeError for a value that
    is not JSON.
    """
    plain = json.loads(json.dumps(context, allow_nan=False))
    mail.words(tenant=tenant, template=template, context=plain, link=link, code=code)
    delivery = Delivery(
        tenant=tenant,
        key=key,
        to=mail.address(to),
        template=template,
        context=plain,
        sealed_link=_seal_link(link, tenant_id=tenant.pk, key=key),
        sealed_code=_seal_code(code, tenant_id=tenant.pk, key=key),
        thread=thread,
        created_at=at,
        next_attempt_at=at,
        message_id=f"<{uuid.uuid4()}@{mail.mail_from().rpartition('@')[2]}>",
    )
    # 同じ用件がもうあれば、何も起こらない（制約 told_once）。尋ねてから入れるより、問い合わせが三つ少ない
    Delivery.unscoped.bulk_create([delivery], ignore_conflicts=True)
    doorbell.ring(tasks.deliver)


def _seal_link(link: str | None, *, tenant_id: int, key: str) -> bytes | None:
    if link is None:
        return None
    if not link.startswith(("https://", "http://")):
        raise mail.Refused("メールに載せるリンクの形が正しくありません。")
    return fields.seal(mail.one_line(link), tenant_id=tenant_id, context=Delivery(key=key).link_context)


def _seal_code(code: str | None, *, tenant_id: int, key: str) -> bytes | None:
    if code is None:
        return None
    return fields.seal(mail.one_line(code), tenant_id=tenant_id, context=Delivery(key=key).code_context)

"""The journal: one hash chain per city, written in the transaction of the deed it tells of."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from audit import canonical
from audit.models import Event, Head

COLUMNS = (
    *("tenant_id", "seq", "at", "action", "actor_kind", "actor_name", "ip"),
    *("subject", "thread", "data", "previous_hash", "hash"),
)
LOCK = "select * from audit_head where tenant_id = %s for update"
# 出来事を足すことと先端を進めることを、一つの文で行う。先端の引き金は、足された出来事があることを確かめる
APPEND = f"""
    with event as (
        insert into audit_event ({", ".join(COLUMNS)}) values ({", ".join(["%s"] * len(COLUMNS))})
        returning tenant_id, seq, hash
    )
    update audit_head h set seq = event.seq, hash = event.hash from event where h.tenant_id = event.tenant_id
"""  # noqa: S608 - 上の列の名だけ


def record(
    action: str,
    *,
    tenant_id: int,
    at: datetime,
    actor_kind: str,
    actor_name: str,
    ip: str | None,
    subject: str,
    thread: str,
    data: Mapping[str, object],
) -> Event:
    """Append an event. Call it last in the transaction: it locks the city's head row until the end."""
    head = _locked_head(tenant_id)
    event = Event(
        tenant_id=tenant_id,
        seq=head.seq + 1,
        at=at,
        action=action,
        actor_kind=str(actor_kind),
        actor_name=canonical.writable(actor_name),
        ip=canonical.writable(ip or ""),
        subject=subject,
        thread=thread,
        data=canonical.dumps(data),
        previous_hash=head.hash,
    )
    event.hash = event.compute_hash()
    _append(event)
    return event


def _append(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [getattr(event, column) for column in COLUMNS])
        if cursor.rowcount != 1:
            raise RuntimeError("操作記録の鎖の先端を進められませんでした。")
    event._state.adding = False  # noqa: SLF001 - Django の INSERT が済んだあとの形


def _locked_head(tenant_id: int) -> Head:
    # 鎖の先端を作る文と錠をかけて読む文は別にする。一つの文にすると、錠より古い断面を読んで鎖が枝分かれする。
    head = _locked(tenant_id)
    if head is None:
        Head.objects.bulk_create([Head(tenant_id=tenant_id)], ignore_conflicts=True)
        head = _locked(tenant_id)
    assert head is not None  # noqa: S101 - 先端は消えない（引き金 heads_stay）
    return head


def _locked(tenant_id: int) -> Head | None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("操作記録は、その出来事の取引の中で書きます。")
    return next(iter(Head.objects.raw(LOCK, [tenant_id])), None)

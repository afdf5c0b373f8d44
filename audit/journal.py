"""The journal: one hash chain per city, written in the transaction of the deed it tells of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Exists, OuterRef, Subquery
from django.db.transaction import TransactionManagementError

from audit import canonical
from audit.models import AnchoredHead, Event, Head

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


@dataclass(frozen=True)
class ChainReport:
    """The result of walking a chain; broken_at is the number of the first event that does not hold."""

    events: int
    broken_at: int | None
    why: str

    @property
    def intact(self) -> bool:
        return self.broken_at is None


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


def verify_chain(*, tenant_id: int, using: str = DEFAULT_DB_ALIAS) -> ChainReport:
    """Walk a city's chain from its first event and stop at the first one that does not hold."""
    started = Head.objects.using(using).filter(tenant_id=tenant_id).first()
    count, last = 0, canonical.GENESIS
    event = None
    for event in _walk(tenant_id, using):
        why = _flaw(event, seq=count + 1, previous_hash=last)
        if why:
            return ChainReport(count, count + 1, why)
        count, last = event.seq, event.hash
    end = (event.head_seq, event.head_hash) if event else (started.seq, started.hash) if started else (0, last)
    report = _compare_with_head(count, last, end)
    return _compare_with_anchors(report, tenant_id, using) if report.intact else report


def _walk(tenant_id: int, using: str) -> Iterator[Any]:
    # 先端も同じ文で読む。二つの文で読むと、その間に書かれた出来事が食い違いに見える。
    head = Head.objects.filter(tenant_id=tenant_id)
    events = Event.objects.using(using).filter(tenant_id=tenant_id).order_by("seq")
    return events.annotate(head_seq=Subquery(head.values("seq")), head_hash=Subquery(head.values("hash"))).iterator(
        chunk_size=2000
    )


def _flaw(event: Event, *, seq: int, previous_hash: str) -> str:
    if event.seq != seq:
        return f"番号 {seq} の出来事がありません（次の番号は {event.seq}）。"
    if event.previous_hash != previous_hash:
        return "前の出来事のハッシュ値とつながりません。"
    if event.compute_hash() != event.hash:
        return "記録された内容がハッシュ値と一致しません。"
    return ""


def _compare_with_head(count: int, last: str, end: tuple[int | None, str | None]) -> ChainReport:
    seq, digest = end
    if seq is None:
        return ChainReport(count, count + 1, "鎖の先端の記録がありません。")
    if seq > count:
        return ChainReport(count, count + 1, f"末尾の出来事がありません（先端は {seq}）。")
    if (seq, digest) != (count, last):
        return ChainReport(count, seq + 1, f"先端（{seq}）の記録と一致しない出来事があります。")
    return ChainReport(count, None, "")


def _compare_with_anchors(report: ChainReport, tenant_id: int, using: str) -> ChainReport:
    # 鎖も先端もそろえて書き直せば、鎖だけでは分からない。錨に収めた先端とは合わなくなる
    same = Event.objects.filter(tenant_id=OuterRef("tenant_id"), seq=OuterRef("seq"), hash=OuterRef("hash"))
    held = AnchoredHead.objects.using(using).filter(~Exists(same), tenant_id=tenant_id).order_by("seq").first()
    if held is None:
        return report
    stretch = f"{held.first}" if held.first == held.seq else f"{held.first}〜{held.seq}"
    why = f"出来事 {stretch} は、錨 {held.anchor} に収めたあとに書き換えられたか、消されています。"
    return ChainReport(report.events, held.first, why)

"""Walk the journal of a city: every hash anew, in order, against the end of its chain and against its anchors.

The rows are read as plain tuples through a cursor on the server, and each text is put together anew here: a million
events are walked in seconds and in constant memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from audit import anchoring, canonical, merkle
from audit.models import AnchoredHead, Head

PAGE = 5_000
# 時刻は、データベースで一度に文字にする。行ごとに datetime を作ると、歩く時間の三割になる
EVENTS = """
    select seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), action, actor_kind, actor_name,
        ip, subject, thread, data, previous_hash, hash
    from audit_event where tenant_id = %s order by seq
"""
Row = tuple[Any, ...]


@dataclass(frozen=True)
class ChainReport:
    """The result of walking a chain; broken_at is the number of the first event that does not hold."""

    events: int
    broken_at: int | None
    why: str

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def verify_chain(*, tenant_id: int, using: str = DEFAULT_DB_ALIAS) -> ChainReport:
    """Walk a city's chain from its first event and stop at the first one that does not hold."""
    before = _head(tenant_id, using)
    stretches = _Stretches(tenant_id, using)
    count, last = 0, canonical.GENESIS
    for page in _pages(tenant_id, using):
        for row in page:
            why = _flaw(tenant_id, row, seq=count + 1, previous_hash=last)
            if why:
                return ChainReport(count, count + 1, why)
            count, last = row[0], row[-1]
        stretches.pass_by(page)
    return _compare_with_heads(count, last, before, _head(tenant_id, using)) or stretches.report(count)


def text_of(tenant_id: int, row: Row) -> str:
    """Put the canonical text of an event together from its columns, as Event.text writes it."""
    seq, at, action, kind, name, ip, subject, thread, data, _previous, _hash = row
    quote = encode_basestring
    return (
        f'{{"action":{quote(action)},"actor_kind":{quote(kind)},"actor_name":{quote(name)},'
        f'"at":"{at}","data":{quote(data)},"ip":{quote(ip)},"seq":{seq},'
        f'"subject":{quote(subject)},"tenant_id":{tenant_id},"thread":{quote(thread)}}}'
    )


def _pages(tenant_id: int, using: str) -> Iterator[list[Row]]:
    # 頁ごとに問い合わせると、統計の古い表で、頁ごとに残りすべてを並べ替える計画が選ばれうる
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(EVENTS, [tenant_id])
        while page := cursor.fetchmany(PAGE):
            yield page


def _flaw(tenant_id: int, row: Row, *, seq: int, previous_hash: str) -> str:
    if row[0] != seq:
        return f"番号 {seq} の出来事がありません（次の番号は {row[0]}）。"
    if row[-2] != previous_hash:
        return "前の出来事のハッシュ値とつながりません。"
    if sha256((previous_hash + text_of(tenant_id, row)).encode()).hexdigest() != row[-1]:
        return "記録された内容がハッシュ値と一致しません。"
    return ""


def _head(tenant_id: int, using: str) -> Head | None:
    return Head.objects.using(using).filter(tenant_id=tenant_id).first()


def _compare_with_heads(count: int, last: str, before: Head | None, after: Head | None) -> ChainReport | None:
    # 歩くあいだにも出来事は足される。歩く前の先端までは必ずあり、歩いたあとの先端より先には、何もないはずである
    if after is None:
        return ChainReport(count, count + 1, "鎖の先端の記録がありません。") if count else None
    if before is not None and before.seq > count:
        return ChainReport(count, count + 1, f"末尾の出来事がありません（先端は {before.seq}）。")
    if after.seq < count or (after.seq == count and after.hash != last):
        return ChainReport(count, after.seq + 1, f"先端（{after.seq}）の記録と一致しない出来事があります。")
    return None


class _Stretches:
    """What the anchors hold of a chain, compared while its events pass by."""

    def __init__(self, tenant_id: int, using: str) -> None:
        held = AnchoredHead.objects.using(using).filter(tenant_id=tenant_id).order_by("seq")
        self._held = held.iterator(chunk_size=PAGE)
        self._next = next(self._held, None)
        self._hashes: list[str] = []
        self._anchored = 0
        self._is_sound = True

    def pass_by(self, page: list[Row]) -> None:
        """Take the events of a page in, and close the stretches that end in it, up to the first that does not hold."""
        at, hashes = page[0][0], list(map(itemgetter(-1), page))
        while self._is_sound and self._next is not None and self._next.seq < at + len(hashes):
            ends = self._next.seq - at + 1
            self._is_sound = self._holds([*self._hashes, *hashes[:ends]])
            if not self._is_sound:
                return
            at, hashes, self._hashes = at + ends, hashes[ends:], []
            self._anchored, self._next = self._next.seq, next(self._held, None)
        self._hashes += hashes

    def _holds(self, hashes: list[str]) -> bool:
        assert self._next is not None  # noqa: S101 - 呼ぶのは、次の区間があるときだけ
        is_next = self._next.first == self._anchored + 1 == self._next.seq - len(hashes) + 1
        root = merkle.root(anchoring.stretch_leaves(hashes)).hex()
        return is_next and (self._next.hash, self._next.root) == (hashes[-1], root)

    def report(self, count: int) -> ChainReport:
        """Name the first stretch that does not hold, though the chain itself does."""
        # 鎖も先端もそろえて書き直せば、鎖だけでは分からない。錨に収めた先端とは合わなくなる
        held = self._next
        if held is None:
            return ChainReport(count, None, "")
        stretch = f"{held.first}" if held.first == held.seq else f"{held.first}〜{held.seq}"
        why = f"出来事 {stretch} は、錨 {held.anchor} に収めたあとに書き換えられたか、消されています。"
        return ChainReport(count, held.first, why)

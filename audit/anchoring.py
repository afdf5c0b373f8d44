"""Anchors: every few minutes, one root over the end of every city's chain, attested by a time authority."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction

from audit import canonical, merkle
from audit.models import Anchor, AnchoredHead

LOCK = 0x616E6368  # 「anch」。錨は一度に一つだけ下ろす
LONGEST_STRETCH = 10_000  # 一つの錨が一つの市から受け取る出来事。積み残しは次の錨へ
UNANCHORED = "select tenant_id, seq, hash from audit_unanchored(%s)"
COLUMNS = ("tenant_id", "anchor", "first", "seq", "hash", "root")
HEADS = f"select {', '.join(COLUMNS)} from audit_heads_at(%s)"  # noqa: S608 - 上の列の名だけ
KEEP = "select audit_keep_heads(%s, %s, %s, %s, %s, %s)"


def drop(*, at: datetime) -> Anchor | None:
    """Anchor what every city's chain has grown by since the last anchor; None when none has grown."""
    with transaction.atomic():
        _wait_for_our_turn()
        last = Anchor.objects.last() or Anchor(number=0, hash=canonical.GENESIS)
        grown = _grown(last.number + 1)
        if not grown:
            return None
        whole = {head.tenant_id: head for head in [*heads_at(last.number), *grown]}
        anchor = _follow(last, sorted(whole.values(), key=lambda head: head.tenant_id), at)
        _keep(grown)
    return anchor


def stamp_next(*, stamp: Callable[[bytes], bytes]) -> bool:
    """Give the oldest anchor that has none its token (RFC 3161, DER) over its hash; False when all have theirs.

    `stamp` takes a SHA-256 digest; what it raises is raised on, and the anchor waits for the next time.
    """
    anchor = Anchor.objects.filter(token=b"").first()
    if anchor is None:
        return False
    token = stamp(bytes.fromhex(anchor.hash))
    Anchor.objects.filter(pk=anchor.pk, token=b"").update(token=token)
    return True


def heads_at(number: int) -> list[AnchoredHead]:
    """Return how far each city's chain is held at an anchor, in the order of their leaves."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [number])
        return [AnchoredHead(**dict(zip(COLUMNS, row, strict=True))) for row in cursor.fetchall()]


def leaves_of(heads: Iterable[AnchoredHead]) -> list[bytes]:
    """Hash the leaves of an anchor's tree."""
    return [merkle.leaf(head.text.encode()) for head in heads]


def stretch_leaves(hashes: Iterable[str]) -> list[bytes]:
    """Hash the leaves of a stretch's tree: the hashes of its events (hex), in their order."""
    return [merkle.leaf(bytes.fromhex(each)) for each in hashes]


def _wait_for_our_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])


def _grown(number: int) -> list[AnchoredHead]:
    with connection.cursor() as cursor:
        cursor.execute(UNANCHORED, [LONGEST_STRETCH])
        events = cursor.fetchall()
    return [_stretch(tenant, number, list(group)) for tenant, group in groupby(events, key=itemgetter(0))]


def _stretch(tenant_id: int, number: int, events: list[tuple[int, int, str]]) -> AnchoredHead:
    _, first, _ = events[0]
    _, seq, end = events[-1]
    root = merkle.root(stretch_leaves(each for _, _, each in events)).hex()
    return AnchoredHead(tenant_id=tenant_id, anchor=number, first=first, seq=seq, hash=end, root=root)


def _follow(last: Anchor, heads: list[AnchoredHead], at: datetime) -> Anchor:
    root = merkle.root(leaves_of(heads)).hex()
    anchor = Anchor(number=last.number + 1, at=at, cities=len(heads), root=root, previous_hash=last.hash)
    anchor.hash = anchor.compute_hash()
    anchor.save(force_insert=True)
    return anchor


def _keep(heads: list[AnchoredHead]) -> None:
    # 錨は市をまたぐ。行は壁の中にあるので、所有者の関数に渡して書く
    columns = [[getattr(head, name) for head in heads] for name in ("tenant_id", "first", "seq", "hash", "root")]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [heads[0].anchor, *columns])

"""Walk the anchors: every hash and root anew, every token over its anchor, and what was published of them."""

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS, connections

from audit import canonical, hooks, merkle
from audit.anchoring import COLUMNS
from audit.models import Anchor, AnchoredHead

PAGE = 200
STRETCHES = f"select {', '.join(COLUMNS)} from audit_stretches(%s, %s) order by anchor, tenant_id"  # noqa: S608
Flaw = Callable[[bytes, bytes], str]


@dataclass(frozen=True)
class AnchorReport:
    """The result of walking the anchors; broken_at is the number of the first that does not hold.

    `waiting` anchors have no token yet; where nobody can judge tokens, `unjudged` have one that was not looked into.
    """

    anchors: int
    waiting: int
    unjudged: int
    broken_at: int | None
    why: str

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def verify_anchors(*, published: Mapping[int, str] | None = None, using: str = DEFAULT_DB_ALIAS) -> AnchorReport:
    """Walk the anchors of all cities from the first and stop at the first one that does not hold.

    `published` are the hashes of anchors that were written where nobody can alter them, by their numbers.
    """
    walk = _Walk(published or {})
    for anchor, stretches in _anchors(using):
        why = walk.flaw(anchor, stretches)
        if why:
            return walk.report(broken_at=walk.anchors + 1, why=why)
        walk.anchors += 1
    gone = min((number for number in walk.published if number > walk.anchors), default=None)
    why = "" if gone is None else f"外に書き出した錨 {gone} が、記録から消されています。"
    return walk.report(broken_at=gone, why=why)


def _anchors(using: str) -> Iterator[tuple[Anchor, list[AnchoredHead]]]:
    last = 0
    while page := list(Anchor.objects.using(using).filter(number__gt=last)[:PAGE]):
        last = page[-1].number
        taken: dict[int, list[AnchoredHead]] = {}
        for head in _stretches(page[0].number, last, using):
            taken.setdefault(head.anchor, []).append(head)
        for anchor in page:
            yield anchor, taken.get(anchor.number, [])


def _stretches(since: int, until: int, using: str) -> list[AnchoredHead]:
    with connections[using].cursor() as cursor:
        cursor.execute(STRETCHES, [since, until])
        return [AnchoredHead(**dict(zip(COLUMNS, row, strict=True))) for row in cursor.fetchall()]


@dataclass
class _Walk:
    """What is known after so many anchors: the last hash, and the newest leaf of every city."""

    published: Mapping[int, str]
    anchors: int = 0
    waiting: int = 0
    unjudged: int = 0
    last: str = canonical.GENESIS
    leaves: dict[int, bytes] = field(default_factory=dict)
    cities: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    tree: merkle.Tree = field(default_factory=lambda: merkle.Tree([]))

    def report(self, *, broken_at: int | None, why: str) -> AnchorReport:
        return AnchorReport(self.anchors, self.waiting, self.unjudged, broken_at, why)

    def flaw(self, anchor: Anchor, stretches: list[AnchoredHead]) -> str:
        """Say what does not hold in the next anchor; empty when all of it does."""
        if anchor.number != self.anchors + 1:
            return f"錨 {self.anchors + 1} がありません（次の錨は {anchor.number}）。"
        if anchor.previous_hash != self.last:
            return f"錨 {anchor.number} が、前の錨とつながりません。"
        if anchor.compute_hash() != anchor.hash:
            return f"錨 {anchor.number} の内容がハッシュ値と一致しません。"
        if self.published.get(anchor.number, anchor.hash) != anchor.hash:
            return f"錨 {anchor.number} が、外に書き出したものと違います。"
        self.last = anchor.hash
        self._grow(stretches)
        if (anchor.cities, anchor.root) != (len(self.cities), self.tree.root.hex()):
            return f"錨 {anchor.number} の根が、収めた区間から計算したものと一致しません。"
        return self._token_flaw(anchor)

    def _grow(self, stretches: list[AnchoredHead]) -> None:
        new = [head.tenant_id for head in stretches if head.tenant_id not in self.leaves]
        self.leaves |= {head.tenant_id: merkle.leaf(head.text.encode()) for head in stretches}
        for city in new:
            insort(self.cities, city)
        if new:
            self.places = {city: place for place, city in enumerate(self.cities)}
            self.tree = merkle.Tree([self.leaves[city] for city in self.cities])
            return
        for head in stretches:
            self.tree.replace(self.places[head.tenant_id], self.leaves[head.tenant_id])

    def _token_flaw(self, anchor: Anchor) -> str:
        if not anchor.token:
            self.waiting += 1
            return ""
        if not hooks.token_flaws:
            self.unjudged += 1
            return ""
        found = (flaw(bytes(anchor.token), bytes.fromhex(anchor.hash)) for flaw in hooks.token_flaws)
        why = next(filter(None, found), "")
        return f"錨 {anchor.number} のトークン: {why}" if why else ""

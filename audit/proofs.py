"""That events stand under anchors: hashes only, so that a proof shows nothing of any other event or city.

The format, for whoever checks a proof without us: docs/verification.md; signing/standalone/verify.py does it.
"""

import json
from collections.abc import Iterable
from typing import Any

from audit import anchoring, merkle
from audit.models import Anchor, AnchoredHead, Event

FORMAT = "musubi-journal-proof-1"
HOW = (
    "hash = SHA-256(previous_hash + text)。出来事の hash から stretch の path で city.text の root へ、"
    "city.text から path で anchors の text の root へ（RFC 9162）、そのハッシュ値に token（RFC 3161）が付く。"
)
Proof = dict[str, Any]


def write(events: Iterable[Event]) -> str:
    """Write events of the acting city, with the way of each to its anchor and that anchor's token, as JSON.

    An event that no anchor holds yet, or whose anchor waits for its token, has `anchor: null`.
    """
    told, anchors, trees = [], {}, _Trees()
    for event in sorted(events, key=lambda each: each.seq):
        head, anchor = trees.over(event)
        entry = {"seq": event.seq, "previous_hash": event.previous_hash, "text": event.text, "hash": event.hash}
        if head is None or anchor is None:
            told.append(entry | {"anchor": None})
            continue
        told.append(entry | {"anchor": anchor.number, "stretch": _place(trees.stretch, event.seq - head.first)})
        if str(anchor.number) not in anchors:
            anchors[str(anchor.number)] = anchor.told | {"city": {"text": head.text} | _in_anchor(head)}
    whole = {"format": FORMAT, "how": HOW, "events": told, "anchors": anchors}
    return json.dumps(whole, ensure_ascii=False, indent=1)


class _Trees:
    """The stretch that was last asked for, read once for all of its events."""

    def __init__(self) -> None:
        self._head: AnchoredHead | None = None
        self._anchor: Anchor | None = None
        self._is_at_end = False
        self.stretch: list[bytes] = []

    def over(self, event: Event) -> tuple[AnchoredHead | None, Anchor | None]:
        """Return how far an anchor holds the event, and that anchor if it has its token; events come in order."""
        if not self._is_at_end and (self._head is None or event.seq > self._head.seq):
            self._read(event)
        return self._head, self._anchor

    def _read(self, event: Event) -> None:
        later = AnchoredHead.objects.filter(tenant_id=event.tenant_id, seq__gte=event.seq)
        self._head = head = later.order_by("seq").first()
        if head is None:
            self._is_at_end = True
            return
        self._anchor = Anchor.objects.exclude(token=b"").filter(number=head.anchor).first()
        events = Event.objects.filter(tenant_id=head.tenant_id, seq__range=(head.first, head.seq))
        self.stretch = anchoring.stretch_leaves(events.order_by("seq").values_list("hash", flat=True))


def _in_anchor(head: AnchoredHead) -> Proof:
    heads = anchoring.heads_at(head.anchor)
    index = [each.tenant_id for each in heads].index(head.tenant_id)
    return _place(anchoring.leaves_of(heads), index)


def _place(leaves: list[bytes], index: int) -> Proof:
    return {"index": index, "size": len(leaves), "path": [each.hex() for each in merkle.path(leaves, index)]}

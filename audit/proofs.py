"""That one event stands under an anchor: hashes only, so that a proof shows nothing of any other event or city."""

import base64
import json
from typing import Any

from audit import anchoring, canonical, merkle
from audit.models import Anchor, AnchoredHead, Event

FORMAT = "musubi-inclusion-proof-1"
Proof = dict[str, Any]


def of(event: Event) -> Proof | None:
    """Prove an event of the acting city; None as long as no anchor holds it or its anchor has no token.

    `stretch` leads from the event's hash to the root in `city.text`, `city` from that text to the root in
    `anchor.text`, and `anchor.token` (RFC 3161, Base64) attests `anchor.hash`. Hashes are hex, paths lowest first.
    """
    stretches = AnchoredHead.objects.filter(tenant_id=event.tenant_id, seq__gte=event.seq)
    head = stretches.order_by("seq").first()
    anchor = Anchor.objects.exclude(token=b"").filter(number=head.anchor).first() if head else None
    if head is None or anchor is None:
        return None
    return {
        "format": FORMAT,
        "event": {"seq": event.seq, "hash": event.hash},
        "stretch": _in_stretch(event, head),
        "city": {"text": head.text} | _in_anchor(head),
        "anchor": _told(anchor),
    }


def flaw(proof: Proof) -> str:
    """Say what does not hold in a proof; empty when it leads from the event's hash to the anchor's.

    The token over the anchor's hash is not looked into here: whoever checks it brings the authorities they trust.
    """
    try:
        return _flaw(proof)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "記録の証明として読めません。"


def _in_stretch(event: Event, head: AnchoredHead) -> Proof:
    events = Event.objects.filter(tenant_id=head.tenant_id, seq__range=(head.first, head.seq))
    leaves = anchoring.stretch_leaves(events.order_by("seq").values_list("hash", flat=True))
    return _place(leaves, event.seq - head.first)


def _in_anchor(head: AnchoredHead) -> Proof:
    heads = anchoring.heads_at(head.anchor)
    index = [each.tenant_id for each in heads].index(head.tenant_id)
    return _place(anchoring.leaves_of(heads), index)


def _place(leaves: list[bytes], index: int) -> Proof:
    return {"index": index, "size": len(leaves), "path": [each.hex() for each in merkle.path(leaves, index)]}


def _told(anchor: Anchor) -> Proof:
    token = base64.b64encode(anchor.token).decode()
    return {"text": anchor.text, "previous_hash": anchor.previous_hash, "hash": anchor.hash, "token": token}


def _flaw(proof: Proof) -> str:
    if proof["format"] != FORMAT:
        return "記録の証明ではありません。"
    event, city, anchor = proof["event"], json.loads(proof["city"]["text"]), json.loads(proof["anchor"]["text"])
    place = (proof["stretch"]["index"], proof["stretch"]["size"])
    if place != (event["seq"] - city["first"], city["seq"] - city["first"] + 1):
        return f"出来事 {event['seq']} の番号が、証明の位置と合いません。"
    if _reached(bytes.fromhex(event["hash"]), proof["stretch"]) != city["root"]:
        return f"出来事 {event['seq']} は、錨に収めた区間の出来事ではありません。"
    if (
        proof["city"]["size"] != anchor["cities"]
        or _reached(proof["city"]["text"].encode(), proof["city"]) != (anchor["root"])
    ):
        return f"自治体の鎖の先端は、錨 {anchor['number']} に収められていません。"
    if (
        canonical.digest(proof["anchor"]["text"], previous_hash=proof["anchor"]["previous_hash"])
        != (proof["anchor"]["hash"])
    ):
        return f"錨 {anchor['number']} の内容がハッシュ値と一致しません。"
    return ""


def _reached(entry: bytes, place: Proof) -> str:
    path = [bytes.fromhex(each) for each in place["path"]]
    root = merkle.climb(merkle.leaf(entry), index=place["index"], size=place["size"], path=path)
    return root.hex() if root else ""

"""Some events of a city's chain, each with the text that was hashed, so that anyone can check them without us."""

import json
from collections.abc import Iterable
from typing import Any

from audit import canonical
from audit.models import Event, Head

FORMAT = "musubi-journal-extract-1"
HOW = "hash = SHA-256(previous_hash + text) のうち、text と previous_hash は UTF-8 の文字列。十六進の小文字で書く。"


def head_of(tenant_id: int) -> Head:
    """Read the end of a city's chain; an empty one has number 0."""
    return Head.objects.filter(tenant_id=tenant_id).first() or Head(tenant_id=tenant_id)


def write(events: Iterable[Event], *, head: Head) -> str:
    """Write events in their order, and the end of the chain they stand in, as JSON."""
    told = [
        {"seq": each.seq, "previous_hash": each.previous_hash, "text": each.text, "hash": each.hash} for each in events
    ]
    whole = {"format": FORMAT, "how": HOW, "head": {"seq": head.seq, "hash": head.hash}, "events": told}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def flaw(written: str) -> str:
    """Say what does not hold in an extract; empty when every event has its hash and its place."""
    try:
        extract = json.loads(written)
        if extract["format"] != FORMAT:
            return "操作記録の抜粋ではありません。"
        return _flaw([*extract["events"]], extract["head"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "操作記録の抜粋として読めません。"


def _flaw(events: list[dict[str, Any]], head: dict[str, Any]) -> str:
    last: dict[str, Any] = {"seq": 0, "hash": canonical.GENESIS}
    for each in events:
        if canonical.digest(each["text"], previous_hash=each["previous_hash"]) != each["hash"]:
            return f"出来事 {each['seq']} の内容がハッシュ値と一致しません。"
        if json.loads(each["text"])["seq"] != each["seq"] or each["seq"] <= last["seq"]:
            return f"出来事 {each['seq']} の番号が正しくありません。"
        if each["seq"] == last["seq"] + 1 and each["previous_hash"] != last["hash"]:
            return f"出来事 {each['seq']} が、前の出来事とつながりません。"
        last = each
    if last["seq"] > head["seq"] or (last["seq"] == head["seq"] and last["hash"] != head["hash"]):
        return "鎖の先端の記録と一致しません。"
    return ""

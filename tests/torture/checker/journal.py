"""The operation log by itself: is the chain whole, and does replaying it give the states of the rows (I5)?"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from tests.torture.checker.evidence import Evidence, Row

GENESIS = "0" * 64
HASHED = ("tenant_id", "seq", "action", "actor_kind", "actor_name", "ip", "subject", "thread", "data")


def digest(event: Row) -> str:
    """Hash an event as docs/verification.md tells it."""
    told: dict[str, Any] = {name: event[name] for name in HASHED}
    told["at"] = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((event["previous_hash"] + text).encode()).hexdigest()


def breaks(evidence: Evidence) -> Iterator[str]:
    """Tell where the chain of a city does not hold, or an event lacks what every event has."""
    heads = {row["tenant_id"]: row for row in evidence.rows["heads"]}
    for tenant, events in evidence.by("events", "tenant_id").items():
        before = GENESIS
        for number, event in enumerate(events, start=1):
            if event["seq"] != number:
                yield f"市 {tenant}: {number} 番の記録がない"
                break
            if event["previous_hash"] != before or digest(event) != event["hash"]:
                yield f"市 {tenant}: {number} 番の記録（{event['action']}）で鎖が切れている"
                break
            if not (event["actor_kind"] and event["action"]):
                yield f"市 {tenant}: {number} 番の記録に、人か操作がない"
            before = event["hash"]
        if (heads[tenant]["seq"], heads[tenant]["hash"]) != (events[-1]["seq"], events[-1]["hash"]):
            yield f"市 {tenant}: 鎖の先が、最後の記録を指していない"


def untold(evidence: Evidence) -> Iterator[str]:
    """Tell which states the log does not explain: each version, step and document by its own events."""
    told: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for event in evidence.rows["events"]:
        told[event["tenant_id"], event["subject"]].append(event)
    for version in evidence.rows["versions"]:
        ends = _times(told, version, f"version:{version['id']}", "contract.concluded")
        if ends != (version["state"] == "concluded"):
            yield f"版 {version['id']} は {version['state']}、締結の記録は {ends} 件"
    for step in evidence.rows["steps"]:
        given = _times(told, step, f"step:{step['id']}", "step.instructed")
        if step["kind"] == "sign" and given != (step["state"] in {"instructed", "signed"}):
            yield f"署名 {step['id']} は {step['state']}、指示の記録は {given} 件"
    for document in evidence.rows["documents"]:
        yield from _sealed(evidence, told, document)


def _times(told: dict[tuple[int, str], list[Row]], row: Row, subject: str, action: str) -> int:
    return sum(event["action"] == action for event in told[row["tenant_id"], subject])


def _sealed(evidence: Evidence, told: dict[tuple[int, str], list[Row]], document: Row) -> Iterator[str]:
    events = [
        event
        for event in told[document["tenant_id"], f"document:{document['id']}"]
        if event["action"] == "document.sealed"
    ]
    revisions = [row for row in _of(evidence, document["id"]) if row["step_id"] is not None]
    said = sorted(json.loads(event["data"]).get("sha256", "") for event in events)
    if said != sorted(row["sha256"] for row in revisions):
        yield f"文書 {document['id']}: 署名の版が {len(revisions)}、署名の記録が {len(events)} 件で、内容が合わない"


def _of(evidence: Evidence, document_id: int) -> list[Row]:
    if ("revisions", "document_id") not in evidence._index:
        evidence._index["revisions", "document_id"] = evidence.by("revisions", "document_id")
    return evidence._index["revisions", "document_id"].get(document_id, [])

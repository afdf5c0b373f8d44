import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.tenancy import acting_for
from audit import anchoring, proofs
from audit.models import Event
from signing.standalone import verify
from tests.audit.conftest import AT


def stamped() -> None:
    anchoring.drop(at=AT)
    while anchoring.stamp_next(stamp=lambda digest: b"token over " + digest):
        pass


@pytest.fixture
def events(in_city: int, record: Callable[..., Event]) -> list[Event]:
    """Two stretches of a chain: events 1 to 3, then 4 to 8."""
    first = [record() for _ in range(3)]
    stamped()
    second = [record("contract.signed") for _ in range(5)]
    stamped()
    return first + second


def proved(events: list[Event]) -> dict[str, Any]:
    return json.loads(proofs.write(events))


def test_every_event_is_proved_under_the_anchor_that_took_it(events):
    proof = proved(events)

    for each in proof["events"]:
        verify._check_anchored(each, proof["anchors"][str(each["anchor"])])
    assert [each["hash"] for each in proof["events"]] == [event.hash for event in events]
    cities = [json.loads(anchor["city"]["text"]) for anchor in proof["anchors"].values()]
    assert [(city["first"], city["seq"]) for city in cities] == [(1, 3), (4, 8)]
    for anchor in proof["anchors"].values():
        assert base64.b64decode(anchor["token"]) == b"token over " + bytes.fromhex(anchor["hash"])


def test_events_are_written_in_their_order_whoever_gathered_them(events):
    assert [each["seq"] for each in proved([events[6], events[0], events[4]])["events"]] == [1, 5, 7]


def test_a_stretch_is_read_once_for_all_of_its_events(events, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):  # 区間ごとに、先端、錨、区間、全市の先端
        proofs.write(events)


def test_a_proof_tells_nothing_of_other_cities_or_of_what_other_events_say(events, tenant_id, record):
    with acting_for(tenant_id + 1):
        record(tenant_id=tenant_id + 1)
    event = record("contract.concluded")
    stamped()

    written = proofs.write([event])

    assert str(tenant_id + 1) not in written
    assert "contract.s" not in written


def test_an_event_has_no_anchor_before_it_is_anchored_and_attested(events, record):
    event = record()

    assert proved([event])["events"][0]["anchor"] is None
    anchoring.drop(at=AT)
    assert proved([event])["events"][0]["anchor"] is None
    stamped()
    assert proved([event])["events"][0]["anchor"] is not None


@pytest.mark.parametrize(
    ("where", "value", "why"),
    [
        (("event", "hash"), "1" * 64, "区間の出来事ではありません"),
        (("event", "seq"), 5, "番号が、証明の位置と合いません"),
        (("event", "anchor"), 0, "ほかの錨か、ほかの自治体の証明"),
        (("event", "stretch", "index"), 1, "番号が、証明の位置と合いません"),
        (("event", "stretch", "size"), 4, "番号が、証明の位置と合いません"),
        (("event", "stretch", "path"), [], "区間の出来事ではありません"),
        (("anchor", "city", "path"), ["1" * 64], "根に届きません"),
        (("anchor", "city", "size"), 10**6, "根に届きません"),
        (("anchor", "city", "index"), 10**6, "根に届きません"),
        (("anchor", "previous_hash"), "1" * 64, "内容がハッシュ値と一致しません"),
        (("anchor", "hash"), "1" * 64, "内容がハッシュ値と一致しません"),
    ],
)
def test_an_altered_proof_is_told_by_what_was_altered(events, where, value, why):
    proof = proved([events[5]])
    whole = {"event": proof["events"][0], "anchor": next(iter(proof["anchors"].values()))}
    part: Any = whole
    for name in where[:-1]:
        part = part[name]
    part[where[-1]] = value

    with pytest.raises(verify.Wrong, match=why):
        verify._check_anchored(whole["event"], whole["anchor"])


def test_a_head_rewritten_together_with_its_events_is_not_under_the_anchor(events):
    proof = proved([events[5]])
    (anchor,) = proof["anchors"].values()
    city = json.loads(anchor["city"]["text"])
    anchor["city"]["text"] = json.dumps(city | {"hash": "1" * 64})

    with pytest.raises(verify.Wrong, match="根に届きません"):
        verify._check_anchored(proof["events"][0], anchor)

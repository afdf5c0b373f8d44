import base64
import copy
import json
from collections.abc import Callable

import pytest

from accounts.tenancy import acting_for
from audit import anchoring, proofs
from audit.models import Event
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


def test_every_event_is_proved_under_the_anchor_that_took_it(events):
    proved = [proofs.of(event) for event in events]

    assert [proofs.flaw(proof) for proof in proved] == [""] * 8
    assert [proof["event"]["hash"] for proof in proved] == [event.hash for event in events]
    assert [json.loads(proof["city"]["text"])["first"] for proof in proved] == [1] * 3 + [4] * 5
    token = base64.b64decode(proved[0]["anchor"]["token"])
    assert token == b"token over " + bytes.fromhex(proved[0]["anchor"]["hash"])


def test_a_proof_tells_nothing_of_other_cities_or_of_what_other_events_say(events, tenant_id, record):
    with acting_for(tenant_id + 1):
        record(tenant_id=tenant_id + 1)
    event = record("contract.concluded")
    stamped()

    written = json.dumps(proofs.of(event), ensure_ascii=False)

    assert str(tenant_id + 1) not in written
    assert "contract." not in written


def test_there_is_no_proof_before_an_anchor_and_its_token(events, record):
    event = record()

    assert proofs.of(event) is None
    anchoring.drop(at=AT)
    assert proofs.of(event) is None
    stamped()
    assert proofs.flaw(proofs.of(event)) == ""


@pytest.mark.parametrize(
    ("where", "value", "why"),
    [
        (("event", "hash"), "1" * 64, "区間の出来事ではありません"),
        (("event", "seq"), 5, "番号が、証明の位置と合いません"),
        (("stretch", "index"), 1, "番号が、証明の位置と合いません"),
        (("stretch", "size"), 4, "番号が、証明の位置と合いません"),
        (("stretch", "path"), [], "区間の出来事ではありません"),
        (("city", "path"), ["1" * 64], "錨 {n} に収められていません"),
        (("city", "size"), 10**6, "錨 {n} に収められていません"),
        (("anchor", "previous_hash"), "1" * 64, "内容がハッシュ値と一致しません"),
        (("anchor", "hash"), "1" * 64, "内容がハッシュ値と一致しません"),
        (("anchor", "text"), "錨", "読めません"),
        (("stretch", "path"), ["短"], "読めません"),
        (("format",), "other", "記録の証明ではありません"),
    ],
)
def test_an_altered_proof_is_told_by_what_was_altered(events, where, value, why):
    proof = proofs.of(events[5])
    number = json.loads(proof["anchor"]["text"])["number"]
    altered = copy.deepcopy(proof)
    *rooms, name = where
    (altered[rooms[0]] if rooms else altered)[name] = value

    assert why.format(n=number) in proofs.flaw(altered)


def test_a_head_rewritten_together_with_its_events_is_not_under_the_anchor(events):
    proof = proofs.of(events[5])
    city = json.loads(proof["city"]["text"])
    proof["city"]["text"] = json.dumps(city | {"hash": "1" * 64})

    assert "収められていません" in proofs.flaw(proof)

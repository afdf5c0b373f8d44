import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import Error, connection, transaction

from accounts.tenancy import acting_for
from audit import anchoring, merkle
from audit.models import Anchor, AnchoredHead, Event
from tests.audit.conftest import AT

pytestmark = pytest.mark.usefixtures("own_database")

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def two_cities(db, tenant_id: int, record: Callable[..., Event]) -> tuple[int, int]:
    anchoring.drop(at=AT)  # ほかの試験が残した鎖を、先に済ませる
    for city in (tenant_id, tenant_id + 1):
        with acting_for(city):
            record(tenant_id=city)
    return tenant_id, tenant_id + 1


def held(anchor: Anchor) -> dict[int, AnchoredHead]:
    return {head.tenant_id: head for head in anchoring.heads_at(anchor.number)}


def test_an_anchor_holds_the_end_of_every_chain_under_one_root(two_cities):
    anchor = anchoring.drop(at=AT)

    heads = anchoring.heads_at(anchor.number)
    assert set(two_cities) <= {head.tenant_id for head in heads}
    assert anchor.cities == len(heads)
    assert anchor.root == merkle.root([merkle.leaf(head.text.encode()) for head in heads]).hex()
    assert anchor.hash == hashlib.sha256((anchor.previous_hash + anchor.text).encode()).hexdigest()


def test_the_next_anchor_takes_only_what_has_grown_and_keeps_the_rest(two_cities, record):
    still, growing = two_cities
    first = anchoring.drop(at=AT)
    with acting_for(growing):
        grown = [record("contract.signed", tenant_id=growing) for _ in range(3)]

    second = anchoring.drop(at=AT + TEN_MINUTES)

    assert (second.number, second.previous_hash) == (first.number + 1, first.hash)
    assert held(second)[still].anchor == first.number
    stretch = held(second)[growing]
    assert (stretch.anchor, stretch.first, stretch.seq, stretch.hash) == (second.number, 2, 4, grown[-1].hash)
    assert stretch.root == merkle.root([merkle.leaf(bytes.fromhex(each.hash)) for each in grown]).hex()
    assert held(first)[growing].seq == 1, "an earlier anchor still says what it said"


def test_where_nothing_has_happened_no_anchor_is_dropped(two_cities):
    anchoring.drop(at=AT)

    assert anchoring.drop(at=AT + TEN_MINUTES) is None


def test_a_long_backlog_is_taken_in_stretches(two_cities, record, monkeypatch):
    monkeypatch.setattr(anchoring, "LONGEST_STRETCH", 2)
    city, _ = two_cities
    with acting_for(city):
        for _ in range(4):
            record(tenant_id=city)

    ends = [held(anchoring.drop(at=AT))[city].seq for _ in range(3)]

    assert ends == [2, 4, 5]
    assert anchoring.drop(at=AT) is None


def test_the_oldest_anchor_without_a_token_is_stamped_over_its_hash(two_cities, record):
    while anchoring.stamp_next(stamp=lambda _digest: b"an older one"):
        pass
    anchor = anchoring.drop(at=AT)

    assert anchoring.stamp_next(stamp=lambda digest: b"token over " + digest)
    assert not anchoring.stamp_next(stamp=lambda digest: b"never asked for")
    assert bytes(Anchor.objects.get(pk=anchor.pk).token) == b"token over " + bytes.fromhex(anchor.hash)


def test_an_anchor_waits_for_a_time_authority_that_does_not_answer(two_cities):
    def silent(_digest: bytes) -> bytes:
        raise ConnectionError

    anchoring.drop(at=AT)
    with pytest.raises(ConnectionError):
        anchoring.stamp_next(stamp=silent)

    assert Anchor.objects.filter(token=b"").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_anchor set root = repeat('1', 64)",
        "update audit_anchor set token = 'other'",
        "delete from audit_anchor",
        "insert into audit_anchor select number + 2, at, cities, root, hash, hash, '' from audit_anchor"
        " order by number desc limit 1",
        "insert into audit_anchor select number + 1, at, cities, root, root, hash, '' from audit_anchor"
        " order by number desc limit 1",
        "delete from audit_anchoredhead",
        "update audit_anchoredhead set seq = seq + 1",
        "insert into audit_anchoredhead select tenant_id, anchor + 1, seq + 1, seq + 1, hash, root"
        " from audit_anchoredhead limit 1",
    ],
)
def test_the_application_cannot_change_what_was_anchored(two_cities, statement):
    anchoring.drop(at=AT)
    while anchoring.stamp_next(stamp=lambda digest: digest):
        pass

    with acting_for(two_cities[0]), pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_city_sees_only_how_far_its_own_chain_is_held(two_cities):
    anchoring.drop(at=AT)

    for city in two_cities:
        with acting_for(city):
            assert list(AnchoredHead.objects.values_list("tenant_id", flat=True)) == [city]


@pytest.mark.django_db(transaction=True)
def test_two_that_anchor_at_once_do_not_fork_the_anchors(tenant_id, record):
    def write_and_anchor(city: int) -> None:
        try:
            for _ in range(5):
                with acting_for(city):
                    record(tenant_id=city)
                anchoring.drop(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(write_and_anchor, tenant_id + n) for n in range(4)]:
            future.result(60)

    anchors = list(Anchor.objects.all())
    assert [anchor.number for anchor in anchors] == list(range(1, len(anchors) + 1))
    assert all(after.previous_hash == before.hash for before, after in pairwise(anchors))
    latest = held(anchors[-1])
    assert {latest[tenant_id + n].seq for n in range(4)} == {5}


@pytest.mark.parametrize(
    "statement",
    [
        "truncate audit_anchor",
        "truncate audit_anchoredhead",
        "update audit_anchor set root = repeat('1', 64)",
        "update audit_anchor set token = 'another'",
        "delete from audit_anchor",
        "insert into audit_anchor values (9, now(), 1, '', repeat('0', 64), '', '')",
        "insert into audit_anchoredhead values (1, 1, 1, 1, '', '')",
        "update audit_anchoredhead set hash = repeat('1', 64)",
        "delete from audit_anchoredhead",
        "alter table audit_anchor disable trigger all",
    ],
)
def test_the_application_cannot_change_an_anchor(in_city, record, statement):
    record()
    anchor = anchoring.drop(at=AT)
    while anchoring.stamp_next(stamp=lambda digest: b"token over " + digest):
        pass

    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    anchor.refresh_from_db()
    assert anchor.compute_hash() == anchor.hash
    assert bytes(anchor.token) == b"token over " + bytes.fromhex(anchor.hash)
    assert AnchoredHead.objects.get().anchor == anchor.number

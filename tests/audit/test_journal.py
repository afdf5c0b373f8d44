import hashlib
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from accounts import tenancy
from accounts.tenancy import acting_for
from audit import anchoring, labels, verifying
from audit.models import Event, Head
from tests.audit.conftest import AT
from tests.audit.owner import as_owner, forget

pytestmark = pytest.mark.usefixtures("own_database")


def test_each_event_holds_the_hash_of_the_one_before(in_city, record):
    first, second = record(), record("contract.signed")

    assert (first.seq, second.seq) == (1, 2)
    assert first.previous_hash == "0" * 64
    assert second.previous_hash == first.hash
    assert verifying.verify_chain(tenant_id=in_city) == verifying.ChainReport(2, None, "")


def test_the_hash_is_over_the_text_that_anyone_can_rebuild_from_the_row(in_city, record):
    record()
    event = Event.objects.get(tenant_id=in_city)

    text = json.dumps(
        {
            "action": "contract.sent",
            "actor_kind": "staff",
            "actor_name": "髙﨑 𠮷郎",
            "at": "2026-03-05T01:20:30.123456+00:00",
            "data": '{"件名":"轟木川護岸補修工事"}',
            "ip": "192.0.2.7",
            "seq": 1,
            "subject": "contract:12",
            "tenant_id": in_city,
            "thread": "case:7",
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )

    assert event.hash == hashlib.sha256(("0" * 64 + text).encode()).hexdigest()


def test_values_of_every_kind_are_written_and_verify_after_reading(in_city, record):
    japan = timezone(timedelta(hours=9))
    record(
        at=datetime(2026, 3, 5, 10, 20, 30, tzinfo=japan),
        ip=None,
        actor_name="改行\nと\0と\ud800",
        data={"日": date(2026, 3, 5), "額": Decimal("1.50"), "id": uuid.UUID(int=7), "名": "\0\ud800", "列": [1, None]},
    )

    event = Event.objects.get(tenant_id=in_city)

    assert (event.ip, event.actor_name) == ("", "改行\nと\ufffdと?")
    assert json.loads(event.data)["額"] == "1.50"
    assert verifying.verify_chain(tenant_id=in_city).intact


def test_a_city_without_events_has_a_sound_chain(in_city):
    assert verifying.verify_chain(tenant_id=in_city) == verifying.ChainReport(0, None, "")


def test_chains_of_two_cities_do_not_touch(db, tenant_id, record):
    for city in (tenant_id, tenant_id + 1):
        with acting_for(city):
            assert record(tenant_id=city).seq == 1
            assert Event.objects.count() == 1


def test_an_event_for_another_city_is_refused(in_city, record):
    with pytest.raises(Error, match="row-level security"), transaction.atomic():
        record(tenant_id=in_city + 1)


def test_an_event_outside_a_transaction_is_refused(transactional_db, record):
    with pytest.raises(transaction.TransactionManagementError):
        record()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set actor_name = '別人'",
        "delete from audit_event",
        "delete from audit_head",
        "update audit_head set seq = seq - 1",
        "update audit_head set seq = seq + 1",
        "update audit_head set hash = repeat('1', 64)",
        "insert into audit_head values (%(other)s, 5, repeat('1', 64))",
        "truncate audit_event",
        "alter table audit_event disable trigger all",
    ],
)
def test_the_application_cannot_change_what_happened(in_city, record, statement):
    record()
    record()

    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("%(other)s", str(in_city + 1)))

    assert verifying.verify_chain(tenant_id=in_city) == verifying.ChainReport(2, None, "")


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        ("audit_event", {"SELECT", "INSERT"}),
        ("audit_head", {"SELECT", "INSERT", "UPDATE"}),
        ("audit_anchor", {"SELECT", "INSERT"}),
        ("audit_anchoredhead", {"SELECT"}),
    ],
)
def test_the_application_has_no_right_to_alter_the_journal(db, table, kept):
    rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {', '.join('has_table_privilege(%s, %s)' for _ in rights)}",
            [value for right in rights for value in (table, right)],
        )
        has = dict(zip(rights, cursor.fetchone(), strict=True))

    assert {right for right in rights if has[right]} == kept


def test_a_thread_reads_newest_first_page_by_page(in_city, record):
    for _ in range(5):
        record()
    record(thread="case:8")

    thread = Event.objects.of_thread(in_city, "case:7")
    page = list(thread.before(None)[:2])
    rest = list(thread.before(page[-1].seq))

    assert [event.seq for event in page + rest] == [5, 4, 3, 2, 1]


def test_actions_are_shown_in_japanese(in_city, record):
    labels.register({"test.stamped": "押印を確認"})
    labels.register({"test.stamped": "押印を確認"})

    assert record("test.stamped").label == "押印を確認"
    assert record("test.unnamed").label == "test.unnamed"
    with pytest.raises(ValueError, match="押印を確認"):
        labels.register({"test.stamped": "ほかの名"})


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_do_not_fork_the_chain(tenant_id, record):
    def write(name: int) -> None:
        try:
            for number in range(15):
                with transaction.atomic():
                    tenancy.set_tenant(tenant_id)
                    record(actor_name=f"書き手{name}", data={"n": number})
                    if number % 5 == 4:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(write, name) for name in range(6)]:
            future.result(60)

    with acting_for(tenant_id):
        assert verifying.verify_chain(tenant_id=tenant_id) == verifying.ChainReport(72, None, "")
        assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 73))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("table", "statement", "broken_at", "why"),
    [
        ("audit_event", "update audit_event set actor_name='別人' where tenant_id={t} and seq=3", 3, "一致しません"),
        ("audit_event", "update audit_event set at=at+'1 us' where tenant_id={t} and seq=2", 2, "一致しません"),
        ("audit_event", "delete from audit_event where tenant_id={t} and seq=2", 2, "番号 2 の出来事がありません"),
        ("audit_event", "delete from audit_event where tenant_id={t} and seq=4", 4, "末尾の出来事がありません"),
        ("audit_event", "delete from audit_event where tenant_id={t}", 1, "末尾の出来事がありません"),
        ("audit_head", "update audit_head set seq=3 where tenant_id={t}", 4, "先端"),
        ("audit_head", "delete from audit_head where tenant_id={t}", 5, "先端の記録がありません"),
    ],
)
def test_an_alteration_by_the_owner_is_found_and_named(tenant_id, record, table, statement, broken_at, why):
    with acting_for(tenant_id):
        for _ in range(4):
            record()
    as_owner(table, statement.format(t=tenant_id))

    try:
        stderr = StringIO()
        with pytest.raises(CommandError) as refusal:
            call_command("verify_journal", tenant=tenant_id, stdout=StringIO(), stderr=stderr)
    finally:
        forget(tenant_id)

    assert refusal.value.returncode == 1
    assert f"{tenant_id}/{broken_at} " in stderr.getvalue()
    assert why in stderr.getvalue()


def rewrite(tenant_id: int, *, since: int, until: int) -> None:
    """Write a chain anew from an event on, every hash and the head in order, as only its owner could."""
    with acting_for(tenant_id):
        events = list(Event.objects.order_by("seq"))
    previous = events[since - 2].hash
    for event in events[since - 1 : until]:
        event.actor_name, event.previous_hash = "別人", previous
        previous = event.hash = event.compute_hash()
        told = f"actor_name='別人', previous_hash='{event.previous_hash}', hash='{event.hash}'"
        as_owner("audit_event", f"update audit_event set {told} where tenant_id={tenant_id} and seq={event.seq}")
    as_owner("audit_event", f"delete from audit_event where tenant_id={tenant_id} and seq>{until}")
    as_owner("audit_head", f"update audit_head set seq={until}, hash='{previous}' where tenant_id={tenant_id}")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("since", "until", "stretch", "broken_at"), [(2, 6, "1〜3", 1), (5, 6, "4〜6", 4), (5, 5, "4〜6", 4)]
)
def test_a_chain_written_anew_after_an_anchor_is_found_and_its_stretch_named(
    tenant_id, record, since, until, stretch, broken_at
):
    for _ in range(2):
        with acting_for(tenant_id):
            for _ in range(3):
                record()
        anchoring.drop(at=AT)
    with acting_for(tenant_id):
        assert verifying.verify_chain(tenant_id=tenant_id).intact

    rewrite(tenant_id, since=since, until=until)

    try:
        with acting_for(tenant_id):
            report = verifying.verify_chain(tenant_id=tenant_id)
    finally:
        forget(tenant_id)
    assert (report.intact, report.broken_at) == (False, broken_at)
    assert f"出来事 {stretch} は、錨" in report.why


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_command_walks_every_city(tenant_id, record):
    for city in (tenant_id, tenant_id + 1):
        with acting_for(city):
            record(tenant_id=city)

    out = StringIO()
    call_command("verify_journal", stdout=out)

    assert f"自治体 {tenant_id}: 1 件、鎖はつながっています。" in out.getvalue()
    assert f"自治体 {tenant_id + 1}: 1 件" in out.getvalue()
    assert Head.objects.using("owner").filter(tenant_id=tenant_id, seq=1).exists()

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.tenancy import acting_for
from audit import anchoring, attesting, hooks, publishing
from audit.models import Anchor, Event
from tests.audit.conftest import AT
from tests.audit.owner import as_owner, forget
from vault.storage import WriteOnceStorage

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("own_database"),
]


@pytest.fixture
def anchored(tenant_id: int, record: Callable[..., Event], monkeypatch) -> Iterator[int]:
    """Two cities whose chains three anchors hold: the second city grew once, under the second anchor."""
    monkeypatch.setattr(hooks, "token_flaws", [])
    forget()
    other = tenant_id + 1
    for number, cities in enumerate(([tenant_id], [tenant_id, other], [tenant_id])):
        for city in cities:
            with acting_for(city):
                record(tenant_id=city)
                record(tenant_id=city)
        anchoring.drop(at=AT + timedelta(minutes=10 * number))
    while anchoring.stamp_next(stamp=lambda digest: b"token over " + digest):
        pass
    yield tenant_id
    forget(tenant_id, other)


def test_sound_anchors_are_walked_to_the_last(anchored):
    assert attesting.verify_anchors() == attesting.AnchorReport(3, 0, 3, None, "")


ALTERED = [
    (
        "audit_anchor",
        "update audit_anchor set at = at + '1 us' where number = 2",
        2,
        "内容がハッシュ値と一致しません",
    ),
    ("audit_anchor", "update audit_anchor set cities = 3 where number = 2", 2, "内容がハッシュ値と一致しません"),
    (
        "audit_anchor",
        "update audit_anchor set hash = repeat('1', 64) where number = 1",
        1,
        "内容がハッシュ値と一致し",
    ),
    ("audit_anchor", "delete from audit_anchor where number = 2", 2, "錨 2 がありません（次の錨は 3）"),
    (
        "audit_anchor",
        "update audit_anchor set previous_hash = repeat('1', 64) where number = 3",
        3,
        "つながりません",
    ),
    ("audit_anchoredhead", "update audit_anchoredhead set hash = repeat('1', 64) where anchor = 2", 2, "根が"),
    ("audit_anchoredhead", "update audit_anchoredhead set root = repeat('1', 64) where anchor = 3", 3, "根が"),
    ("audit_anchoredhead", "delete from audit_anchoredhead where anchor = 2", 2, "根が"),
    ("audit_anchoredhead", "update audit_anchoredhead set tenant_id = tenant_id + 7 where anchor = 2", 2, "根が"),
]


def test_every_altered_anchor_is_named(anchored):
    for table, statement, broken_at, why in ALTERED:
        with transaction.atomic(using="owner"):
            as_owner(table, statement)
            report = attesting.verify_anchors(using="owner")
            transaction.set_rollback(True, using="owner")
        assert (report.intact, report.broken_at) == (False, broken_at), statement
        assert why in report.why, statement
    assert attesting.verify_anchors().intact


def test_a_token_that_does_not_hold_is_named_by_its_anchor(anchored, monkeypatch):
    bad = Anchor.objects.get(number=2)

    def judged(token: bytes, digest: bytes) -> str:
        return "署名の値が正しくありません。" if token.endswith(bytes.fromhex(bad.hash)) else ""

    monkeypatch.setattr(hooks, "token_flaws", [judged])

    assert attesting.verify_anchors() == attesting.AnchorReport(
        1, 0, 0, 2, "錨 2 のトークン: 署名の値が正しくありません。"
    )


def test_an_anchor_that_waits_for_its_token_is_counted_and_not_broken(anchored, record):
    with acting_for(anchored):
        record()
    anchoring.drop(at=AT)

    assert attesting.verify_anchors() == attesting.AnchorReport(4, 1, 3, None, "")


def test_anchors_written_anew_as_a_whole_differ_from_what_was_written_out(anchored, tmp_path):
    storage = WriteOnceStorage(location=tmp_path)
    publishing.write_out(storage)
    as_owner("audit_anchoredhead", "delete from audit_anchoredhead")
    as_owner("audit_anchor", "delete from audit_anchor")
    anchoring.drop(at=AT)

    assert attesting.verify_anchors().intact, "the anchors alone do not show it"
    report = attesting.verify_anchors(published=publishing.published(storage))

    assert (report.broken_at, report.why) == (1, "錨 1 が、外に書き出したものと違います。")


def test_the_last_anchors_cut_off_are_missed_by_what_was_written_out(anchored, tmp_path):
    storage = WriteOnceStorage(location=tmp_path)
    publishing.write_out(storage)
    as_owner("audit_anchoredhead", "delete from audit_anchoredhead where anchor = 3")
    as_owner("audit_anchor", "delete from audit_anchor where number = 3")

    report = attesting.verify_anchors(published=publishing.published(storage))

    assert (report.broken_at, report.why) == (3, "外に書き出した錨 3 が、記録から消されています。")


def test_the_command_names_a_broken_anchor(anchored):
    out, err = StringIO(), StringIO()
    call_command("verify_journal", tenant=anchored, stdout=out, stderr=err)
    assert "錨: 3 本、つながっています（外に 0 本）。トークン 3 個は確かめていません" in out.getvalue()

    as_owner("audit_anchor", "update audit_anchor set cities = 9 where number = 2")
    with pytest.raises(CommandError) as refusal:
        call_command("verify_journal", tenant=anchored, stdout=out, stderr=err)

    assert refusal.value.returncode == 1
    assert "錨 2 から先が壊れています。" in err.getvalue()


def test_what_was_written_out_is_never_written_again(anchored, record, tmp_path):
    storage = WriteOnceStorage(location=tmp_path)
    assert publishing.write_out(storage) == ["anchors-0000000001-0000000003.json"]
    kept = (tmp_path / "anchors-0000000001-0000000003.json").read_bytes()

    assert publishing.write_out(storage) == []
    with acting_for(anchored):
        record()
    anchoring.drop(at=AT)
    assert publishing.write_out(storage) == [], "the new one waits for its token"
    while anchoring.stamp_next(stamp=lambda digest: b"token over " + digest):
        pass
    assert publishing.write_out(storage) == ["anchors-0000000004-0000000004.json"]

    assert (tmp_path / "anchors-0000000001-0000000003.json").read_bytes() == kept
    assert [json.loads(each["text"])["number"] for each in json.loads(kept)["anchors"]] == [1, 2, 3]
    assert set(publishing.published(storage)) == {1, 2, 3, 4}


def test_a_file_in_the_way_is_left_as_it_is(anchored, tmp_path, monkeypatch):
    storage = WriteOnceStorage(location=tmp_path)
    theirs = tmp_path / "anchors-0000000001-0000000003.json"
    theirs.write_text("other")
    monkeypatch.setattr(publishing, "_files", lambda _storage: [])

    with pytest.raises(publishing.AlreadyWritten, match="すでにあります"):
        publishing.write_out(storage)

    assert theirs.read_text() == "other"
    assert [path.name for path in tmp_path.iterdir()] == [theirs.name]
    with pytest.raises(PermissionError):
        storage.delete(theirs.name)


def test_anchors_go_where_nothing_is_overwritten(anchored):
    assert isinstance(storages["anchors"], WriteOnceStorage)

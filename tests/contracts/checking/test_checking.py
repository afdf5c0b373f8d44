"""What is altered, lost, swapped or slipped in is found and named, and told to whoever can do something about it."""

import hashlib
import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import actors
from accounts.models import Organization, OrganizationKind, Role
from accounts.tenancy import acting_for
from audit import canonical
from audit.models import Anchor, Event
from contracts import tasks
from contracts.models import Document, RecordCheck, Revision
from contracts.services import evidence
from contracts.services.checking import asking, walking
from notifications.models import Delivery
from tests import factories
from tests.contracts.checking.scene import AT, NEXT_NIGHT
from vault import files


def told(check: RecordCheck) -> str:
    return "\n".join(f"{each['where']}: {each['what']}" for each in check.found)


def test_what_is_as_it_was_is_found_sound(concluded, check):
    looked = check()

    assert (looked.done_at, looked.flaws, looked.found) == (AT, 0, [])
    assert looked.is_sound
    assert looked.documents == Document.unscoped.filter(tenant=concluded.tenant).count() > 0
    assert looked.events == Event.objects.filter(tenant_id=concluded.tenant.pk).count() - 1, "all but its own end"
    assert looked.files > 0
    last = Event.objects.of_thread(concluded.tenant.pk, walking.THREAD).first()
    assert (last.action, last.subject) == ("records.checked", f"check:{looked.pk}")


def test_bytes_that_were_changed_are_named(concluded, check, path_of, tail):
    path = path_of(tail)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    looked = check()

    assert looked.flaws == 1
    assert concluded.case.number in told(looked)
    assert "壊れているか、書き換えられています" in told(looked)


def test_a_file_that_is_gone_is_named(concluded, check, path_of, tail):
    path_of(tail).unlink()

    assert f"見つかりません（{tail.sha256}）" in told(check())


def test_two_files_that_changed_places_are_named(concluded, check, path_of, tail):
    other = path_of(concluded.version.documents.get(order=1).revisions.get(number=0).tail)
    mine, theirs = path_of(tail).read_bytes(), other.read_bytes()
    path_of(tail).write_bytes(theirs)
    other.write_bytes(mine)

    assert "壊れているか、書き換えられています" in told(check())


def test_a_consent_that_was_altered_is_named_although_no_document_holds_it(concluded, check, path_of):
    paper = concluded.consent.paper
    path_of(paper).write_bytes(b"other")

    looked = check()

    assert looked.flaws == 1
    assert paper.sha256 in told(looked)


def test_a_revision_slipped_in_with_all_hashes_right_is_not_in_the_journal(concluded, check):
    document = concluded.version.documents.get(order=1)
    last = document.revisions.latest("number")
    whole = hashlib.sha256(b"".join(files.chain(each.tail for each in document.revisions.order_by("number"))))
    whole.update(b"%forged")
    Revision.unscoped.create(
        tenant_id=document.tenant_id,
        document=document,
        number=last.number + 1,
        size=last.size + len(b"%forged"),
        sha256=whole.hexdigest(),
        tail=files.store(tenant_id=document.tenant_id, content=b"%forged"),
        made_at=AT,
        timestamped_at=AT,
        archived_at=AT,
    )
    # 渡したという記録は、そのとき行にあった値を写すだけである
    evidence.record(
        "document.downloaded",
        concluded.case,
        subject=f"document:{document.pk}",
        actor=actors.system(document.tenant_id),
        at=AT,
        sha256=whole.hexdigest(),
    )

    looked = check()

    assert looked.flaws == 1
    assert f"第{last.number + 1}版の SHA-256 が、操作記録に書かれたものと違います。" in told(looked)


def test_a_revision_that_the_journal_knows_and_the_rows_do_not_is_missed(concluded, check):
    document = concluded.version.documents.get(order=1)
    evidence.record(
        "document.sealed",
        concluded.case,
        subject=f"document:{document.pk}",
        actor=actors.system(document.tenant_id),
        at=AT,
        sha256="f" * 64,
    )

    assert f"操作記録にある版（SHA-256 {'f' * 64}）がありません。" in told(check())


def test_a_whole_chain_written_anew_after_an_anchor_is_named_by_its_stretch(concluded, check):
    last = Event.objects.of_tenant(concluded.tenant.pk).first()
    with connection.cursor() as cursor:  # 錨は、いまの鎖とは別の終わりを収めた
        others = [[last.tenant_id], [1], [last.seq], ["f" * 64], ["f" * 64]]
        cursor.execute("select audit_keep_heads(1, %s, %s, %s, %s, %s)", others)

    looked = check()

    assert (looked.flaws, looked.found[0]["where"]) == (1, "操作記録 第1号")
    assert f"出来事 1〜{last.seq} は、錨 1 に収めたあとに書き換えられたか、消されています" in told(looked)


def test_an_event_slipped_in_behind_the_end_is_named_by_its_number(concluded, check):
    last = Event.objects.of_tenant(concluded.tenant.pk).first()
    forged = Event(tenant_id=last.tenant_id, seq=last.seq + 1, at=AT, action="forged", previous_hash=last.hash)
    forged.hash = forged.compute_hash()
    forged.save(force_insert=True)
    with acting_for(concluded.tenant.pk):
        begun = asking.begin(concluded.tenant.pk, at=AT)

    assert walking.check_next(tenant_id=concluded.tenant.pk, at=AT)

    begun.refresh_from_db()
    assert begun.found[0]["where"] == f"操作記録 第{forged.seq}号"


def destroy(tail) -> None:
    files.destroy(tail, at=AT)
    files.sweep(tail)


def test_a_disposal_without_a_list_that_names_the_file_is_no_proof(concluded, check, tail):
    destroy(tail)
    case, actor = concluded.case, actors.system(concluded.tenant.pk)
    evidence.record("custody.disposed", case, subject=case.thread, actor=actor, at=AT)

    looked = check()

    assert looked.flaws == 1
    assert tail.sha256 in told(looked)


@pytest.mark.parametrize(("minutes", "count"), [(61, 1), (59, 0)])
def test_keyless_leftovers_are_named_in_the_log_once_no_transaction_can_still_bring_their_row(
    check, path_of, tail, caplog, minutes, count
):
    stray = path_of(tail).with_name(tail.sha256[:2] + "0" * 62)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"left over")
    written = (AT - timedelta(minutes=minutes)).timestamp()
    os.utime(stray, (written, written))

    looked = check()

    assert (looked.flaws, looked.strays) == (0, count)
    assert caplog.text.count(stray.name) == count


def test_what_was_destroyed_though_the_journal_tells_of_no_disposal_is_named(concluded, check, tail):
    destroy(tail)

    assert "承認を得て廃棄した記録がありません" in told(check())


def test_a_flaw_is_mailed_once_to_administrators_and_operators_until_another_is_found(
    concluded, check, path_of, tail, settings, monkeypatch
):
    settings.OPERATORS = ["ops@example.jp"]
    chief = factories.member(concluded.tenant, Role.ADMINISTRATOR)
    path_of(tail).unlink()

    check()
    monkeypatch.setattr("tests.contracts.checking.conftest.AT", NEXT_NIGHT)
    check()

    mails = Delivery.unscoped.filter(template="contracts/records_broken")
    assert sorted(mails.values_list("to", flat=True)) == sorted([chief.email, "ops@example.jp"])

    path_of(concluded.consent.paper).unlink()
    check()
    assert mails.count() == 4


def test_every_night_every_city_is_asked_once_and_the_worker_looks(concluded):
    factories.city("usuki")
    tasks.check_nightly()
    tasks.check_nightly()

    for slug in ("tosu", "usuki"):
        with acting_for(factories.city(slug).pk):
            assert RecordCheck.unscoped.count() == 1
    tasks.check_records()
    with acting_for(concluded.tenant.pk):
        assert RecordCheck.unscoped.get().is_sound


def test_a_slice_that_fails_says_why_and_goes_on_where_it_was(concluded, check, monkeypatch):
    with monkeypatch.context() as silence, acting_for(concluded.tenant.pk):
        silence.setattr(walking, "LOOK", dict.fromkeys(walking.LOOK, lambda _check: 1 / 0))
        begun = asking.begin(concluded.tenant.pk, at=AT)
        assert walking.check_next(tenant_id=concluded.tenant.pk, at=AT)
        assert not walking.check_next(tenant_id=concluded.tenant.pk, at=AT)

    begun.refresh_from_db()
    assert begun.last_error == walking.TROUBLE
    assert walking.check_next(tenant_id=concluded.tenant.pk, at=NEXT_NIGHT)
    begun.refresh_from_db()
    assert (begun.part, begun.last_error) == ("documents", "")


def test_an_anchor_that_does_not_hold_is_mailed_to_the_operators(concluded, settings, caplog):
    settings.OPERATORS = ["ops@example.jp"]
    # 確定する試験の残した市が、知らせの名義にならないように
    others = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).exclude(pk=concluded.tenant.pk)
    others.update(kind=OrganizationKind.CONTRACTOR)
    last = Anchor.objects.last() or Anchor(number=0, hash=canonical.GENESIS)
    Anchor.objects.create(
        number=last.number + 1, at=AT, cities=1, root="0" * 64, previous_hash=last.hash, hash="1" * 64
    )

    tasks.check_nightly()
    tasks.check_nightly()

    (mail,) = Delivery.unscoped.filter(template="contracts/records_broken")
    assert mail.to == "ops@example.jp"
    assert f"錨 {last.number + 1} の内容がハッシュ値と一致しません" in caplog.text


def test_the_command_says_what_does_not_hold(concluded, path_of, tail):
    out, err = StringIO(), StringIO()
    call_command("check_records", city="tosu", stdout=out, stderr=err)
    assert "食い違い 0 件" in out.getvalue()

    path_of(tail).unlink()
    with pytest.raises(CommandError) as refusal:
        call_command("check_records", city="tosu", stdout=out, stderr=err)

    assert refusal.value.returncode == 1
    assert f"見つかりません（{tail.sha256}）" in err.getvalue()

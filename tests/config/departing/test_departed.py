"""After a city has left: nothing of its own opens, its history stands, and nobody else has noticed."""

import hashlib
import signal

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from accounts import tenancy
from accounts.acting import acting as acting_as
from accounts.models import Organization, OrganizationKind, User
from audit import verifying
from audit.models import Event
from config.departing import told
from contracts.models import DocumentText, PageText, Purpose, RecordCheck
from contracts.reading import content_of
from contracts.services.checking import asking, walking
from guarantees.models import Guarantee
from guarantees.services import revealing
from signing import setup
from signing.verification import verify
from vault import files
from vault.models import StoredFile, TenantKey

from .conftest import Departed

pytestmark = pytest.mark.xdist_group("departing")


@pytest.fixture(autouse=True)
def unblocked(departed: Departed, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_every_file_is_unreadable_with_the_database_and_the_storage_in_hand(departed: Departed):
    assert departed.files
    with tenancy.acting_for(departed.gone.tenant.pk):
        for stored in StoredFile.objects.filter(tenant_id=departed.gone.tenant.pk):
            with pytest.raises(files.Destroyed):
                files.read(stored)


def test_a_copy_of_the_ciphertexts_and_of_the_wrapped_data_keys_opens_nothing(departed: Departed, settings):
    place = settings.STORAGES["vault"]
    copied = place | {"OPTIONS": place["OPTIONS"] | {"location": departed.room / "copy"}}
    settings.STORAGES = settings.STORAGES | {"vault": copied}
    with tenancy.acting_for(departed.gone.tenant.pk):
        for stored in departed.files:
            assert storages["vault"].exists(stored.path)
            with pytest.raises(files.Damaged, match="暗号鍵がありません"):
                files.read(stored)


def test_no_ciphertext_and_no_text_of_a_page_is_left(departed: Departed):
    gone = departed.gone.tenant.pk
    assert not [each for each in (departed.room / "vault" / str(gone)).rglob("*") if each.is_file()]
    with tenancy.acting_for(gone):
        assert not DocumentText.unscoped.filter(tenant_id=gone).exists()
        assert not PageText.unscoped.filter(tenant_id=gone).exists()
        assert not TenantKey.objects.filter(tenant_id=gone).exists()


def test_sealed_columns_open_no_more(departed: Departed):
    with tenancy.acting_for(departed.gone.tenant.pk):
        guarantee = Guarantee.unscoped.filter(sealed_key__isnull=False).get()
        with pytest.raises(files.Damaged):
            revealing.credential_of(guarantee)


def test_the_command_goes_on_where_it_was_killed(departed: Departed):
    assert departed.killed_by == signal.SIGKILL
    assert departed.left_when_killed
    with tenancy.acting_for(departed.gone.tenant.pk):
        told_of = Event.objects.of_thread(departed.gone.tenant.pk, told.THREAD).order_by("seq")
        assert list(told_of.values_list("action", flat=True)) == [
            told.CLOSED,
            told.HANDED,
            told.DESTROYED,
            told.FINISHED,
        ]


def test_the_journal_stands_whole_and_vouches_for_the_certificate(departed: Departed):
    gone = departed.gone.tenant.pk
    with tenancy.acting_for(gone):
        assert verifying.verify_chain(tenant_id=gone).intact
        finished = told.of(gone).finished
    assert finished is not None
    assert finished.data["certificate_sha256"] == hashlib.sha256(departed.certificate_file.read_bytes()).hexdigest()


def test_the_certificate_counts_what_was_destroyed(departed: Departed):
    counts = departed.certificate["destroyed"]["counts"]

    assert counts["files"] == len(departed.files)
    assert counts["bytes"] == sum(each.size for each in departed.files)
    assert counts["key_versions"] == 1
    assert counts["cases"] == 1
    assert counts["foreign_contracts"] == 1
    assert counts["sealed"]["guarantees_guarantee.sealed_key"] == 1
    assert departed.people[1].email in departed.certificate["destroyed"]["by"]
    assert departed.certificate["handed_over"]["received_by"] == "総務課　契約係長"
    assert any("残ります" in each for each in departed.certificate["remarks"])


def test_the_certificate_may_be_asked_for_again(departed: Departed):
    before = departed.certificate_file.read_bytes()
    departed.order("destroy", "--certificate", str(departed.certificate_file), by=1)

    assert departed.certificate_file.read_bytes() == before


def test_it_cannot_be_opened_again(departed: Departed):
    departed.order("reopen", "--reason", "誤り", code=1)

    assert "開け直せません" in departed.said["reopen"]


def test_its_people_hold_no_role_and_its_links_lead_nowhere(departed: Departed):
    on = timezone.localdate()
    person = User.objects.get(pk=departed.gone.drafter.user_id)
    assert acting_as(person, on=on, ip=None, user_agent="") is None
    with tenancy.acting_for(departed.gone.tenant.pk):
        link = departed.gone.address(Purpose.DOWNLOAD)
    with tenancy.acting_for(departed.staying.tenant.pk):
        other = departed.staying.address(Purpose.DOWNLOAD)

    assert Client().get(link).status_code == 404
    assert Client().get(other).status_code == 200


def test_the_nightly_check_asks_nothing_of_it(departed: Departed):
    asking.ask_all(at=timezone.now())
    with tenancy.acting_for(departed.gone.tenant.pk):
        assert not RecordCheck.unscoped.filter(tenant_id=departed.gone.tenant.pk).exists()


def test_the_other_city_is_whole(departed: Departed):
    staying = departed.staying.tenant.pk
    asking.ask_all(at=timezone.now())
    while walking.check_next(tenant_id=staying, at=timezone.now()):
        pass
    with tenancy.acting_for(staying):
        [check] = RecordCheck.unscoped.filter(tenant_id=staying)
        assert check.done_at is not None
        assert check.flaws == 0
        pdf = content_of(departed.staying.version.documents.first())
    assert verify(pdf, trust=setup.trust()).verdict == "VALID"


def test_a_backup_taken_afterwards_misses_nothing(departed: Departed):
    with tenancy.acting_for(departed.gone.tenant.pk):
        kept = StoredFile.objects.filter(tenant_id=departed.gone.tenant.pk, destroyed_at__isnull=True)
        assert not kept.exists()
    row = Organization.objects.get(pk=departed.gone.tenant.pk)
    assert row.kind == OrganizationKind.FORMER

"""A guarantor is entered at the shell, and corrected there; the end of its key is told to its people."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from audit.models import Event
from contracts.services.signatures import certificates
from notifications.models import Reminder
from notifications.reminders import sweeping
from signing.endings import Ending
from signing.keys import KnownKey
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_guarantor_is_entered_with_what_its_certificates_say(capsys):
    call_command("found_guarantor", "hosho", "見本保証株式会社", "--branch", "佐賀支店", "--email", "hosho@example.jp")

    made = Organization.objects.get(slug="hosho")
    assert (made.kind, made.help_desk, made.help_email) == (OrganizationKind.GUARANTOR, "佐賀支店", "hosho@example.jp")
    assert 'owners = ["hosho"]' in capsys.readouterr().out
    with tenancy.acting_for(made.pk):
        assert Event.objects.get(tenant_id=made.pk).label == "保証機関を開設"


def test_entering_it_again_corrects_only_what_is_given():
    call_command("found_guarantor", "hosho", "見本保証株式会社", "--branch", "佐賀支店")
    call_command("found_guarantor", "hosho", "見本保証株式会社", "--phone", "0952-11-1111")

    made = Organization.objects.get(slug="hosho")
    assert (made.help_desk, made.help_phone) == ("佐賀支店", "0952-11-1111")


def test_a_city_does_not_become_a_guarantor():
    factories.city("tosu")

    with pytest.raises(CommandError, match="別の団体が使っています"):
        call_command("found_guarantor", "tosu", "鳥栖市")


def test_a_name_that_fits_no_address_is_refused():
    with pytest.raises(CommandError, match="英数字"):
        call_command("found_guarantor", "保証", "見本保証株式会社")


def test_the_end_of_its_key_is_told_to_its_people(books):
    at = timezone.now()
    key = KnownKey(
        name="guarantor",
        owners=frozenset({"nishinihon"}),
        subject="Nishinihon",
        fingerprint="a" * 64,
        public_key="b" * 64,
        starts_at=at - timedelta(days=300),
        ends_at=at + timedelta(days=20),
    )

    certificates.watch([Ending(kind="signing", key=key)])
    for day in range(21):
        morning = at + timedelta(days=day)
        sweeping.sweep(books.guarantor, on=timezone.localdate(morning), at=morning)

    told = Reminder.unscoped.filter(tenant=books.guarantor, rule="certificate")
    assert {each.to for each in told} == {books.user.email}

"""署名の証明書: 書き留め、止め、何を封印したかを挙げ、終わる前に知らせる。"""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, Role
from accounts.refusals import Refusal
from audit.models import Event
from contracts.models import Certificate, Revision, SigningJob
from contracts.services.signatures import certificates, sealing
from contracts.states import JobState, StepState
from contracts.tasks import watch_certificates
from notifications.models import Reminder
from notifications.reminders import sweeping
from signing import setup
from signing.endings import Ending
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def the_key():
    return setup.appoint("", timezone.now()).key


def test_each_revision_names_the_certificate_that_sealed_it(tosu):
    tosu.signed().seal()

    (certificate,) = Certificate.objects.all()
    assert (certificate.subject, certificate.owners) == ("Musubi Sign Dept.", [])
    sealed = Revision.unscoped.filter(number=1).values_list("key_fingerprint", flat=True)
    assert list(sealed) == [certificate.fingerprint] * 2
    assert set(Revision.unscoped.filter(number=0).values_list("key_fingerprint", flat=True)) == {""}


def test_a_stopped_key_seals_nothing_and_the_job_says_why_until_it_may_go_on(tosu):
    tosu.signed()
    certificates.note(the_key())
    certificates.stop("shared", reason="鍵の漏えいの疑い", by="運用", at=timezone.now())

    tosu.seal()

    assert not Revision.unscoped.filter(number__gt=0).exists()
    job = SigningJob.unscoped.first()
    assert (job.state, tosu.step(1).state) == (JobState.QUEUED, StepState.INSTRUCTED)
    assert "止められています（鍵の漏えいの疑い）" in job.last_error

    certificates.resume("shared", reason="誤報", by="運用", at=timezone.now())
    later = timezone.now() + timedelta(minutes=1)
    while sealing.seal_next(tenant_id=tosu.tenant.pk, at=later, appoint=setup.appoint):
        pass
    assert Revision.unscoped.filter(number=1).count() == 2


def test_a_signature_made_while_its_key_was_stopped_is_thrown_away(tosu):
    tosu.signed()

    class Compromised:
        def approve(self, *arguments, **options):
            sealed = setup.sealer().approve(*arguments, **options)
            certificates.stop("shared", reason="漏えい", by="運用", at=timezone.now())
            return sealed

    sealing.seal_next(tenant_id=tosu.tenant.pk, at=timezone.now(), appoint=factories.appointing(Compromised()))

    assert not Revision.unscoped.filter(number__gt=0).exists()
    assert SigningJob.unscoped.filter(last_error__contains="署名の途中で止められました").exists()


def test_stopping_is_told_to_every_city_the_key_signs_for(tosu):
    usuki = factories.city("usuki")
    certificates.note(replace(the_key(), name="鳥栖の鍵", owners=frozenset({"tosu"}), fingerprint="a" * 64))

    certificates.stop("鳥栖の鍵", reason="カードの紛失", by="運用 太郎", at=timezone.now())

    with tenancy.acting_for(usuki.pk):
        assert not Event.objects.filter(action="key.stopped").exists()
    with tenancy.acting_for(tosu.tenant.pk):
        event = Event.objects.get(action="key.stopped")
    assert json.loads(event.data) == {"name": "鳥栖の鍵", "reason": "カードの紛失", "by": "運用 太郎"}


def test_an_unknown_key_or_a_missing_reason_is_refused():
    certificates.note(the_key())

    with pytest.raises(Refusal, match="使われたことがありません"):
        certificates.stop("どれでもない", reason="漏えい", by="運用", at=timezone.now())
    with pytest.raises(Refusal, match="理由"):
        certificates.stop("shared", reason=" ", by="運用", at=timezone.now())
    assert certificates.stopped() == {}


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("signing_key", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_shell_stops_a_key_that_has_not_signed_yet(tosu):
    assert "止めました: shared（Musubi Sign Dept.）" in run("stop", "shared", "--reason", "訓練")

    tosu.signed().seal()

    assert not Revision.unscoped.filter(number__gt=0).exists()
    run("resume", "shared", "--reason", "訓練の終わり")
    assert certificates.stopped() == {}


def test_the_shell_lists_what_a_key_has_sealed_since(tosu):
    tosu.signed().seal()
    sealed = Revision.unscoped.filter(number=1).order_by("made_at", "pk")
    hashes = list(sealed.values_list("sha256", flat=True))
    yesterday, tomorrow = timezone.localdate() - DAY, timezone.localdate() + DAY

    lines = run("files", "shared", "--since", f"{yesterday}", "--json").splitlines()

    assert [json.loads(line)["sha256"] for line in lines] == hashes
    assert {json.loads(line)["case"] for line in lines} == {tosu.case.number}
    assert tosu.case.number in run("files", "shared", "--since", f"{yesterday}T00:00:00+09:00")
    assert run("files", "shared", "--since", f"{tomorrow}") == ""
    with pytest.raises(CommandError, match="使われたことがありません"):
        run("files", "どれでもない", "--since", f"{yesterday}")


def test_the_shell_shows_which_keys_may_sign(settings):
    assert "shared: Musubi Sign Dept." in run("check")

    setup.keyring.cache_clear()
    settings.SIGNING_PKCS12_PASSPHRASE = "違う合言葉"
    with pytest.raises(CommandError, match="使えない鍵が 1 個"):
        run("check")
    setup.keyring.cache_clear()


# 2030-05-31（金）に終わる。30日前、7日前、1日前は、どれも開庁日
END = datetime(2030, 5, 31, 3, tzinfo=UTC)


def ending(*, kind: str = "signing", owners: tuple[str, ...] = ()) -> Ending:
    return Ending(kind, replace(the_key(), owners=frozenset(owners), ends_at=END))


def warned(city: Organization) -> list[tuple[str, int]]:
    """Hold mornings up to the end of a certificate; list who was told of it, how many days before."""
    tenancy.set_tenant(city.pk)
    for days in (31, 30, 29, 20, 8, 7, 6, 2, 1, 0):
        sweeping.sweep(city, on=timezone.localdate(END - DAY * days), at=END - DAY * days)
    rows = Reminder.unscoped.filter(rule="certificate").order_by("planned", "to")
    return [(row.to, (timezone.localdate(END) - row.planned).days) for row in rows]


def test_administrators_are_told_thirty_seven_and_one_days_before_the_end():
    city = factories.city("tosu")
    administrator = factories.member(city, Role.ADMINISTRATOR)
    factories.member(city, Role.DRAFTER)

    certificates.watch([ending()])

    assert warned(city) == [(administrator.email, days) for days in (30, 7, 1)]


def test_nobody_is_told_of_a_certificate_that_another_follows():
    city = factories.city("tosu")
    factories.member(city, Role.ADMINISTRATOR)
    certificates.watch([ending()])

    certificates.watch([])

    assert warned(city) == []


def test_an_authority_that_does_not_answer_now_keeps_its_warning():
    stamps = ending(kind="timestamp")
    certificates.watch([stamps])

    certificates.watch([])
    assert Certificate.objects.filter(is_last=True).count() == 1

    renewed = replace(stamps.key, fingerprint="c" * 64, ends_at=END + 400 * DAY)
    certificates.watch([Ending("timestamp", renewed)])
    assert [each.fingerprint for each in Certificate.objects.filter(is_last=True)] == ["c" * 64]


def test_the_operators_are_told_once_however_many_cities_use_the_key(settings):
    settings.OPERATORS = ["operator@musubi.example.jp"]
    cities = [factories.city(slug) for slug in ("usuki", "tosu")]

    certificates.watch([ending()])

    assert [{to for to, _days in warned(city)} for city in cities] == [set(), {"operator@musubi.example.jp"}]


def test_only_the_cities_that_a_key_signs_for_are_told():
    tosu, usuki = factories.city("tosu"), factories.city("usuki")
    keeper = factories.member(usuki, Role.ADMINISTRATOR)
    tenancy.set_tenant(tosu.pk)
    own = factories.member(tosu, Role.ADMINISTRATOR)

    certificates.watch([ending(owners=("tosu",))])
    assert {to for to, _days in warned(tosu)} == {own.email}
    assert warned(usuki) == []

    certificates.watch([ending(kind="timestamp")])
    assert {to for to, _days in warned(usuki)} == {keeper.email}


def test_the_hourly_watch_writes_down_what_signs_and_what_stamps():
    watch_certificates()

    kinds = {row.kind: row.subject for row in Certificate.objects.all()}
    assert kinds == {"signing": "Musubi Sign Dept.", "timestamp": "Musubi Timestamp Service"}


def test_a_citys_own_certificate_takes_the_place_of_the_shared_one():
    city, now = factories.city("tosu"), timezone.now()
    certificates.note(the_key())
    assert [each.name for each in certificates.of_city(city, at=now)] == ["shared"]

    own = replace(the_key(), name="鳥栖の", owners=frozenset({"tosu"}), fingerprint="b" * 64)
    certificates.note(replace(own, starts_at=now + DAY))
    assert {each.name for each in certificates.of_city(city, at=now)} == {"shared", "鳥栖の"}

    certificates.note(own)
    assert [each.name for each in certificates.of_city(city, at=now)] == ["鳥栖の"]

"""The radar of long life, at the desks of those who answer for what is kept, and at the shell of the operator."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts import outlook, tasks
from contracts.models import Certificate, ConclusionCertificate, Renewal, Revision
from contracts.reading import content_of, sha256
from contracts.services.signatures import certificates
from contracts.services.upkeep import alarming, certifying
from notifications.models import Delivery
from signing import setup
from tests import factories
from tests.stories import story
from vault import files

pytestmark = pytest.mark.django_db
ADDRESS = "/archive/long-life/"


def read(client) -> str:
    return "".join(client.get(ADDRESS).content.decode().split())


def renewed(document) -> Revision:
    """Put a row as a renewal leaves it."""
    tail, at = b"%renewed\n", timezone.now()
    content = content_of(document) + tail
    return Revision.unscoped.create(
        tenant_id=document.tenant_id,
        document=document,
        number=document.revisions.latest("number").number + 1,
        size=len(content),
        sha256=sha256(content),
        tail=files.store(tenant_id=document.tenant_id, content=tail),
        made_at=at,
        timestamped_at=at,
        archived_at=at,
        tsa="時刻認証局",
    )


def test_an_empty_city_is_told_what_will_stand_here(tosu, desk):
    assert "締結した文書はまだありません" in read(desk(tosu.tenant, Role.AUDITOR))


def test_every_year_shows_what_ends_in_it_and_what_was_renewed(tosu, desk):
    tosu.concluded()
    first, second = tosu.version.documents.order_by("order")
    Renewal.unscoped.filter(document=first).update(evidence_until=timezone.now().replace(year=2041))
    renewed(second)

    shown = outlook.outlook(tosu.drafter, at=timezone.now())

    this_year, year_of_stamp = timezone.localdate().year, timezone.localtime(second.renewal.evidence_until).year
    year_of_key = timezone.localtime(Certificate.objects.get(fingerprint=signed_with()).ends_at).year
    by_year = {year.number: year for year in shown.years}
    assert (by_year[2041].stamps, by_year[year_of_stamp].stamps) == (1, 1)
    assert by_year[year_of_key].keys == 2
    assert by_year[this_year].renewals == 1
    assert (shown.watched, shown.due, shown.ended, shown.failing) == (2, 0, 0, 0)
    html = read(desk(tosu.tenant, Role.ADMINISTRATOR))
    assert "2041年" in html
    assert "見守っている文書" in html


def signed_with() -> str:
    return Revision.unscoped.exclude(key_fingerprint="").first().key_fingerprint


def test_what_could_not_be_renewed_stands_there_with_its_reason(tosu, desk):
    tosu.concluded()
    row = Renewal.unscoped.first()
    Renewal.unscoped.filter(pk=row.pk).update(
        last_error="時刻認証局が答えません", failures=3, evidence_until=timezone.now() - timedelta(days=1)
    )

    html = read(desk(tosu.tenant, Role.AUDITOR))

    for words in ("時刻認証局が答えません", "続けて3回", row.document.title, "1件の文書で、延長できていません"):
        assert "".join(words.split()) in html
    assert "1件の文書で、証拠の期限が過ぎました" in html


def test_certificates_that_are_still_to_be_made_stand_there(tosu, desk):
    tosu.concluded()
    ConclusionCertificate.unscoped.update(last_error="署名の鍵がありません")

    assert "署名の鍵がありません" in read(desk(tosu.tenant, Role.AUDITOR))


def test_the_certificate_of_a_case_counts_as_a_watched_document_but_its_seal_is_no_renewal(tosu):
    tosu.concluded()
    at = timezone.now()
    certifying.certify_next(tenant_id=tosu.tenant.pk, at=at, appoint=setup.appoint, trust=setup.trust())

    shown = outlook.outlook(tosu.drafter, at=at)

    assert shown.watched == 3
    assert sum(year.renewals for year in shown.years) == 0
    assert sum(year.keys for year in shown.years) == 3
    assert shown.certificates == ()


def test_the_next_citys_documents_are_not_seen(tosu, desk):
    tosu.concluded()
    usuki = story("usuki")

    assert outlook.outlook(usuki.drafter, at=timezone.now()).watched == 0
    assert "締結した文書はまだありません" in read(desk(usuki.tenant, Role.ADMINISTRATOR))


def test_the_document_shows_until_when_it_proves_itself(tosu, desk):
    tosu.concluded()
    document = tosu.version.documents.order_by("order").first()
    renewed(document)

    html = desk(tosu.tenant, Role.AUDITOR).get(reverse("document", args=[document.pk])).content.decode()

    assert "今ある証拠で確かめられる期限" in html
    assert "証拠の延長" in html


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("renew", *arguments, stdout=out)
    return out.getvalue()


def test_the_operator_counts_without_changing_anything(tosu):
    tosu.concluded()
    before = list(Renewal.unscoped.values_list("pk", "due_at"))
    year = timezone.localtime(Renewal.unscoped.first().evidence_until).year

    assert "tosu: 2 件\n" in told("--dry-run", "--year", str(year))
    assert "tosu: 0 件\n" in told("--dry-run", "--year", str(year - 1))
    assert "tosu: 0 件\n" in told("--dry-run")
    assert list(Renewal.unscoped.values_list("pk", "due_at")) == before


def test_the_operator_brings_a_whole_year_forward(tosu):
    tosu.concluded()
    year = timezone.localtime(Renewal.unscoped.first().evidence_until).year

    assert "2 件（順番に入れたもの 2 件）" in told("--year", str(year))

    assert sorted(turn.work for turn in tasks._left()) == ["certify", "read", "renew"]
    assert "順番に入れたもの 0 件" in told("--year", str(year))


@pytest.mark.parametrize("year", ["26", "二〇四一", "99999"])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(CommandError):
        told("--year", year)


def held(failures: int) -> None:
    Renewal.unscoped.update(failures=failures, last_error="先まで続きません")


def test_those_who_can_help_are_told_once_a_month_when_trying_does_not_help(tosu, settings):
    settings.OPERATORS = ["unyo@example.jp"]
    factories.member(tosu.tenant, Role.ADMINISTRATOR, email="kanri@tosu.example.jp")
    tosu.concluded()
    at = timezone.now()
    held(4)
    alarming.watch(at=at)
    assert not Delivery.unscoped.filter(template="signing/renewal_held").exists()

    held(5)
    for hours in range(3):
        alarming.watch(at=at.replace(day=5) + timedelta(hours=hours))

    mails = Delivery.unscoped.filter(template="signing/renewal_held")
    assert sorted(mails.values_list("to", flat=True)) == ["kanri@tosu.example.jp", "unyo@example.jp"]
    assert {mail.context["documents"] for mail in mails} == {2}
    alarming.watch(at=at.replace(day=5) + timedelta(days=31))
    assert mails.all().count() == 4


def test_the_settings_tell_of_the_trial_certificate_and_of_the_authorities(tosu, desk):
    tosu.concluded()
    certificates.note(setup.appoint("tosu", timezone.now()).key)

    html = desk(tosu.tenant, Role.ADMINISTRATOR).get("/settings/").content.decode()

    assert html.count("自己署名の試験用証明書") == 2
    assert "認定の登録なし" in html

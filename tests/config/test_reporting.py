"""Each morning the operators read that all is well, or what to look at; the calm mornings too."""

from datetime import timedelta

import pytest
import yaml
from django.conf import settings as ours
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from audit import anchoring
from config import reporting, tasks
from contracts.models import Certificate, RecordCheck
from notifications.models import Delivery
from signing import setup
from tests import factories
from vault.models import BackupRun

TEMPLATE = "contracts/morning_report"
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(settings) -> Organization:
    """The one city there is; everything of it was looked at last night."""
    settings.OPERATORS = ["ops@example.jp", "chief@example.jp", "ops@example.jp"]
    Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).update(kind=OrganizationKind.CONTRACTOR)
    Certificate.objects.all().delete()
    now = timezone.now()
    BackupRun.objects.create(began_at=now, ended_at=now, is_verified_bad=False, verified_at=now)
    made = factories.city("mihon")
    checked(made)
    anchoring.drop(at=now)
    while anchoring.stamp_next(stamp=setup.authorities().stamp):
        pass
    return made


def checked(city: Organization, **values) -> None:
    now = timezone.now()
    with tenancy.acting_for(city.pk):
        RecordCheck.unscoped.create(tenant=city, asked_at=now, due_at=now, done_at=now, **values)


def mailed(city: Organization):
    with tenancy.acting_for(city.pk):
        return list(Delivery.unscoped.filter(template=TEMPLATE).order_by("to"))


def test_on_a_calm_morning_every_operator_reads_once_that_nothing_is_to_be_done(city):
    tasks.report_morning()
    tasks.report_morning()

    mails = mailed(city)
    assert [mail.to for mail in mails] == ["chief@example.jp", "ops@example.jp"]
    for mail in mails:
        assert mail.context["concerns"] == []
        assert "記録の確認: 1市のうち1市が、二日のうちに終えました" in mail.context["calm"]
        assert "データベース・ファイル・操作記録の食い違い: 0件" in mail.context["calm"]


def test_what_does_not_hold_is_named_and_leftovers_are_counted_over_all_cities(city):
    checked(city, flaws=2, strays=3)
    behind = factories.city("behind")
    with tenancy.acting_for(behind.pk):
        long_ago = timezone.now() - timedelta(days=3)
        RecordCheck.unscoped.create(tenant=behind, asked_at=long_ago, due_at=long_ago, last_error="読めません。")
    checked(factories.city("other"), strays=1)

    report = reporting.look(at=timezone.now())

    assert "データベース・ファイル・操作記録の食い違い: 2件" in report.concerns
    assert "待ちすぎている仕事: check（3日）" in report.concerns
    assert "失敗してやり直している仕事: check（1件）" in report.concerns
    assert "行のないファイル（一時間より古いもの）: 4件" in report.calm


@pytest.mark.parametrize(
    ("values", "concern"),
    [
        (None, "バックアップ: まだ一つもありません"),
        ({"age": timedelta(hours=37), "verified_at": timezone.now()}, "バックアップ: 最後のよいものから37時間"),
        ({"age": timedelta(hours=1)}, "バックアップを戻せるか: まだ確かめていません"),
        (
            {"age": timedelta(hours=1), "verified_at": timezone.now() - timedelta(days=40)},
            "バックアップを戻せるか: 確かめてから40日",
        ),
    ],
    ids=["none", "old", "unproved", "proved long ago"],
)
def test_a_backup_that_is_old_or_unproved_is_a_concern(city, values, concern):
    BackupRun.objects.all().delete()
    if values is not None:
        began = timezone.now() - values.pop("age")
        proof = {"is_verified_bad": False} if values else {}
        BackupRun.objects.create(began_at=began, ended_at=began, **proof, **values)

    assert reporting.look(at=timezone.now()).concerns == [concern]


def test_a_certificate_that_ends_soon_is_named(city):
    now = timezone.now()
    marks = {"fingerprint": "a" * 64, "public_key": "b" * 64, "subject": "見本市長"}
    ends = now + timedelta(days=12, hours=1)
    Certificate.objects.create(kind="signing", name="封印の鍵", starts_at=now, ends_at=ends, is_last=True, **marks)

    assert reporting.look(at=now).concerns == ["証明書 封印の鍵: あと12日"]


def test_the_report_worries_about_what_the_alerts_worry_about():
    alerts = yaml.safe_load((ours.BASE_DIR / "deploy/prometheus/alerts.yml").read_text())
    rules = {rule["alert"]: rule["expr"] for group in alerts["groups"] for rule in group["rules"]}

    assert rules["AnchorOld"].endswith(f"> {reporting.OLDEST_ANCHOR}")
    assert f"> {reporting.OLDEST_BACKUP} " in rules["BackupOld"]
    assert f"> {reporting.OLDEST_PROOF} " in rules["BackupUnproved"]
    assert rules["CertificateEnds"].endswith(f"< {reporting.FEWEST_DAYS}")
    for rule in ("QueueOld", "UpkeepOld"):
        kinds = rules[rule].partition('kind=~"')[2].partition('"')[0]
        assert rules[rule].endswith(f"> {reporting.OLDEST_WORK[kinds]}")

"""The operation log and the settings of a city."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, Role
from audit.models import Event
from contracts.durations import parse_duration, write_duration
from contracts.services.signatures import certificates
from signing import setup
from tests import factories

pytestmark = pytest.mark.django_db


def typed_settings(**values) -> dict:
    return {
        "mayor_title": "鳥栖市長",
        "mayor_name": "向門　慶人",
        "address": "佐賀県鳥栖市宿町1118番地",
        "help_desk": "鳥栖市 総務課",
        "help_phone": "0942-85-3500",
        "help_hours": "平日",
        "help_email": "somu@tosu.example.jp",
        "download_lifetime": "14日",
        "max_file_megabytes": "50",
        "max_envelope_megabytes": "200",
    } | values


def test_the_log_tells_who_when_and_from_where(tosu, desk):
    tosu.invited()

    text = desk(tosu.tenant, Role.AUDITOR).get(reverse("log"), {"number": tosu.case.number}).content.decode()

    assert "承諾書の提出を依頼" in text
    assert "案件を登録" in text
    assert tosu.drafter.email in text
    assert "+09:00" in text
    assert "127.0.0.1" in text


def test_the_log_is_kept_to_a_case_and_to_days(tosu, desk):
    other = factories.case(tosu.tenant)
    client = desk(tosu.tenant, Role.AUDITOR)

    of_case = client.get(reverse("log"), {"number": tosu.case.number}).content.decode()
    long_ago = client.get(reverse("log"), {"last_date": "令和2年1月1日"}).content.decode()
    unread = client.get(reverse("log"), {"first_date": "いつか"})

    assert reverse("case", args=[tosu.case.pk]) in of_case
    assert reverse("case", args=[other.pk]) not in of_case
    assert "当てはまる記録はありません" in long_ago
    assert unread.status_code == 422


def test_the_log_goes_on_by_number(tosu, desk, monkeypatch):
    monkeypatch.setattr("contracts.views.log.PAGE", 2)
    for _ in range(4):
        factories.case(tosu.tenant)
    client = desk(tosu.tenant, Role.AUDITOR)

    first = client.get(reverse("log")).content.decode()
    last = Event.objects.of_tenant(tosu.tenant.pk)[1].seq
    second = client.get(reverse("log"), {"before": last}).content.decode()

    assert f"before={last}" in first
    assert f"第{last - 1}号" in second
    assert f"第{last}号" not in second
    assert client.get(reverse("log"), {"before": "9" * 40}).status_code == 200


def test_settings_change_and_the_log_keeps_both_values(tosu, desk):
    client = desk(tosu.tenant, Role.ADMINISTRATOR)

    page = client.post(reverse("city_settings"), typed_settings(download_lifetime="２秒"), follow=True)

    assert "設定を変えました" in page.content.decode()
    assert Organization.objects.get(pk=tosu.tenant.pk).download_lifetime == timedelta(seconds=2)
    event = Event.objects.of_thread(tosu.tenant.pk, "city").first()
    assert event.action == "settings.changed"
    assert '"before":"1209600 s"' in event.data.replace(" :", ":").replace(": ", ":")


def test_settings_that_make_no_sense_are_refused(tosu, desk):
    client = desk(tosu.tenant, Role.ADMINISTRATOR)

    for wrong, says in (
        ({"download_lifetime": "いつまでも"}, "数と単位で"),
        ({"download_lifetime": "0日"}, "1秒以上"),
        ({"max_file_megabytes": "60", "max_envelope_megabytes": "50"}, "1ファイルの上限以上"),
        ({"help_email": "ではない"}, "メールアドレス"),
    ):
        page = client.post(reverse("city_settings"), typed_settings(**wrong))
        assert page.status_code == 422
        assert says in page.content.decode()


def test_settings_left_as_they_are_write_no_event(tosu, desk):
    client = desk(tosu.tenant, Role.ADMINISTRATOR)
    client.post(reverse("city_settings"), typed_settings())
    before = Event.objects.of_tenant(tosu.tenant.pk).count()

    client.post(reverse("city_settings"), typed_settings())

    assert Event.objects.of_tenant(tosu.tenant.pk).count() == before


def test_the_settings_show_the_certificate_that_acrobat_will_show_and_that_it_is_stopped(tosu, desk):
    client = desk(tosu.tenant, Role.ADMINISTRATOR)
    assert "まだ使われていません" in client.get(reverse("city_settings")).content.decode()

    certificates.note(setup.appoint("tosu", timezone.now()).key)
    certificates.stop("shared", reason="鍵の漏えい", by="運用", at=timezone.now())

    text = client.get(reverse("city_settings")).content.decode()
    assert "Musubi Sign Dept." in text
    assert "鍵の漏えい" in text


@pytest.mark.parametrize(
    ("text", "length"),
    [("14日", {"days": 14}), ("36 時間", {"hours": 36}), ("2週間", {"weeks": 2}), ("90秒間", {"seconds": 90})],
)
def test_a_length_of_time_is_read_and_written(text, length):
    assert parse_duration(text) == timedelta(**length)
    assert parse_duration(write_duration(parse_duration(text))) == timedelta(**length)

"""In whose name the city's mails leave, and at which hours."""

from datetime import time

import pytest
from django.urls import reverse

from accounts.models import Role
from audit.models import Event
from notifications.models import MailPolicy

pytestmark = pytest.mark.django_db


def typed(**values) -> dict:
    return {
        "sender_name": "鳥栖市 契約検査課",
        "sender_address": "keiyaku@city.tosu.lg.jp",
        "reply_to": "",
        "quiet_until": "08:30",
        "quiet_from": "17:15",
        "morning": "09:00",
        "edit_number": "0",
    } | values


@pytest.fixture
def client(tosu, desk):
    return desk(tosu.tenant, Role.ADMINISTRATOR)


def test_a_city_begins_with_the_defaults(client, tosu):
    page = client.get(reverse("mail_settings")).content.decode()

    assert f"{tosu.tenant.name}（むすび）" in page
    assert "公開するレコードはありません" in page
    assert 'value="18:30"' in page
    assert not MailPolicy.unscoped.exists()


def test_a_city_writes_in_its_own_name_and_hours(client, tosu):
    page = client.post(reverse("mail_settings"), typed(), follow=True)

    policy = MailPolicy.unscoped.get(tenant=tosu.tenant)
    assert (policy.sender_name, policy.sender_address) == ("鳥栖市 契約検査課", "keiyaku@city.tosu.lg.jp")
    assert (policy.quiet_until, policy.quiet_from, policy.morning) == (time(8, 30), time(17, 15), time(9))
    assert "設定を変えました" in page.content.decode()
    assert Event.objects.of_thread(tosu.tenant.pk, "city").last().label == "メールの差出人と時刻を変更"


def test_a_city_is_told_what_to_publish_for_its_own_address(client):
    text = client.post(reverse("mail_settings"), typed(), follow=True).content.decode()

    for record in ("_dmarc.city.tosu.lg.jp", "musubi._domainkey.city.tosu.lg.jp", "v=spf1 include:"):
        assert record in text


def test_the_next_morning_follows_the_new_hour(client, tosu):
    client.post(reverse("mail_settings"), typed(morning="10:30"))

    assert MailPolicy.unscoped.get(tenant=tosu.tenant).remind_at.astimezone().time() == time(10, 30)


def test_nothing_is_written_when_nothing_changes(client, tosu):
    client.post(reverse("mail_settings"), typed())
    client.post(reverse("mail_settings"), typed(edit_number="1"))

    assert MailPolicy.unscoped.get(tenant=tosu.tenant).edit_number == 1
    assert Event.objects.of_thread(tosu.tenant.pk, "city").filter(action="mail.settled").count() == 1


def test_the_second_of_two_is_told_what_the_first_saved(client):
    client.post(reverse("mail_settings"), typed())

    page = client.post(reverse("mail_settings"), typed(sender_name="鳥栖市 総務課"))

    assert page.status_code == 422
    assert "他の職員が先に保存しました" in page.content.decode()
    assert "鳥栖市 契約検査課" in page.content.decode()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"sender_name": "鳥栖市\u202e"}, "文字の向きを変える文字"),
        ({"sender_name": "鳥栖市\r\nBcc: x@example.jp"}, "制御文字"),
        ({"sender_address": "鳥栖市"}, "メールアドレスの形"),
        ({"reply_to": "a@example.jp, b@example.jp"}, "メールアドレスの形"),
        ({"quiet_until": "19:00"}, "送り始める時刻より後"),
        ({"morning": "06:00"}, "までの間"),
        ({"quiet_from": "25:00"}, "時間を正しく"),
    ],
)
def test_what_cannot_be_used_is_shown_again_with_its_reason(client, wrong, why):
    page = client.post(reverse("mail_settings"), typed(**wrong))

    assert page.status_code == 422
    assert why in page.content.decode()
    assert not MailPolicy.unscoped.exists()

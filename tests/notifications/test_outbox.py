import json

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.actors import Actor, ActorKind, system
from accounts.doorbell import LIFETIME_SECONDS
from accounts.querysets import AskerMissing
from accounts.tenancy import acting_for
from notifications import mail
from notifications.models import Delivery, DeliveryState
from tests.notifications.conftest import AT, LINK

pytestmark = pytest.mark.usefixtures("own_database")


def test_a_queued_mail_waits_with_its_link_sealed(enqueue, reload):
    delivery = reload(enqueue())

    assert (delivery.state, delivery.next_attempt_at, delivery.thread) == (DeliveryState.QUEUED, AT, "case:7")
    assert delivery.message_id.endswith("@musubi.example.jp>")
    with acting_for(delivery.tenant_id), connection.cursor() as cursor:
        cursor.execute("select d::text from notifications_delivery d where id = %s", [delivery.pk])
        row = cursor.fetchone()[0]
    assert "9cS3wZk2T0b1" not in row
    assert LINK.encode().hex() not in row
    assert json.dumps(delivery.context, ensure_ascii=False) in row.replace('""', '"')


def test_the_bell_rings_once_and_only_on_commit(enqueue, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = enqueue()
        assert rung == []
        again = enqueue(to="someone-else@example.jp")

    assert again.pk == first.pk
    assert again.to == "takasaki@kensetsu.example.jp"
    assert rung == [{"retry": False, "expires": LIFETIME_SECONDS}]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_undo_the_deed(enqueue, reload, monkeypatch):
    def down(**_: object) -> None:
        raise ConnectionError("redis")

    monkeypatch.setattr("notifications.tasks.deliver.apply_async", down)

    delivery = enqueue()

    assert reload(delivery).state == DeliveryState.QUEUED


@pytest.mark.parametrize(
    "to",
    [
        "",
        "なし",
        "a@b",
        "a@example.jp\nBcc: x@example.jp",
        "a@example.jp,b@example.jp",
        "a@example.jp, b@example.jp",
        "<a@example.jp>",
        "山田 <a@example.jp>",
        f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.jp",
    ],
)
def test_an_address_must_be_one_address(enqueue, city, to):
    with pytest.raises(mail.Refused, match="メールアドレス"):
        enqueue(to=to)

    with acting_for(city.pk):
        assert not Delivery.unscoped.exists()


@pytest.mark.parametrize(
    "case", ["工事\r\nBcc: x@example.jp", "工事\n件", "工\u2028事", "工\x85事", "工\0事", "工\x1b[0m事"]
)
def test_a_subject_must_be_one_line(enqueue, case):
    with pytest.raises(mail.Refused, match="改行や制御文字"):
        enqueue(context={"recipient_name": "髙﨑", "case_title": case})


@pytest.mark.parametrize("link", ["javascript:alert(1)", "tosu/sign/1", "http://localhost/\r\nx", ""])
def test_a_link_must_be_an_address_of_the_web(enqueue, link):
    with pytest.raises(mail.Refused):
        enqueue(link=link)


def test_a_missing_value_stops_the_deed(enqueue):
    with pytest.raises(mail.MissingVariable, match="案件名"):
        enqueue(context={"recipient_name": "髙﨑 𠮷郎"})


def test_a_value_that_is_not_json_stops_the_deed(enqueue):
    with pytest.raises(TypeError):
        enqueue(context={"recipient_name": AT, "case_title": "工事"})


def test_staff_see_their_citys_mails_and_nobody_else_does(enqueue, city):
    delivery = enqueue()
    staff = Actor(kind=ActorKind.STAFF, tenant_id=city.pk, name="職員")
    neighbour = Actor(kind=ActorKind.STAFF, tenant_id=city.pk + 1, name="隣の職員")
    contractor = Actor(kind=ActorKind.CONTRACTOR, tenant_id=city.pk, name="受注者")

    with acting_for(city.pk):
        assert list(Delivery.objects.visible_to(staff)) == [delivery]
        assert not Delivery.objects.visible_to(neighbour).exists()
        assert not Delivery.objects.visible_to(contractor).exists()
        assert not Delivery.objects.visible_to(system(city.pk)).exists()
        with pytest.raises(AskerMissing):
            Delivery.objects.all()
    with acting_for(city.pk + 1):
        assert not Delivery.unscoped.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "sent", "sent_at": None, "next_attempt_at": None, "sealed_link": None},
        {"state": "sent", "sent_at": AT, "sealed_link": None},
        {"state": "sent", "sent_at": AT, "next_attempt_at": None},
        {"state": "failed"},
        {"next_attempt_at": None},
    ],
)
def test_a_row_that_contradicts_itself_is_refused(enqueue, city, changes):
    delivery = enqueue()

    with pytest.raises(IntegrityError), acting_for(city.pk), transaction.atomic():
        Delivery.unscoped.filter(pk=delivery.pk).update(**changes)

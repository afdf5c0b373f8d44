"""A mail that several workers reach for is sent once, and nobody waits for a slow server."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from django.db import connection

from accounts.tenancy import acting_for
from notifications.models import Delivery, DeliveryState
from tests.notifications.test_delivery import send

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.django_db(transaction=True)]


def test_a_mail_is_sent_once_however_many_bells_ring(server, enqueue, reload):
    delivery = enqueue()
    reading = Flag()
    server.while_reading = lambda: (reading.set(), None)[1]

    def worker() -> DeliveryState | None:
        try:
            return send(delivery)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        states = [future.result(30) for future in [pool.submit(worker) for _ in range(5)]]

    assert sorted(map(str, states)) == ["None"] * 4 + ["sent"]
    assert len(server.received) == 1


def test_no_row_is_locked_while_the_server_thinks(server, enqueue, city):
    delivery = enqueue()
    seen: list[str] = []

    def look() -> None:
        try:
            with acting_for(city.pk):
                seen.append(Delivery.unscoped.select_for_update(nowait=True).get(pk=delivery.pk).state)
        finally:
            connection.close()

    server.while_reading = look

    assert send(delivery) == DeliveryState.SENT
    assert seen == [DeliveryState.SENDING]

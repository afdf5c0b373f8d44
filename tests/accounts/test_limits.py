"""A limit holds for an hour, whether Redis counts, has forgotten, or is away."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache.backends.redis import RedisCache

from accounts import limits
from accounts.models import Deed
from tests import factories
from tests.signing.conftest import free_port

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three(settings):
    settings.LIMITS = settings.LIMITS | {"code_asked": 3, "guessed": 3}


@pytest.fixture
def who() -> str:
    return f"203.0.113.9 {uuid4()}"


@pytest.fixture(params=["here", "away"])
def redis(request, monkeypatch):
    if request.param == "away":
        monkeypatch.setattr(limits, "cache", RedisCache(f"redis://127.0.0.1:{free_port()}/0", {}))


def asked(who: str, times: int, *, at: datetime = AT) -> list[bool]:
    return [limits.is_over("code_asked", who, at=at) for _time in range(times)]


def test_the_fourth_of_three_is_one_too_many(redis, who):
    assert asked(who, 5) == [False, False, False, True, True]
    assert asked(f"{who}0", 1) == [False]


def test_the_next_hour_begins_anew(redis, who):
    asked(who, 4)

    assert asked(who, 1, at=AT + timedelta(minutes=30)) == [False]


def test_a_wiped_redis_forgives_nothing_that_was_done(who):
    asked(who, 3)
    limits.cache.delete(f"limit:code_asked:{limits._hashed(who)}:{int(AT.timestamp()) // limits.HOUR}")

    assert asked(who, 1) == [True]


def test_what_was_tried_and_undone_is_still_counted_by_redis(who):
    asked(who, 3)
    Deed.objects.all().delete()

    assert asked(who, 1) == [True]


def test_neither_address_nor_network_stands_in_the_rows(who):
    asked(who, 1)

    assert "203.0.113.9" not in str(list(Deed.objects.values()))


def test_yesterdays_rows_are_dropped(who):
    asked(who, 2)
    asked(who, 1, at=AT + timedelta(days=1))

    assert limits.forget(before=AT + timedelta(hours=1)) == 2
    assert Deed.objects.count() == 1


def test_a_page_that_is_asked_too_often_says_when_to_come_back_while_redis_is_away(client, monkeypatch):
    monkeypatch.setattr(limits, "cache", RedisCache(f"redis://127.0.0.1:{free_port()}/0", {}))
    form = {"email": "someone@kensetsu.example.jp"}

    answers = [client.post("/inboxes/", form, REMOTE_ADDR="203.0.113.77") for _time in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert answers[3]["Retry-After"] == "3600"


def test_whoever_guesses_links_is_turned_away_and_the_next_network_is_not(client):
    city = factories.city().slug
    first, second = (f"2001:db8:{uuid4().hex[:4]}:{number}::1" for number in (1, 2))

    guesses = [client.get(f"/{city}/sign/{uuid4().hex}/", REMOTE_ADDR=first).status_code for _time in range(5)]

    assert guesses == [404, 404, 404, 429, 429]
    assert client.get(f"/{city}/sign/{uuid4().hex}/", REMOTE_ADDR=second).status_code == 404

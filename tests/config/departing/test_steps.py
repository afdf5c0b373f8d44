"""A city is brought out in one order only, by two people, after a time of waiting; until then it can come back."""

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import rounds, tenancy
from accounts.acting import acting
from accounts.actors import system
from accounts.models import Organization, OrganizationKind, User
from config.departing import destroying, steps, told
from config.departing.steps import DepartureRefused
from contracts.services import evidence
from contracts.services.inboxes import across
from tests import factories
from tests.architecture import guests
from tests.stories import story
from vault import files
from vault.models import TenantKey

MANIFEST = hashlib.sha256(b"manifest").hexdigest()
AT = timezone.now()
LATER = AT + told.WAITING + timedelta(minutes=1)


@pytest.fixture
def people(db) -> tuple[User, User]:
    return guests.worker(), guests.worker("運営　次郎")


@pytest.fixture
def city(people) -> Organization:
    made = factories.city("tosu")
    files.store(tenant_id=made.pk, content=b"contract")
    return made


def close(city: Organization, by: User) -> None:
    steps.close(city, by=by, reason="契約の満了", at=AT)


def export(city: Organization, manifest: str = MANIFEST) -> None:
    """Write down an export, as export_tenant does."""
    with tenancy.acting_for(city.pk):
        told_of = {"manifest_sha256": manifest, "missing": 0, "with_keys": True}
        evidence.record_in(told.EXPORTS, told.EXPORTED, subject="", actor=system(city.pk), at=AT, **told_of)


def hand_over(city: Organization, by: User, manifest: str = MANIFEST) -> None:
    steps.hand_over(city, by=by, manifest=manifest, received_by="総務課", at=AT)


@pytest.fixture
def handed(city, people) -> Organization:
    """Make a city that is closed, and whose export was handed over by the first of two people."""
    close(city, people[0])
    export(city)
    hand_over(city, people[0])
    return city


def destroy(city: Organization, by: User, *, at=LATER, typed: str = f"tosu {MANIFEST[:12]}") -> None:
    destroying.destroy(city, by=by, typed=typed, at=at)


def has_key(city: Organization) -> bool:
    with tenancy.acting_for(city.pk):
        return TenantKey.objects.filter(tenant_id=city.pk).exists()


def test_two_people_and_thirty_days_destroy_the_keys(handed, people):
    destroy(handed, people[1])

    assert not has_key(handed)


@pytest.mark.parametrize(
    ("who", "options", "why"),
    [
        (0, {}, "別の、運営者"),
        (1, {"at": AT + timedelta(days=29)}, "30 日を待ちます"),
        (1, {"typed": "tosu"}, "打たれた言葉が違います"),
        (1, {"typed": f"kiyama {MANIFEST[:12]}"}, "打たれた言葉が違います"),
    ],
    ids=["same person", "too early", "half typed", "other city"],
)
def test_nothing_is_destroyed_by_one_person_too_early_or_by_mistake(handed, people, who, options, why):
    with pytest.raises(DepartureRefused, match=why):
        destroy(handed, people[who], **options)

    assert has_key(handed)


def test_nothing_is_destroyed_before_the_export_was_handed_over(city, people):
    close(city, people[0])
    export(city)

    with pytest.raises(DepartureRefused, match="まだ記録されていません"):
        destroy(city, people[1])

    assert has_key(city)


def test_an_open_city_is_not_destroyed(city, people):
    with pytest.raises(DepartureRefused, match="まだ閉じていません"):
        destroy(city, people[1])

    assert has_key(city)


def test_an_export_from_before_the_city_was_closed_is_not_enough(city, people):
    export(city)
    close(city, people[0])

    with pytest.raises(DepartureRefused, match="閉じる前の書き出し"):
        hand_over(city, people[0])


def test_only_an_export_that_the_journal_knows_can_be_handed_over(city, people):
    close(city, people[0])

    with pytest.raises(DepartureRefused, match="操作記録にありません"):
        hand_over(city, people[0], hashlib.sha256(b"another").hexdigest())


def test_a_city_where_a_contract_is_being_signed_is_not_closed(people):
    told_of = story().sent()

    with pytest.raises(DepartureRefused, match="署名の途中の契約が 1 件"):
        close(told_of.tenant, people[0])


def test_a_closed_city_has_no_pages_no_people_and_no_work(city, people, monkeypatch):
    drafter = factories.member(city, "drafter")
    assert Client().get("/tosu/guide/").status_code == 200
    assert acting(drafter, on=timezone.localdate(AT), ip=None, user_agent="") is not None

    close(city, people[0])

    assert Client().get("/tosu/guide/").status_code == 404
    assert acting(drafter, on=timezone.localdate(AT), ip=None, user_agent="") is None
    assert not [turn for turn in rounds.waiting("notifications_whose_morning", at=LATER) if turn.tenant_id == city.pk]


def test_a_city_that_is_opened_again_is_as_it_was_and_must_be_exported_anew(handed, people):
    steps.reopen(handed, by=people[1], reason="契約の更新", at=AT)

    assert Organization.objects.get(pk=handed.pk).kind == OrganizationKind.MUNICIPALITY
    assert Client().get("/tosu/guide/").status_code == 200
    close(handed, people[0])
    with pytest.raises(DepartureRefused, match="閉じる前の書き出し"):
        hand_over(handed, people[0])


def test_only_somebody_of_the_operator_may_do_it(city, people):
    person = factories.member(city, "administrator")

    with pytest.raises(DepartureRefused, match="運営者の"):
        steps.operator(person.email, at=AT)
    assert steps.operator(people[1].email.upper(), at=AT) == people[1]


def test_another_city_of_the_same_installation_is_not_touched(handed, people):
    other = factories.city("kiyama")
    stored = files.store(tenant_id=other.pk, content=b"contract")

    destroy(handed, people[1])

    with tenancy.acting_for(other.pk):
        assert files.read(stored) == b"contract"


def test_the_inbox_over_all_cities_names_a_closed_city_no_more(people):
    mine = story().invited()
    email = mine.case.contractor.email
    assert mine.tenant in across.cities(email)

    close(mine.tenant, people[0])

    assert mine.tenant not in across.cities(email)

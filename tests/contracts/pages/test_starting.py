"""はじめに: what is still to be set up is counted from what is there, for the city and for oneself."""

from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Organization, OrganizationKind, Role
from contracts import starting
from tests import factories
from tests.contracts.pages.conftest import user_of

pytestmark = pytest.mark.django_db


def open_steps(city: Organization, actor) -> list[str]:
    whole = starting.of_city(city, actor=actor, at=timezone.now())
    return [step.title for step in whole.steps if not step.is_done]


@pytest.fixture
def newcomer():
    """Found a city of which nothing but its first administrator is there."""
    city = Organization.objects.create(kind=OrganizationKind.MUNICIPALITY, slug="sakura", name="さくら市")
    factories.tenancy.set_tenant(city.pk)
    Department.unscoped.create(tenant=city, name="建設課")
    return city, factories.staff(city, Role.ADMINISTRATOR)


def test_a_new_city_begins_with_its_rules_and_sees_all_that_follows_in_order(newcomer, settings):
    settings.TEST_CERTIFICATE = True
    city, administrator = newcomer

    whole = starting.of_city(city, actor=administrator, at=timezone.now())

    assert whole.next.title == "規程を公開する"
    assert (whole.done, len(whole.steps)) == (0, 11)
    titles = [step.title for step in whole.steps]
    assert (
        titles.index("職員を登録する") < titles.index("事業者の名簿を取り込む") < titles.index("最初の案件を登録する")
    )
    assert "まだいない役割：起案者、承認者、署名者" in [step.said for step in whole.steps]


def test_a_step_is_done_when_what_it_asks_for_is_there(tosu, settings):
    settings.TEST_CERTIFICATE = False
    administrator = factories.staff(tosu.tenant, Role.ADMINISTRATOR)
    Authenticator.objects.filter(user=tosu.signatory).delete()
    before = open_steps(tosu.tenant, administrator)

    Authenticator.objects.create(user=tosu.signatory, type=Authenticator.Type.TOTP, data={})
    Department.unscoped.filter(tenant=tosu.tenant).update(phone="0942-85-3500")

    gone = set(before) - set(open_steps(tosu.tenant, administrator))
    assert gone == {"署名者が二要素認証を設定する", "課と、その電話を入れる"}
    assert "最初の案件を登録する" not in before


def test_someone_whose_term_is_over_does_not_count(tosu):
    administrator = factories.staff(tosu.tenant, Role.ADMINISTRATOR)
    tosu.signatory.memberships.update(ends_date=date(2025, 3, 31))

    assert "職員を登録する" in open_steps(tosu.tenant, administrator)


def test_a_new_drafter_sees_their_own_first_steps_and_not_those_of_the_city(tosu, desk):
    colleague = factories.member(tosu.tenant, Role.DRAFTER)

    theirs = desk(tosu.tenant, user=colleague).get(reverse("start")).content.decode()
    done = starting.of_person(tosu.drafter)

    assert "案件を登録してみる" in theirs
    assert "規程を公開する" not in theirs
    assert {step.title: step.is_done for step in done.steps}["案件を登録してみる"]


def test_an_administrator_is_led_to_the_next_thing_with_few_queries(tosu, desk, django_assert_max_num_queries):
    client = desk(tosu.tenant, Role.ADMINISTRATOR)

    with django_assert_max_num_queries(30):
        page = client.get(reverse("start")).content.decode()

    assert f"{tosu.tenant.name}の準備" in page
    assert "自己署名の試験用証明書" in page


def test_a_signatory_is_told_that_the_second_factor_is_a_must(tosu, desk):
    page = desk(tosu.tenant, user=tosu.signatory).get(reverse("start")).content.decode()

    assert "署名する人と運用管理者は、必ず設定します。" in page
    assert user_of(tosu.drafter).email not in page

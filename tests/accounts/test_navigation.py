"""The menu of each role: short enough for a glance, and it says where one is."""

import pytest
from django.urls import reverse

from accounts import navigation
from accounts.models import Role
from accounts.navigation import Link, Menu
from accounts.permissions import OUTSIDE
from tests import factories

pytestmark = pytest.mark.django_db


def labels(role: Role | None = None, *, at: str = "/") -> list[str]:
    roles = [role] if role else [role for role in Role if role not in OUTSIDE]
    return [item.label for item in navigation.items_for(factories.staff(factories.city(), *roles), at)]


def test_whoever_may_open_everything_sees_the_pages_of_every_day_and_two_groups():
    assert labels() == ["私の仕事", "案件", "予定", "保証", "締結済みの契約", "記録", "名簿と設定"]


@pytest.mark.parametrize("role", Role)
def test_no_bar_is_longer_than_a_glance(role):
    assert len(labels(role)) <= 7


def test_every_page_of_the_menu_stands_in_it_once():
    items = navigation.items_for(factories.staff(factories.city(), Role.ADMINISTRATOR), "/")
    urls = [link.url for item in items for link in (item.links if isinstance(item, Menu) else (item,))]

    assert len(urls) == len(set(urls))
    assert reverse("city_settings") in urls


def test_a_group_says_which_of_its_pages_one_is_on():
    items = navigation.items_for(factories.staff(factories.city(), Role.ADMINISTRATOR), reverse("log"))
    (records,) = [item for item in items if item.label == "記録"]

    assert isinstance(records, Menu)
    assert records.here == navigation.here(items) == Link("操作ログ", reverse("log"), current=True)


def test_a_group_of_one_stands_in_the_bar_as_that_page(monkeypatch):
    only = [navigation.Item("操作ログ", "log", lambda _: True, 1, navigation.Group.RECORDS)]
    monkeypatch.setattr(navigation, "_items", only)

    assert labels(Role.AUDITOR, at=reverse("log")) == ["操作ログ"]


def test_the_menu_opens_without_scripts(client):
    city = factories.city()
    client.force_login(factories.member(city, Role.AUDITOR))

    page = client.get(reverse("log")).content.decode()

    assert "<summary" in page.partition('aria-label="主なメニュー"')[2].partition("</nav>")[0]
    assert page.count('aria-current="page"') == 1


def test_whoever_is_turned_away_keeps_the_menu(client):
    client.force_login(factories.member(factories.city(), Role.AUDITOR))

    response = client.get(reverse("city_settings"))

    assert response.status_code == 403
    assert 'aria-label="主なメニュー"' in response.content.decode()


def test_an_address_that_does_not_exist_shows_strangers_no_menu(client):
    assert 'aria-label="主なメニュー"' not in client.get("/nowhere/").content.decode()


def test_a_page_within_another_of_the_menu_is_the_only_one_marked():
    items = navigation.items_for(factories.staff(factories.city(), Role.ADMINISTRATOR), reverse("long_life"))
    links = [link for item in items for link in (item.links if isinstance(item, Menu) else (item,))]

    assert [link.label for link in links if link.current] == ["長期保存"]

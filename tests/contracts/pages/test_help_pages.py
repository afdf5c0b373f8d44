"""The help that anyone may find: taught with drawings, told to search engines, and never more than the help."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_the_panel_is_drawn_and_every_drawing_says_what_it_shows():
    page = Client().get(reverse("acrobat")).content.decode()

    drawings = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="(\S+) (\S+)"', page)
    assert len(drawings) == 3
    assert all(f'id="{name}"' in page for pair in drawings for name in pair)
    pointed = set(re.findall(r'class="drawing__number"[^>]*>\s*(\d)', page))
    assert pointed == set("1234567")
    assert all(re.search(rf"(図[123]の|（|、){number}）", page) for number in pointed)


def test_search_engines_find_the_help_of_each_city_and_nothing_else(settings):
    settings.TEST_CERTIFICATE = False
    city = factories.city("tosu")
    factories.city("usuki")

    robots, listed = (Client().get(reverse(name)).content.decode() for name in ("robots", "sitemap"))

    assert "Disallow: /\n" in robots
    assert "Allow: /*/guide/\n" in robots
    assert reverse("sitemap") in robots
    addresses = re.findall("<loc>(.*?)</loc>", listed)
    assert f"{settings.BASE_URL}/{city.slug}/guide/" in addresses
    assert len(addresses) == 2 + 2 * 6
    assert all(Client().get(address.removeprefix(settings.BASE_URL)).status_code == 200 for address in addresses)


def test_a_trial_installation_is_not_to_be_found(settings):
    settings.TEST_CERTIFICATE = True

    robots = Client().get(reverse("robots")).content.decode()

    assert "Allow" not in robots
    assert "Disallow: /" in robots


def test_a_page_of_help_names_itself_for_those_who_search(settings):
    city = factories.city("tosu")

    page = Client().get(reverse("city_rules", kwargs={"city": "tosu"}), {"compare": ""}).content.decode()

    assert f'<link rel="canonical" href="{settings.BASE_URL}/tosu/rules/">' in page
    assert f'<meta name="description" content="{city.name}の電子契約と電子保証の決まり。' in page

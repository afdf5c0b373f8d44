"""English is there for whoever chooses it, on the pages that speak it, and nowhere else."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def choose(client: Client, language: str, page: str = "/verify/") -> str:
    response = client.post("/language/", {"language": language, "next": page})
    assert response.status_code == 302
    return response["Location"]


def test_a_page_is_japanese_until_english_is_chosen(client):
    page = client.get("/verify/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="ja">' in page
    assert 'lang="en"' in page, "the switch is in the language that it leads to"


def test_a_page_that_speaks_english_does_so_once_it_is_chosen(client):
    assert choose(client, "en") == "/verify/"
    response = client.get("/verify/")
    assert '<html lang="en">' in response.content.decode()
    assert "Cookie" in response["Vary"]


def test_every_other_page_stays_japanese(client):
    choose(client, "en")
    assert '<html lang="ja">' in client.get("/accounts/login/").content.decode()
    assert '<html lang="ja">' in client.get("/no/such/page/").content.decode()


def test_the_choice_can_be_taken_back(client):
    choose(client, "en")
    choose(client, "ja")
    assert '<html lang="ja">' in client.get("/verify/").content.decode()


def test_asking_without_a_form_chooses_nothing(client):
    client.get("/language/?language=en")
    assert "language" not in client.cookies


def test_the_switch_leads_to_no_other_site(client):
    assert choose(client, "en", "https://elsewhere.example/") == "/"

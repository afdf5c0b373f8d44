"""The ways into a guarantor's books: by a mailed link, for whoever it was sent to, and for nobody else."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services import members
from guarantees.issuing.services import entering
from guarantees.models.issuing import EntryLink, Side
from tests import factories
from tests.guarantees.issuing.conftest import organization
from tests.guarantees.issuing.test_issuing import mails, words

pytestmark = pytest.mark.django_db


def address(name: str, **values: int | str) -> str:
    return reverse(name, kwargs={"guarantor": "nishinihon"} | values)


def every_page(link_id: int, certificate_id: int) -> list[tuple[str, str]]:
    """List every page behind a link, with the method that it takes."""
    own, seen = {"link_id": link_id}, {"link_id": link_id, "certificate_id": certificate_id}
    return [
        ("get", address("issuing_client", **own)),
        ("get", address("issuing_apply", **own)),
        ("post", address("issuing_apply", **own)),
        ("get", address("issuing_own", **seen)),
        ("post", address("issuing_own_pdf", **seen)),
        ("post", address("issuing_key", **seen)),
        ("post", address("issuing_notice", **seen)),
        ("get", address("issuing_change", **seen)),
        ("post", address("issuing_change", **seen)),
        ("get", address("issuing_view", **own)),
        ("post", address("issuing_view", **own)),
        ("get", address("issuing_viewed", **seen)),
        ("post", address("issuing_viewed_pdf", **seen)),
    ]


def test_anyone_may_ask_and_learns_nothing_but_only_the_address_on_the_books_gets_a_link(books):
    said = []
    for email in (books.firm.email, "nobody@example.jp"):
        response = Client().post(address("issuing_enter"), {"email": email}, follow=True)
        said.append(re.sub(r"[A-Za-z0-9]{64}", "…", response.content.decode()))

    assert said[0] == said[1]
    assert "お送りしました" in said[0]
    (told,) = mails("issuing_entry")
    assert told.to == books.firm.email
    assert "お申込み、電子証書と認証キーのご確認" in words(told)


def test_asking_again_and_again_floods_nobody(books):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            Client().post(address("issuing_enter"), {"email": books.firm.email.upper()})
        assert len(mails("issuing_entry")) == 1
        clock.shift(timedelta(minutes=5, seconds=1))
        Client().post(address("issuing_enter"), {"email": books.firm.email})

    assert len(mails("issuing_entry")) == 2


def test_opening_the_address_changes_nothing_until_the_button_is_pressed(books):
    link = entering.make(books.firm, at=timezone.now()).removeprefix(settings.BASE_URL)
    client = Client()

    page = client.get(link)

    assert page.status_code == 200
    assert "㈱髙﨑𠮷建設" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert EntryLink.unscoped.get().opened_at is None
    assert client.get(address("issuing_client", link_id=EntryLink.unscoped.get().pk)).status_code == 404
    assert client.post(link)["Location"] == address("issuing_client", link_id=EntryLink.unscoped.get().pk)
    assert EntryLink.unscoped.get().opened_at is not None


def test_each_comes_to_their_own_page(books):
    assert "/client/" in books.entrance(books.firm)[1]
    assert "/view/" in books.entrance(books.city)[1]


def test_a_link_runs_out_and_shows_the_way_to_a_fresh_one(books):
    client, page = books.entrance(books.firm)
    link = entering.make(books.firm, at=timezone.now()).removeprefix(settings.BASE_URL)

    with time_machine.travel(timezone.now() + entering.LIFETIME, tick=False):
        for response in (client.get(page), Client().get(link), Client().post(link)):
            assert response.status_code == 404
            assert address("issuing_enter") in response.content.decode()


def test_who_holds_no_link_sees_no_page(books):
    certificate = books.standing()
    books.entrance(books.firm)
    link_id = EntryLink.unscoped.latest("pk").pk

    for client in (Client(), books.desk()):
        for method, place in every_page(link_id, certificate.pk):
            assert getattr(client, method)(place).status_code == 404, place


def test_a_firms_link_opens_no_page_of_an_orderer_and_the_other_way_round(books):
    certificate = books.standing()
    firm, _ = books.entrance(books.firm)
    firm_link = EntryLink.unscoped.latest("pk").pk
    city, _ = books.entrance(books.city)
    city_link = EntryLink.unscoped.latest("pk").pk

    for method, place in every_page(firm_link, certificate.pk)[9:]:
        assert getattr(firm, method)(place).status_code == 404, place
    for method, place in every_page(city_link, certificate.pk)[:9]:
        assert getattr(city, method)(place).status_code == 404, place


def test_a_link_opens_nothing_with_another_guarantor(books):
    client, page = books.entrance(books.firm)
    organization("higashinihon")

    assert client.get(page.replace("nishinihon", "higashinihon")).status_code == 404


def test_a_firm_sees_nothing_of_another_firm(books):
    certificate = books.standing()
    other = books.entered(Side.APPLICANT, "渡邉土木", "watanabe@kensetsu.example.jp")
    client, page = books.entrance(other)
    link_id = EntryLink.unscoped.latest("pk").pk

    assert certificate.number not in client.get(page, {"state": ""}).content.decode()
    for method, place in every_page(link_id, certificate.pk)[3:9]:
        assert getattr(client, method)(place).status_code == 404, place


def test_a_post_from_another_site_is_refused(books):
    certificate = books.standing()
    client, _ = books.entrance(books.firm)
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = client.cookies
    link_id = EntryLink.unscoped.latest("pk").pk

    for method, place in every_page(link_id, certificate.pk):
        if method == "post":
            assert careful.post(place).status_code == 403, place


def test_a_city_is_no_guarantor(books):
    factories.city("tosu")

    assert Client().get("/tosu/enter/").status_code == 404
    assert Client().get("/nishinihon/guide/").status_code == 404


def test_underwriters_start_at_their_desk_and_see_no_page_of_a_city(books):
    desk = books.desk()

    assert desk.get("/")["Location"] == reverse("issuing")
    page = desk.get(reverse("issuing")).content.decode()
    assert "保証審査担当" in page
    assert reverse("case_list") not in page
    for name in ("case_list", "guarantee_list", "archive", "rules", "register", "log", "people", "delegation_list"):
        assert desk.get(reverse(name)).status_code == 403, name


def test_a_city_gives_nobody_the_role_of_an_underwriter(db):
    city = factories.city("tosu")
    administrator = factories.staff(city, Role.ADMINISTRATOR)
    typed = {"email": "new@tosu.example.jp", "name": "新人", "post": members.Post(None)}

    with pytest.raises(members.PeopleRefused, match="置けない役割です：保証審査担当"):
        members.add(actor=administrator, at=timezone.now(), roles=[Role.UNDERWRITER], **typed)


def test_a_guarantors_first_person_is_registered_at_the_shell(books, capsys):
    call_command("add_member", "nishinihon", "new@nishinihon.example.jp", "新任　花子")

    assert "西日本建設業保証株式会社に新任　花子さんを登録し" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["", "保証　二子"])
def test_a_wrong_address_is_said_to_be_wrong(books, typed):
    response = Client().post(address("issuing_enter"), {"email": typed})

    assert response.status_code == 422

"""A contractor who chose English reads the inbox over all cities, and takes the records to keep, in English."""

import pytest
from django.db import OperationalError

from contracts.models import Purpose
from contracts.services.inboxes import rooms
from tests.contracts.links.conftest import enter
from tests.contracts.links.test_across import MINE, asked, both, in_view, joined
from tests.contracts.links.test_english import titles, unmarked
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def matsuyama(db: None) -> Story:
    return story("matsuyama", number="松工第9号", title="松山の橋りょう工事", amount=1_100_000)


@pytest.fixture
def email(tosu: Story) -> str:
    return str(tosu.case.contractor.email)


def plain(told: Story, *more: Story) -> list[str]:
    return [each.tenant.name for each in (told, *more)]


def test_the_way_in_and_the_inbox_over_all_cities_are_in_english(tosu, matsuyama, email, reader, monkeypatch):
    both(tosu, matsuyama)
    entrance = reader.get("/inboxes/").content.decode()
    nothing = reader.post("/inboxes/", {"email": ""}).content.decode()
    code = asked(reader, email, by=matsuyama)
    page = reader.get("/inboxes/code/").content.decode()
    shape = reader.post("/inboxes/code/", {"code": "12"}).content.decode()
    reader.post("/inboxes/code/", {"code": code})
    alone = reader.get(MINE).content.decode()
    unchosen = reader.post(f"{MINE}join/", {}, follow=True).content.decode()
    joined(reader, tosu, matsuyama)
    all_of_them = reader.get(MINE).content.decode()
    told = rooms.of

    def silent(city, **about):
        if city == matsuyama.tenant:
            raise OperationalError("gone")
        return told(city, **about)

    monkeypatch.setattr(rooms, "of", silent)
    one_is_silent = reader.get(MINE).content.decode()

    for html in (entrance, nothing, page, shape, alone, unchosen, all_of_them, one_is_silent):
        assert unmarked(html, *plain(tosu, matsuyama)) == []
        assert "This English is a help for reading." in html
    assert "Please enter the mail address." in nothing
    assert "A one-time code has 8 digits." in shape
    assert "Please choose a municipality." in unchosen
    assert "Waiting for you (2)" in all_of_them
    assert "Rules of" in all_of_them
    assert "days left" in all_of_them
    assert "Some municipalities cannot be opened now" in one_is_silent


def test_the_records_to_keep_are_asked_for_in_english_and_are_themselves_japanese(tosu, email, reader):
    in_view(tosu).concluded()
    reader.post("/inboxes/code/", {"code": asked(reader, email, by=tosu)})
    joined(reader, tosu)
    before = reader.get(f"{MINE}records/").content.decode()
    unread = reader.post(f"{MINE}records/", {"first": "soon", "last": "R8.13.1"}).content.decode()
    none_then = reader.post(f"{MINE}records/", {"first": "1990/1/1", "last": "1990/1/2"}).content.decode()
    reader.get(MINE)
    records = reader.post(f"{MINE}records/", {})

    for html in (before, unread, none_then):
        assert unmarked(html, *plain(tosu)) == []
    assert "“soon” cannot be read as a day." in unread
    assert "There is no day “R8.13.1”." in unread
    assert "No contract was formed in this period." in none_then
    assert records["Content-Type"] == "application/zip"


def test_one_citys_records_and_the_download_lead_on_in_english(tosu, reader):
    page = enter(reader, tosu.concluded().address(Purpose.DOWNLOAD))

    assert unmarked(reader.get(page).content.decode(), *titles(tosu), "合意締結証明書") == []
    assert reader.post(f"{page}records/")["Content-Type"] == "application/zip"

"""The doors of every address, taken from the URL resolver: who passes, who is turned away, and that nothing changes."""

import re
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.models import Role
from accounts.permissions import ACCESS
from contracts.models import AccessLink, Purpose
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS, EVERYONE, GET, LINKS, POST, TABLE, Desk, Link, Open, ours
from tests.architecture.scene import Scene, is_login, written

pytestmark = pytest.mark.xdist_group("routes")
# 記録の確認を頼むことは、監査担当にもできる。残るのは、頼んだという行と記録だけ
CHECKS = {"contracts_recordcheck"}
desks = pytest.mark.parametrize("name", DESKS)
behind_links = pytest.mark.parametrize("name", LINKS)


def spared(row: Desk) -> set[Role]:
    """Where a door is open to all, one person's POST says what six would."""
    return set(Role) - {Role.DRAFTER} if row.roles == EVERYONE else set()


PRESSED = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>|<[^>]*\b(?:formaction|hx-post)="[^"]+"[^>]*>')
TARGET = re.compile(r'\b(?:formaction|hx-post|action)="([^"]+)"')
OPENED = re.compile(r'<a\b[^>]*\bhref="(/[^"]*)"')


def route_of(address: str) -> str:
    """Name the route to which an address of a page leads; empty when it leads out of our pages."""
    try:
        return resolve(address.partition("?")[0].partition("#")[0]).url_name or ""
    except Resolver404:
        return ""


def pressed(page: str, *, at: str) -> set[str]:
    """Name the routes to which the buttons of a page post; a form without an address posts to its own page."""
    targets = (TARGET.search(tag) for tag in PRESSED.findall(page))
    return {route_of(target[1] if target else at) for target in targets}


def knock(client: Client, address: str, method: str) -> HttpResponse:
    return getattr(client, method)(address)


def test_every_address_stands_in_the_table():
    assert set(ours()) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_every_view_declares_who_may_pass(name):
    declared = getattr(ours()[name].callback, ACCESS, None)

    assert declared is not None
    assert (declared == "public") == (not isinstance(TABLE[name], Desk))


@desks
def test_only_those_with_the_role_pass_and_reading_writes_nothing(name, scene):
    row = DESKS[name]
    address = scene.address(name, row)

    for role in Role:
        for method in row.methods - (POST if role in spared(row) else set()):
            before = written()
            with transaction.atomic():
                response = knock(scene.desks[role], address, method)
                transaction.set_rollback(True)

            if role not in row.roles:
                assert response.status_code == 403, (role, method)
            else:
                assert response.status_code in {200, 302, 409, 422}, (role, method, response.content.decode()[-2000:])
                assert not is_login(response)
            if role not in row.roles or method == "get":
                assert written() == before, (role, method)


@desks
def test_whatever_an_auditor_presses_nothing_but_the_journal_changes(name, scene):
    row = DESKS[name]
    address = scene.address(name, row)

    for method in ("post", "put", "patch", "delete"):
        before = written()
        with transaction.atomic():
            response = knock(scene.desks[Role.AUDITOR], address, method)
            transaction.set_rollback(True)

        if method == "post" and row.hands_out:
            assert response.status_code in {200, 302, 409, 422}, response.content.decode()[-2000:]
            assert set(written() - before) <= {"audit_event", "audit_head", *CHECKS}
        else:
            assert response.status_code in {403, 405}, method
            assert written() == before, method


READ_BY_AUDITORS = [name for name, row in DESKS.items() if Role.AUDITOR in row.roles and row.methods & GET]


@pytest.mark.parametrize("name", READ_BY_AUDITORS)
def test_an_auditor_is_offered_nothing_that_is_refused(name, scene):
    response = scene.desks[Role.AUDITOR].get(scene.address(name, DESKS[name]), follow=True)
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    page, at = response.content.decode(), response.request["PATH_INFO"]

    assert {each for each in pressed(page, at=at) & set(DESKS) if not DESKS[each].hands_out} == set()
    assert {
        each for each in set(map(route_of, OPENED.findall(page))) & set(DESKS) if Role.AUDITOR not in DESKS[each].roles
    } == set()
    if name == "case":
        assert "case_pack" in pressed(page, at=at)


@desks
def test_the_other_method_is_no_way_in(name, scene):
    row = DESKS[name]
    before = written()

    for method in {"get", "post", "put", "delete"} - row.methods:
        for client in (scene.desks[next(iter(row.roles))], scene.stranger, Client()):
            assert knock(client, scene.address(name, row), method).status_code == 405, method
    assert written() == before


@pytest.mark.parametrize("name", [name for name in DESKS if not ours()[name].pattern.converters])
def test_a_list_shows_a_stranger_nothing_of_the_next_city(name, scene):
    wish = urlencode({"tenant": scene.tosu.pk, "tenant_id": scene.tosu.pk, "city": scene.tosu.slug})
    said = {"X-Forwarded-Host": f"{scene.tosu.slug}.example.jp"}

    for method in DESKS[name].methods & GET:
        address = f"{scene.address(name, DESKS[name])}?{wish}"
        page = scene.stranger.get(address, headers=said, follow=True).content.decode()

        for told in (scene.concluded.case.number, scene.registered.case.number, scene.concluded.case.contractor.name):
            assert told not in page, method


@desks
def test_signed_out_one_is_sent_to_sign_in_and_without_a_role_to_the_administrator(name, scene):
    row = DESKS[name]
    before = written()

    for method in row.methods:
        assert is_login(knock(Client(), scene.address(name, row), method))
        assert knock(scene.homeless, scene.address(name, row), method).status_code == 403
    assert written() == before


# 保証機関の取引先の頁は、tests/guarantees/issuing/test_doors.py が確かめる。
POSTED = [name for name, row in TABLE.items() if "post" in row.methods and isinstance(row, Desk | Link | Open)]


@pytest.mark.parametrize("name", POSTED)
def test_a_post_from_another_site_is_refused(name, scene):
    row = TABLE[name]
    if isinstance(row, Desk):
        client, address = scene.desks[next(iter(row.roles))], scene.address(name, row)
    elif isinstance(row, Link):
        client, address = opened(scene, row.purpose), link_address(scene, name, scene.tosu.slug)
    else:
        client = Client()
        address = scene.links[Purpose.CONSENT] if name == "link_landing" else reverse(name, kwargs=city_of(name, scene))
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = client.cookies
    before = written()

    response = careful.post(address)

    assert response.status_code == 403
    assert written() == before


READ = [name for name, row in TABLE.items() if "get" in row.methods and isinstance(row, Desk | Link)]


@pytest.mark.parametrize("name", READ)
def test_every_page_says_how_browsers_may_use_it(name, scene):
    row = TABLE[name]
    if isinstance(row, Desk):
        response = scene.desks[next(iter(row.roles))].get(scene.address(name, row))
    else:
        response = opened(scene, row.purpose).get(link_address(scene, name, scene.tosu.slug))
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex, nofollow"

    assert re.search("no-store|private", response["Cache-Control"])
    assert response["Cross-Origin-Resource-Policy"] == response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy or name == "mail_look"
    assert response["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}


def link_address(scene: Scene, name: str, city: str, **other: int) -> str:
    return reverse(name, kwargs=scene.ids(name, LINKS[name]) | {"city": city} | other)


def opened(scene: Scene, purpose: Purpose) -> Client:
    """Make a browser in which someone has opened the link of the concluded case for a purpose."""
    client = Client()
    link = AccessLink.unscoped.filter(case=scene.concluded.case, purpose=purpose).latest("pk")
    session = client.session
    session["links"] = {str(link.pk): purpose}
    session.save()
    client.cookies["session"] = session.session_key
    return client


def is_dead(response: HttpResponse) -> bool:
    return response.status_code == 404 and [t.name for t in response.templates][:1] == ["contracts/links/dead.html"]


@behind_links
def test_the_holder_of_a_link_passes_and_reading_writes_nothing(name, scene):
    row = LINKS[name]
    address = link_address(scene, name, scene.tosu.slug)
    browser = opened(scene, row.purpose)

    for method in row.methods:
        before = written()
        with transaction.atomic():
            response = knock(browser, address, method)
            transaction.set_rollback(True)
        assert response.status_code in {200, 302, 422}, (method, response.content.decode()[-2000:])
        if method == "get":
            assert written() == before


@behind_links
def test_a_link_opens_nothing_elsewhere(name, scene):
    row = LINKS[name]
    here, usuki = link_address(scene, name, scene.tosu.slug), link_address(scene, name, scene.usuki.slug)
    unknown = link_address(scene, name, scene.tosu.slug, link_id=scenes.NOBODY)
    other = next(purpose for purpose in Purpose if purpose != row.purpose)
    before = written()

    for method in row.methods:
        assert is_dead(knock(Client(), here, method)), "never opened here"
        assert is_dead(knock(opened(scene, row.purpose), usuki, method)), "the address of the next city"
        assert is_dead(knock(opened(scene, row.purpose), unknown, method)), "an invented number"
        assert is_dead(knock(opened(scene, other), here, method)), "opened for another purpose"
        assert is_dead(knock(scene.desks[Role.ADMINISTRATOR], here, method)), "staff hold no links"
        assert is_dead(knock(scene.stranger, here, method)), "nor does the next city"
    assert written() == before


@pytest.mark.parametrize("name", [name for name in LINKS if "document_id" in ours()[name].pattern.converters])
def test_a_link_opens_no_document_of_another_case(name, scene):
    row = LINKS[name]
    elsewhere = scene.drafted.version.documents.get().pk
    address = link_address(scene, name, scene.tosu.slug, document_id=elsewhere)
    before = written()

    for method in row.methods:
        assert knock(opened(scene, row.purpose), address, method).status_code == 404
    assert written() == before


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_opens_nothing_in_another_city_or_for_another_purpose(purpose, scene):
    address = scene.links[purpose]
    other = next(each for each in Purpose if each != purpose)
    before = written()

    for wrong in (
        address.replace(scene.tosu.slug, scene.usuki.slug, 1),
        address.replace(f"/{purpose}/", f"/{other}/", 1),
        address[:-2] + ("A/" if address[-2] != "A" else "B/"),
    ):
        for method in ("get", "post"):
            response = knock(Client(), wrong, method)
            assert is_dead(response)
            assert scene.concluded.case.title not in response.content.decode()
    assert written() == before


def test_opening_a_mailed_address_changes_nothing(scene):
    before = written()

    for address in (scene.links[Purpose.DOWNLOAD], scene.links[Purpose.GUARANTEE]):
        assert Client().get(address).status_code == 200
    assert written() == before


# link_landing は、上の試験がすべての用件で確かめている。
OPEN_PAGES = [
    name for name, row in TABLE.items() if isinstance(row, Open) and row.methods & GET and name != "link_landing"
]


def city_of(name: str, scene: Scene) -> dict[str, str | int]:
    known = {"city": scene.tosu.slug, "number": scene.anchor, "first": scene.anchor - (scene.anchor - 1) % 200}
    return {key: value for key, value in known.items() if key in ours()[name].pattern.converters}


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_an_open_page_writes_nothing_when_read(name, scene):
    before = written()

    assert Client().get(reverse(name, kwargs=city_of(name, scene))).status_code == 200
    assert written() == before

"""Every address about something of ours, opened by everyone who is not ours: it is as if there were no such thing."""

import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from accounts.models import Membership, Organization, OrganizationKind, Role, User
from accounts.permissions import OUTSIDE
from contracts.models import AccessLink, Purpose
from tests import factories, passkeys
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS, LINKS, ours
from tests.architecture.scene import Scene, is_login, plain, written
from tests.contracts.pages.conftest import give_second_factor
from tests.stories import story

pytestmark = pytest.mark.xdist_group("routes")
ABOUT = [name for name in DESKS if set(ours()[name].pattern.converters) & set(scenes.BOUND)]
# 答えのたびに変わるもの: 偽造防止のトークンと、CSP の一度きりの値
PASSING = {"Set-Cookie", "Date", "Expires", "X-Request-ID", "Content-Length"}
NONCE = re.compile(r"nonce[-=][^'\s>]*")
NEXT = "kiyama"
HTMX = {"HX-Request": "true", "HX-Target": "rows"}
KINDS = {Role.UNDERWRITER: OrganizationKind.GUARANTOR, Role.OPERATOR: OrganizationKind.OPERATOR}


@pytest.fixture(scope="module")
def neighbours(scene: Scene) -> dict[Role, Client]:
    """Sit people down elsewhere: one for each role of the next city, of a guarantor and of whoever runs this."""
    seats = {role: _sit(_elsewhere(role)) for role in Role}
    tenancy.set_tenant(scene.tosu.pk)
    return seats


def _elsewhere(role: Role) -> User:
    if role not in OUTSIDE:
        return factories.member(factories.city(NEXT), role)
    house = Organization.objects.create(slug=f"other-{role}", name=f"よその{role.label}", kind=KINDS[role])
    tenancy.set_tenant(house.pk)
    user = User.objects.create_user(email=f"{role}@elsewhere.example.jp", name=role.label, password="x")
    Membership.unscoped.create(tenant=house, user=user, role=role)
    passkeys.give(user)
    return user


def _sit(user: User) -> Client:
    client = Client()
    client.force_login(user)
    give_second_factor(client, user)
    return client


def told(response: HttpResponse) -> set[str]:
    """List all that a browser is told, line by line, without what is new in each answer."""
    heads = {f"{name}: {value}" for name, value in response.items() if name not in PASSING}
    lines = heads | set(plain(response).splitlines()) | {str(response.status_code)}
    return {NONCE.sub("nonce", line) for line in lines}


def differing(one: HttpResponse, other: HttpResponse) -> set[str]:
    """List what only one of two answers says."""
    return told(one) ^ told(other)


@pytest.mark.parametrize("name", ABOUT)
def test_whoever_is_elsewhere_is_told_the_same_of_ours_as_of_an_invented_number(name, scene, neighbours):
    """Neither the number, nor a proxy's word, nor a field of the address or of the form opens the next city."""
    row = DESKS[name]
    real, invented = scene.address(name, row), scene.missing(name, row)
    wish = {"tenant": scene.tosu.pk, "tenant_id": scene.tosu.pk, "city": scene.tosu.slug}
    said = {"X-Forwarded-Host": f"{scene.tosu.slug}.example.jp", "X-Tenant": scene.tosu.slug}
    before = written()

    for role in row.roles:
        for method in row.methods:
            ask, form = getattr(neighbours[role], method), [wish] if method == "post" else []
            theirs = ask(f"{real}?{urlencode(wish)}", *form, headers=said)
            # 監査担当は、どの番号であれ、何も送れない
            is_reader = role == Role.AUDITOR and method == "post" and not row.hands_out
            assert theirs.status_code == (403 if is_reader else 404), (role, method)
            assert not differing(theirs, ask(invented, *form)), (role, method)
    for other in set(Role) - row.roles:
        assert getattr(neighbours[other], next(iter(row.methods)))(real).status_code == 403, other
    ask = getattr(neighbours[next(each for each in Role if each in row.roles)], next(iter(row.methods)))
    assert not differing(ask(real, headers=HTMX), ask(invented, headers=HTMX))
    assert written() == before


def test_a_host_that_is_not_ours_is_not_answered(scene, settings):
    settings.ALLOWED_HOSTS = ["musubi.example.jp"]

    for host in ("usuki.example.jp", "musubi.example.jp.evil.test"):
        assert scene.desks[Role.DRAFTER].get(reverse("case_list"), headers={"host": host}).status_code == 400


@pytest.fixture(scope="module")
def holders(scene: Scene) -> dict[Purpose, tuple[Client, int]]:
    """Open the mailed links of a case of the next city, one browser for each purpose, with the number of the link."""
    told = story(NEXT)
    told.concluded()
    found = {}
    for purpose in Purpose:
        told.address(purpose)
        link = AccessLink.unscoped.filter(case=told.case, purpose=purpose).latest("pk")
        found[purpose] = (opened({str(link.pk): purpose}), link.pk)
    tenancy.set_tenant(scene.tosu.pk)
    return found


def opened(links: dict[str, str]) -> Client:
    client = Client()
    session = client.session
    session["links"] = links
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.mark.parametrize("name", LINKS)
def test_a_link_of_the_next_city_opens_no_link_and_no_paper_of_ours(name, scene, holders):
    row = LINKS[name]
    ids = scene.ids(name, row) | {"city": NEXT}
    browser, own = holders[row.purpose]
    within = {key for key in ids if key in scenes.BOUND}
    before = written()

    for method in row.methods:
        ask = getattr(browser, method)
        theirs, invented = (ask(reverse(name, kwargs=ids | other)) for other in ({}, {"link_id": scenes.NOBODY}))
        assert theirs.status_code == 404
        assert not differing(theirs, invented)
        if within:
            theirs, invented = (
                ask(reverse(name, kwargs=ids | {"link_id": own} | other))
                for other in ({}, dict.fromkeys(within, scenes.NOBODY))
            )
            assert theirs.status_code == 404
            assert not differing(theirs, invented)
    assert written() == before


@pytest.fixture(scope="module")
def everything(scene: Scene) -> Client:
    """Open all the links of our own case in one browser."""
    links = AccessLink.unscoped.filter(case=scene.concluded.case)
    return opened({str(link.pk): link.purpose for link in links})


@pytest.mark.parametrize("name", DESKS)
def test_no_link_opens_a_page_for_staff(name, scene, everything):
    row = DESKS[name]
    before = written()

    for method in row.methods:
        assert is_login(getattr(everything, method)(scene.address(name, row)))
    assert written() == before


@pytest.mark.parametrize("name", DESKS)
def test_a_disabled_member_is_sent_to_sign_in(name, scene):
    row = DESKS[name]
    role = next(each for each in Role if each in row.roles)
    User.objects.filter(pk=scene.desks[role].session["_auth_user_id"]).update(is_active=False)
    before = written()

    for method in row.methods:
        assert is_login(getattr(scene.desks[role], method)(scene.address(name, row)))
    assert written() == before

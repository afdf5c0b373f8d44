"""From where the people of a city may work: read, settled, held on every request, told, and lifted by the operator."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import networks, tenancy
from accounts.models import Organization, Role
from accounts.refusals import MovedOn
from accounts.services import networks as service
from audit.models import Event
from tests import factories
from tests.accounts.conftest import last_event
from tests.contracts.api.conftest import connect

OFFICE, HOME = "192.0.2.0/24", "198.51.100.9"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("192.0.2.7/24", "192.0.2.0/24"),
        (" 192.0.2.7 ", "192.0.2.7/32"),
        ("2001:DB8::1/32", "2001:db8::/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
    ],
)
def test_a_network_is_kept_in_its_plain_form(written, kept):
    assert networks.read([written, "", written]) == [kept]


@pytest.mark.parametrize("wrong", ["192.0.2.0/33", "192.0.2", "庁舎", "2001:db8::/129", "10.0.0.1-10.0.0.9"])
def test_what_is_no_network_is_named(wrong):
    with pytest.raises(ValueError, match="^" + wrong.replace(".", r"\.") + "$"):
        networks.read(["192.0.2.0/24", wrong])


@pytest.mark.parametrize(
    ("lists", "keys", "ip", "admitted"),
    [
        ({}, [Role.DRAFTER], None, True),
        ({"": [OFFICE]}, [Role.DRAFTER], "192.0.2.255", True),
        ({"": [OFFICE]}, [Role.DRAFTER], "192.0.3.0", False),
        ({"": [OFFICE]}, [Role.DRAFTER], None, False),
        ({"": [OFFICE]}, [Role.DRAFTER], "::ffff:192.0.2.9", True),
        ({"": [OFFICE]}, [Role.DRAFTER], "2001:db8::1", False),
        ({"": ["2001:db8::/32"]}, [Role.DRAFTER], "2001:db8:1::1", True),
        ({"": ["2001:db8::/32"]}, [Role.DRAFTER], "192.0.2.1", False),
        ({"auditor": [HOME]}, [Role.DRAFTER], HOME, True),
        ({"": [OFFICE], "auditor": [HOME]}, [Role.AUDITOR], HOME, True),
        ({"": [OFFICE], "auditor": [HOME]}, [Role.AUDITOR], "192.0.2.1", False),
        ({"": [OFFICE], "auditor": [HOME]}, [Role.AUDITOR, Role.DRAFTER], HOME, False),
        ({"signatory": [OFFICE]}, [Role.DRAFTER, Role.SIGNATORY], HOME, False),
        ({"": [OFFICE]}, [networks.API], HOME, False),
        ({"": [OFFICE], "api": [HOME]}, [networks.API], HOME, True),
    ],
)
def test_a_role_goes_by_its_own_list_or_by_that_for_all(lists, keys, ip, admitted):
    assert networks.admits(lists, keys, ip) is admitted


def at_desk(user, address="192.0.2.10") -> Client:
    client = Client(REMOTE_ADDR=address)
    client.force_login(user)
    return client


def confine(city, **lists):
    Organization.objects.filter(pk=city.pk).update(networks=lists)


def refusals(city) -> int:
    tenancy.set_tenant(city.pk)
    return Event.objects.of_tenant(city.pk).filter(action="people.network_refused").count()


@pytest.mark.django_db
def test_the_next_request_from_elsewhere_shows_nothing_and_is_told_once(tosu):
    case = factories.case(tosu)
    user = factories.member(tosu, Role.DRAFTER)
    inside, outside = at_desk(user), at_desk(user, HOME)
    confine(tosu, **{"": [OFFICE]})

    pages = [outside.get(reverse("case", args=[case.pk])) for _ in range(3)]
    posted = outside.post(reverse("case_new"), {})

    assert inside.get(reverse("case", args=[case.pk])).status_code == 200
    assert [page.status_code for page in (*pages, posted)] == [403] * 4
    assert HOME in pages[0].content.decode()
    assert case.title not in pages[0].content.decode()
    assert refusals(tosu) == 1
    assert outside.post(reverse("account_logout")).status_code == 302


@pytest.mark.django_db
def test_an_ipv4_address_that_comes_as_ipv6_is_itself(tosu):
    user = factories.member(tosu, Role.DRAFTER)
    confine(tosu, **{"": [OFFICE]})

    assert at_desk(user, "::ffff:192.0.2.10").get(reverse("case_list")).status_code == 200
    assert at_desk(user, "::ffff:198.51.100.9").get(reverse("case_list")).status_code == 403


@pytest.mark.django_db
def test_only_the_role_that_is_confined_is_turned_away_and_the_next_city_not_at_all(tosu):
    drafter, auditor = (factories.member(tosu, role) for role in (Role.DRAFTER, Role.AUDITOR))
    stranger = factories.member(factories.city("usuki"), Role.AUDITOR)
    confine(tosu, auditor=["2001:db8::/32"])

    assert at_desk(drafter, HOME).get(reverse("case_list")).status_code == 200
    assert at_desk(auditor, HOME).get(reverse("archive")).status_code == 403
    assert at_desk(auditor, "2001:db8::5").get(reverse("archive")).status_code == 200
    assert at_desk(stranger, HOME).get(reverse("archive")).status_code == 200


@pytest.mark.django_db
def test_a_token_shown_from_elsewhere_opens_nothing_and_the_journal_says_so(tosu):
    system = connect(tosu, "cases:read")
    confine(tosu, **{"": [OFFICE]})

    outside, inside = (system.get("/whoami", REMOTE_ADDR=address) for address in (HOME, "192.0.2.4"))

    assert (outside.status_code, inside.status_code) == (401, 200)
    assert refusals(tosu) == 1


def typed(city, **boxes):
    city.refresh_from_db()
    return {"seen": json.dumps(city.networks)} | {f"of_{name}": text for name, text in boxes.items()}


@pytest.mark.django_db
def test_the_administrator_settles_the_lists_on_their_page(tosu):
    client = at_desk(factories.member(tosu, Role.ADMINISTRATOR))
    page = client.get(reverse("networks"))

    answer = client.post(
        reverse("networks"), typed(tosu, everyone="192.0.2.7/24\n2001:db8::/32", auditor="::ffff:198.51.100.9")
    )

    assert "192.0.2.10" in page.content.decode()
    assert answer.status_code == 302
    tosu.refresh_from_db()
    assert tosu.networks == {"": [OFFICE, "2001:db8::/32"], "auditor": ["198.51.100.9/32"]}
    tenancy.set_tenant(tosu.pk)
    action, _, data = last_event(tosu)
    assert action == "people.networks_settled"
    assert data["after"]["監査担当"] == "198.51.100.9/32"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ({"everyone": "198.51.100.0/24"}, "あなた自身が使えなくなります"),
        ({"everyone": OFFICE, "administrator": "2001:db8::/32"}, "あなた自身が使えなくなります"),
        ({"everyone": "庁舎"}, "「庁舎」は読めません"),
        ({"drafter": "\n".join(f"192.0.2.{each}" for each in range(41))}, "40 行まで"),
    ],
    ids=["everyone", "own role", "no network", "too many"],
)
def test_nobody_shuts_themselves_out_or_settles_what_cannot_be_read(tosu, boxes, said):
    client = at_desk(factories.member(tosu, Role.ADMINISTRATOR))

    answer = client.post(reverse("networks"), typed(tosu, **boxes))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    tosu.refresh_from_db()
    assert tosu.networks == {}


@pytest.mark.django_db
def test_who_saw_older_lists_overwrites_nothing(tosu, administrator):
    confine(tosu, **{"": ["127.0.0.0/8"]})

    with pytest.raises(MovedOn):
        service.settle(actor=administrator, at=timezone.now(), lists={}, seen={})


@pytest.mark.django_db
def test_the_operator_lets_a_city_in_again_that_shut_everybody_out(tosu):
    user = factories.member(tosu, Role.DRAFTER)
    confine(tosu, **{"": ["203.0.113.1/32"]})
    before = at_desk(user).get(reverse("case_list")).status_code

    call_command("clear_networks", tosu.slug)

    assert (before, at_desk(user).get(reverse("case_list")).status_code) == (403, 200)
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "people.networks_settled"

"""A token of one city at the addresses of another: as if there were nothing, whichever way it asks."""

import re

import pytest

from accounts import tenancy
from config.api import description
from contracts.models import Case, Consent
from tests import factories
from tests.contracts.api.conftest import connect
from tests.contracts.api.test_reading import PLACES, told
from tests.contracts.api.test_writing import KEY, facts

pytestmark = pytest.mark.django_db
NOBODY = 999_999_999


def about(method: str) -> set[str]:
    """List the addresses of the API that name something and are asked in one way, whatever their numbers are called."""
    found = (place for place, ways in description()["paths"].items() if method in ways and "{" in place)
    return {re.sub(r"\{[^}]*\}", "{}", place.removeprefix("/api/v1/")) for place in found}


def test_every_address_that_names_something_is_asked_about_here():
    assert about("get") == {re.sub(r"\{[^}]*\}", "{}", place) for place in PLACES}
    assert about("put") | about("post") | about("patch") | about("delete") == {"cases/{}", "cases/{}/consents"}


@pytest.mark.parametrize("place", ["cases/{}", "cases/{}/consents"])
def test_a_token_writes_nothing_to_the_next_city(tosu, system, place):
    stranger = connect(factories.city("usuki"))
    method = "post" if place.endswith("consents") else "put"
    body = {} if method == "post" else facts(tosu.case) | {"edit_number": tosu.case.edit_number}

    theirs, invented = (
        stranger.ask(method, "/" + place.format(number), body=body, HTTP_IDEMPOTENCY_KEY=f"{KEY}-{number}")
        for number in (tosu.case.pk, NOBODY)
    )

    assert theirs.status_code == invented.status_code == 404
    assert theirs.content == invented.content
    assert told(theirs) == told(invented)
    tenancy.set_tenant(tosu.tenant.pk)
    assert Case.unscoped.get(pk=tosu.case.pk).edit_number == tosu.case.edit_number
    assert not Consent.unscoped.filter(case=tosu.case).exists()

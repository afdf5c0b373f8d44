"""What the city's other systems read: their own city's rows, page by page, without secrets."""

import hashlib

import pytest
from django.test import Client

from accounts import tenancy
from audit.models import Event
from contracts.models import Case, Document
from contracts.states import CaseState
from guarantees.models import Guarantee
from tests import factories
from tests.contracts.api.conftest import connect, said

pytestmark = pytest.mark.django_db


def test_a_case_is_told_with_its_facts(tosu, system):
    told = said(system.get(f"/cases/{tosu.case.pk}"))

    assert told["number"] == tosu.case.number
    assert told["amount"] == tosu.case.amount
    assert told["contractor_name"] == tosu.case.contractor.full_name
    assert told["state"] == {"code": "registered", "label": "登録済"}
    assert told["kind"]["code"] == "construction"
    assert told["eligible"] is True


def test_cases_are_listed_page_by_page_whatever_is_added_meanwhile(tosu, system):
    for _ in range(4):
        factories.case(tosu.tenant, by=tosu.drafter)
    seen, cursor = [], ""
    while cursor is not None:
        page = said(system.get(f"/cases?limit=2&cursor={cursor}"))
        seen += [case["id"] for case in page["items"]]
        cursor = page["next_cursor"]
        if len(seen) == 2:
            tenancy.set_tenant(tosu.tenant.pk)
            late = factories.case(tosu.tenant, by=tosu.drafter)

    tenancy.set_tenant(tosu.tenant.pk)
    assert seen == list(Case.unscoped.order_by("pk").values_list("pk", flat=True))
    assert late.pk in seen


def test_cases_are_found_by_number_and_state(tosu, system):
    other = factories.case(tosu.tenant, by=tosu.drafter)

    by_number = said(system.get(f"/cases?number={other.number}"))["items"]
    by_state = said(system.get(f"/cases?state={CaseState.PAPER}"))["items"]

    assert [case["id"] for case in by_number] == [other.pk]
    assert by_state == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=!!", "cursor=QUJD", "state=nonsense", "cursor=Y2FzZXM6OTk5eA"]
)
def test_a_question_that_cannot_be_read_is_refused_in_words(query, system):
    response = system.get(f"/cases?{query}")

    assert response.status_code == 422
    assert said(response)["title"] == "内容に誤りがあります"


def test_a_cursor_of_another_list_is_refused(tosu, system):
    factories.case(tosu.tenant, by=tosu.drafter)
    cursor = said(system.get("/cases?limit=1"))["next_cursor"]

    assert system.get(f"/contracts?cursor={cursor}").status_code == 422


def test_the_register_is_read_by_registration_number(tosu, system):
    firm = factories.contractor(tosu.tenant, registration_number="第77号")

    found = said(system.get("/contractors?registration_number=第77号"))["items"]

    assert [each["id"] for each in found] == [firm.pk]
    assert found[0]["name"] == firm.name
    assert "email" not in found[0]


def test_a_concluded_contract_is_taken_with_its_pdf(tosu, system):
    tosu.concluded()

    (contract,) = said(system.get(f"/cases/{tosu.case.pk}/contracts"))
    version = contract["versions"][-1]
    document = version["documents"][0]
    response = system.get(f"/documents/{document['id']}/file")

    assert contract == said(system.get(f"/contracts/{contract['id']}"))
    assert version["state"]["code"] == "concluded"
    assert {step["state"]["code"] for step in version["steps"]} == {"signed"}
    assert response["Content-Type"] == "application/pdf"
    assert hashlib.sha256(response.content).hexdigest() == document["sha256"]
    assert response["ETag"] == f'"{document["sha256"]}"'
    tenancy.set_tenant(tosu.tenant.pk)
    taken = Event.objects.of_tenant(tosu.tenant.pk).filter(action="document.downloaded").latest("seq")
    assert taken.actor_kind == "api"
    assert "（連携「財務会計」）" in taken.actor_name


def test_a_file_that_is_known_is_not_sent_again_nor_noted(tosu, system):
    tosu.concluded()
    document = tosu.version.documents.order_by("order").first()
    etag = system.get(f"/documents/{document.pk}/file")["ETag"]

    again = system.get(f"/documents/{document.pk}/file", HTTP_IF_NONE_MATCH=etag)

    assert (again.status_code, again.content) == (304, b"")
    tenancy.set_tenant(tosu.tenant.pk)
    assert Event.objects.of_tenant(tosu.tenant.pk).filter(action="document.downloaded").count() == 1


def test_a_list_that_is_known_is_not_sent_again(system):
    etag = system.get("/cases")["ETag"]

    assert system.get("/cases", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_a_document_is_not_handed_out_before_its_contract_is_concluded(tosu, system):
    tosu.sent()
    document = tosu.version.documents.order_by("order").first()

    response = system.get(f"/documents/{document.pk}/file")

    assert response.status_code == 409
    assert "締結前の文書" in said(response)["detail"]


def test_consents_tell_how_they_stand_and_not_who_signed(tosu, system):
    tosu.accepted()

    (consent,) = said(system.get(f"/cases/{tosu.case.pk}/consents"))

    assert consent["state"]["code"] == "accepted"
    assert not {"authority_name", "authority_email", "contact_phone"} & set(consent)


def test_guarantees_are_told_without_their_keys(tosu, system):
    tosu.concluded()
    guarantee = Guarantee.unscoped.filter(case=tosu.case).first()

    told = said(system.get(f"/guarantees/{guarantee.pk}"))

    assert told["case_id"] == tosu.case.pk
    assert told["state"]["code"] == "expected"
    assert not any("key" in name for name in told)
    listed = said(system.get(f"/guarantees?case_id={tosu.case.pk}&state=expected"))["items"]
    assert told in listed


def test_the_journal_is_read_on_from_a_cursor_without_gaps_or_names(tosu, system):
    first = said(system.get("/events?limit=200"))
    tenancy.set_tenant(tosu.tenant.pk)
    case = factories.case(tosu.tenant, by=tosu.drafter)
    then = said(system.get(f"/events?cursor={first['next_cursor']}"))

    numbers = [event["seq"] for event in (*first["items"], *then["items"])]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (then["items"][-1]["action"], then["items"][-1]["thread"]) == ("case.registered", f"case:{case.pk}")
    assert not {"actor_name", "ip", "data"} & set(then["items"][0])


PLACES = ["cases/{case}", "cases/{case}/consents", "cases/{case}/contracts", "contracts/{contract}"]
PLACES += ["documents/{document}", "documents/{document}/file", "contractors/{firm}", "guarantees/{guarantee}"]


def told(response):
    """List the headers of an answer but the number of the request."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-ID"}


def test_what_another_city_has_and_what_is_not_there_look_the_same(tosu, system):
    tosu.concluded()
    ids = {
        "case": tosu.case.pk,
        "contract": tosu.version.contract_id,
        "document": Document.unscoped.filter(version=tosu.version).first().pk,
        "firm": tosu.case.contractor_id,
        "guarantee": Guarantee.unscoped.filter(case=tosu.case).first().pk,
    }
    stranger = connect(factories.city("usuki"))

    for place in PLACES:
        theirs = stranger.get("/" + place.format(**ids))
        invented = stranger.get("/" + place.format(**dict.fromkeys(ids, 999_999_999)))

        assert system.get("/" + place.format(**ids)).status_code == 200, place
        assert theirs.status_code == invented.status_code == 404, place
        assert theirs.content == invented.content
        assert told(theirs) == told(invented)

    for path in ("cases", "contracts", "contractors", "guarantees", "events?limit=200"):
        page = said(stranger.get(f"/{path}"))
        assert tosu.case.number not in str(page)
        assert {each["id"] for each in page["items"] if "id" in each}.isdisjoint(ids.values())


def test_an_address_or_a_method_that_is_not_there_is_said_in_the_words_of_the_api(system):
    missing, wrong = system.get("/nothing"), system.ask("delete", "/cases")

    assert (missing.status_code, said(missing)["type"]) == (404, "/api/#not-found")
    assert (wrong.status_code, said(wrong)["type"]) == (405, "/api/#method-not-allowed")
    assert set(wrong["Allow"].split(", ")) == {"GET", "POST"}


def test_the_description_is_openapi_and_names_every_operation():
    told = said(Client().get("/api/v1/openapi.json"))

    assert told["openapi"].startswith("3.1")
    operations = [each for path in told["paths"].values() for each in path.values()]
    assert len(operations) >= 14
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"]
        assert {"401", "429"} <= {str(status) for status in operation["responses"]}


def test_the_page_shows_every_operation_to_people(client):
    page = client.get("/api/").content.decode()

    for path in said(client.get("/api/v1/openapi.json"))["paths"]:
        assert path in page
    assert "<script" not in page.replace('<script src="/static/', "")

"""What the city's other systems write: once, by the rules of the screens, in the name of who answers for them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from contracts import tasks
from contracts.models import ApiAnswer, Case, Consent, Contractor
from contracts.services.integrating import repeating
from notifications.models import Delivery
from tests import factories
from tests.contracts.api.conftest import System, connect, said

pytestmark = pytest.mark.django_db
KEY = "0b6f3a1e-5d1c-4a38"


def facts(case: Case, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "number": "連工第1号",
        "title": "市道連携線改良工事",
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": (today - timedelta(days=20)).isoformat(),
        "awarded_date": today.isoformat(),
        "contractor_id": case.contractor_id,
        "amount": 9_900_000,
        "work_starts_date": (today + timedelta(days=10)).isoformat(),
        "work_ends_date": (today + timedelta(days=100)).isoformat(),
        "department": "建設課",
    } | changes


def post(system: System, path: str, body: Any, key: str = KEY) -> Any:
    return system.ask("post", path, body=body, HTTP_IDEMPOTENCY_KEY=key)


def cases(tosu: Any) -> int:
    tenancy.set_tenant(tosu.tenant.pk)
    return Case.unscoped.count()


def test_a_case_is_registered_in_the_name_of_who_answers_for_the_token(tosu, system):
    response = post(system, "/cases", facts(tosu.case))

    assert response.status_code == 201, response.content.decode()
    tenancy.set_tenant(tosu.tenant.pk)
    case = Case.unscoped.get(pk=said(response)["id"])
    assert (case.number, case.registered_by) == ("連工第1号", system.token.owner)
    assert case.conclusion_deadline_date is not None
    event = Event.objects.of_thread(tosu.tenant.pk, case.thread).get()
    assert (event.action, event.actor_kind) == ("case.registered", "api")


def test_the_same_request_again_is_answered_alike_and_done_once(tosu, system):
    first = post(system, "/cases", facts(tosu.case))
    before = cases(tosu)
    again = post(system, "/cases", facts(tosu.case))

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert cases(tosu) == before


def test_a_key_is_good_for_one_request(tosu, system):
    post(system, "/cases", facts(tosu.case))

    other = post(system, "/cases", facts(tosu.case, number="連工第2号"))

    assert other.status_code == 422
    assert "Idempotency-Key" in said(other)["detail"]


def test_two_tokens_may_use_the_same_key(tosu, system):
    other = connect(tosu.tenant)

    assert post(system, "/cases", facts(tosu.case)).status_code == 201
    assert post(other, "/cases", facts(tosu.case, number="連工第2号")).status_code == 201


def test_what_was_refused_may_be_mended_and_sent_with_the_same_key(tosu, system):
    taken = post(system, "/cases", facts(tosu.case, number=tosu.case.number))

    assert (taken.status_code, said(taken)["type"]) == (409, "/api/#refused")
    assert post(system, "/cases", facts(tosu.case)).status_code == 201


def test_without_a_key_nothing_is_posted(tosu, system):
    before = cases(tosu)

    response = system.ask("post", "/cases", body=facts(tosu.case))

    assert response.status_code == 422
    assert said(response)["errors"][0]["field"] == "header.Idempotency-Key"
    assert cases(tosu) == before


WRONG: dict[str, dict[str, Any]] = {
    "an unknown field": {"state": "concluded"},
    "another city": {"tenant_id": 1},
    "an unknown kind": {"kind": "castle"},
    "an unknown department": {"department": "造船課"},
    "a turned name": {"title": "工事\u202eexe"},
    "no money": {"amount": 0},
    "no day": {"awarded_date": "きのう"},
    "an end before the start": {"work_ends_date": "2020-01-01"},
    "an unknown firm": {"contractor_id": 999_999_999},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_a_wrong_case_is_refused_at_its_field(wrong, tosu, system):
    before = cases(tosu)

    response = post(system, "/cases", facts(tosu.case, **wrong))

    assert response.status_code == 422, response.content.decode()
    assert next(iter(wrong)) in said(response)["errors"][0]["field"]
    assert cases(tosu) == before


def test_a_firm_of_the_next_city_wins_nothing(tosu, system):
    usuki = factories.city("usuki")
    theirs = factories.contractor(usuki)

    response = post(system, "/cases", facts(tosu.case, contractor_id=theirs.pk))

    invented = post(system, "/cases", facts(tosu.case, contractor_id=999_999_999))
    assert response.status_code == invented.status_code == 422
    assert response.content == invented.content


def test_many_cases_are_registered_together_or_not_at_all(tosu, system):
    good = [facts(tosu.case, number=f"連工第{number}号") for number in range(3)]
    before = cases(tosu)

    refused = post(system, "/cases/bulk", {"cases": [*good, facts(tosu.case, number="連工第9号", kind="castle")]})
    assert refused.status_code == 422
    assert said(refused)["errors"][0]["field"] == "body.typed.cases.3.kind"
    assert cases(tosu) == before

    done = post(system, "/cases/bulk", {"cases": good})
    assert done.status_code == 201
    assert [case["number"] for case in said(done)["items"]] == [case["number"] for case in good]


def test_a_case_is_corrected_unless_someone_was_quicker(tosu, system):
    new = facts(tosu.case, number=tosu.case.number, title="改めた工事", edit_number=0)

    assert said(system.ask("put", f"/cases/{tosu.case.pk}", body=new))["title"] == "改めた工事"
    late = system.ask("put", f"/cases/{tosu.case.pk}", body=new | {"title": "もう一度"})

    assert (late.status_code, said(late)["type"]) == (409, "/api/#moved-on")


def test_a_case_under_contract_is_not_corrected(tosu, system):
    tosu.sent()

    response = system.ask("put", f"/cases/{tosu.case.pk}", body=facts(tosu.case, number="別", edit_number=0))

    assert (response.status_code, said(response)["type"]) == (409, "/api/#refused")


def test_a_consent_is_asked_for_once(tosu, system):
    first = post(system, f"/cases/{tosu.case.pk}/consents", {})
    again = post(system, f"/cases/{tosu.case.pk}/consents", {})

    assert first.status_code == 201, first.content.decode()
    assert first.content == again.content
    tenancy.set_tenant(tosu.tenant.pk)
    assert Consent.unscoped.filter(case=tosu.case).count() == 1
    assert Delivery.unscoped.filter(template__endswith="consent_invited").count() == 1


FIRM = {
    "registration_number": "第500号",
    "name": "連携建設㈱",
    "address": "鳥栖市本町1",
    "representative_title": "代表取締役",
    "representative_name": "連　携",
    "email": "renkei@example.jp",
}


MOVED = FIRM | {"address": "鳥栖市本町2"}


def address(tosu: Any) -> str:
    tenancy.set_tenant(tosu.tenant.pk)
    return str(Contractor.unscoped.get(registration_number="第500号").address)


def test_a_firm_is_put_on_the_register_and_kept_there(tosu, system):
    made = system.ask("put", "/contractors", body=FIRM)
    kept = system.ask("put", "/contractors", body=MOVED, HTTP_IF_MATCH=made["ETag"])

    assert (made.status_code, kept.status_code) == (201, 200)
    assert address(tosu) == "鳥栖市本町2"
    read = system.get(f"/contractors/{said(made)['id']}")
    assert read["ETag"] == kept["ETag"] != made["ETag"]
    assert system.get(f"/contractors/{said(made)['id']}", HTTP_IF_NONE_MATCH=kept["ETag"]).status_code == 304


def test_what_another_has_changed_meanwhile_is_not_written_over(tosu, system):
    read = system.ask("put", "/contractors", body=FIRM)["ETag"]
    system.ask("put", "/contractors", body=FIRM | {"phone": "0942-00-0000"}, HTTP_IF_MATCH=read)

    late = system.ask("put", "/contractors", body=MOVED, HTTP_IF_MATCH=read)

    assert (late.status_code, said(late)["type"]) == (412, "/api/#precondition-failed")
    assert address(tosu) == FIRM["address"]


def test_a_change_names_the_version_it_starts_from_and_a_repeat_need_not(tosu, system):
    system.ask("put", "/contractors", body=FIRM)

    blind = system.ask("put", "/contractors", body=MOVED)
    same = system.ask("put", "/contractors", body=FIRM)

    assert (blind.status_code, said(blind)["type"]) == (428, "/api/#precondition-required")
    assert same.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("post", "/cases", "cases:write"), ("put", "/contractors", "register:write")],
)
def test_reading_does_not_write(method, path, scope, tosu):
    system = connect(tosu.tenant, "cases:read", "register:read")

    response = system.ask(method, path, body=FIRM, HTTP_IDEMPOTENCY_KEY=KEY)

    assert response.status_code == 403
    assert scope in said(response)["detail"]


def test_a_scope_is_worth_no_more_than_the_roles_of_who_answers_for_it(tosu):
    system = connect(tosu.tenant, owner=factories.member(tosu.tenant, Role.AUDITOR))

    response = post(system, "/cases", facts(tosu.case))

    assert (response.status_code, said(response)["type"]) == (403, "/api/#forbidden")


def test_answers_are_forgotten_after_some_days(tosu, system):
    tenancy.set_tenant(tosu.tenant.pk)
    old = timezone.now() - repeating.KEPT - timedelta(minutes=1)
    for key, at in (("old-old-old", old), ("new-new-new", timezone.now())):
        repeating.once(system.token, key=key, asked="x", at=at, do=lambda: (200, "{}"))

    tasks.forget_answers(rung_by="a newer version")

    tenancy.set_tenant(tosu.tenant.pk)
    assert list(ApiAnswer.unscoped.values_list("key", flat=True)) == ["new-new-new"]

"""The pages after the conclusion: change or correct a contract, record a vote, replace a signer."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from contracts.models import Contract, ContractKind
from contracts.services.cases import amending, registering
from contracts.services.versions import drafting
from contracts.states import ContractState
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.stories import story

pytestmark = pytest.mark.django_db


def signatory_of(told) -> int:
    return Membership.unscoped.get(user=told.signatory, role=Role.SIGNATORY).pk


def test_an_amendment_is_opened_from_the_page_and_goes_on_to_its_terms(tosu, desk):
    tosu.concluded()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    address = reverse("case_amend", args=[tosu.case.pk])
    typed = {"kind": "amendment", "reason": "地質の相違", "signatory": signatory_of(tosu)}

    shown = client.get(address).content.decode()
    response = client.post(address, typed)

    contract = Contract.unscoped.get(case=tosu.case, kind=ContractKind.AMENDMENT)
    assert "改めて提出をお願いする必要はありません" in shown
    assert response["Location"] == reverse("version_edit", args=[contract.versions.get().pk])


def test_a_paper_contract_explains_why_its_amendment_stays_on_paper(tosu, desk):
    at = timezone.now()
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=at, contract_date=timezone.localdate(at))

    page = desk(tosu.tenant, Role.DRAFTER).get(reverse("case_amend", args=[tosu.case.pk])).content.decode()

    assert "変更契約も紙で締結してください" in page
    assert "起案を始める" not in page


def test_a_missing_reason_is_named_beside_its_field(tosu, desk):
    tosu.concluded()
    typed = {"kind": "amendment", "reason": "", "signatory": signatory_of(tosu)}

    response = desk(tosu.tenant, Role.DRAFTER).post(reverse("case_amend", args=[tosu.case.pk]), typed)

    assert response.status_code == 422
    assert not Contract.unscoped.filter(kind=ContractKind.AMENDMENT).exists()


def test_a_vote_typed_in_japanese_years_forms_the_contract(desk):
    tenant = factories.city("tosu")
    factories.rule_set(tenant, econtract={"council": "provisional"})
    told = story("tosu", needs_council=True).concluded()
    contract = Contract.unscoped.get(case=told.case)
    client = desk(tenant, user=user_of(told.drafter))
    today = timezone.localdate()
    address = reverse("contract_vote", args=[contract.pk])

    missing = client.post(address, {"act": "vote", "day": today.isoformat(), "outcome": "rejected"})
    planned = client.post(address, {"act": "plan", "plan-day": today.isoformat()})
    voted = client.post(
        address,
        {"act": "vote", "day": f"令和{today.year - 2018}年{today.month}月{today.day}日", "outcome": "passed"},
    )

    contract.refresh_from_db()
    assert (missing.status_code, planned.status_code, voted.status_code) == (422, 302, 302)
    assert "経緯を入力" in missing.content.decode()
    assert (contract.state, contract.council_planned_date) == (ContractState.IN_FORCE, today)


def test_another_signer_is_typed_in_and_the_old_link_is_dead(tosu, desk):
    tosu.sent()
    old = tosu.address("sign")
    typed = {"title": "支店長", "name": "邉　次郎", "email": "jiro@example.jp", "reason": "受任者の交代"}

    client, page = desk(tosu.tenant, user=user_of(tosu.drafter)), reverse("step_reassign", args=[tosu.step(1).pk])
    doubted = client.post(page, typed)
    response = client.post(page, typed | {"addresses_checked": "on"})

    assert (doubted.status_code, response.status_code) == (422, 302)
    assert "jiro@example.jp" in doubted.content.decode()
    assert tosu.step(1).name == "邉　次郎"
    assert Client().get(old).status_code == 404


def test_an_abandoned_change_is_dropped_on_its_card_and_the_case_speaks_of_the_contract_in_force_again(tosu, desk):
    tosu.concluded()
    version = amending.amend(
        tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory, reason="地質の相違"
    )
    client, page = desk(tosu.tenant, user=user_of(tosu.drafter)), reverse("case", args=[tosu.case.pk])
    address = reverse("contract_drop", args=[version.contract_id])
    assert address not in client.get(page).content.decode()
    drafting.discard(version, actor=tosu.drafter, at=timezone.now())
    assert "取りやめられます" in client.get(page).content.decode()
    assert address in client.get(page).content.decode()
    assert client.post(address, {"reason": " "}).status_code == 409

    html = client.post(address, {"reason": "設計変更の中止"}, follow=True).content.decode()

    assert "第1回変更契約を取りやめました。" in html
    assert "設計変更の中止" in html
    assert "両者へ「電子署名完了のお知らせ」を送りました。" in html
    assert address not in html
    assert "変更 1回" not in client.get(reverse("case_list")).content.decode()

"""A firm and a work whose names fill their columns go the way of any other."""

from django.utils import timezone

from contracts.services.cases import amending
from tests.pages.dress import wear
from tests.stories import story


def test_a_firm_with_the_longest_names_consents_signs_and_has_its_contract_amended(monkeypatch, db):
    wear(monkeypatch)

    told = story().sent()

    firm = told.case.contractor
    assert told.consent.company_name == firm.full_name
    assert told.consent.representative_name == f"{firm.representative_title}　{firm.representative_name}"
    assert told.step(1).name == firm.representative_name

    told.sign_all()
    amended = amending.amend(
        told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory, reason="地質の相違による設計変更"
    )
    assert amended.contract.title.startswith(told.case.title[:190])
    assert amended.contract.title.endswith("）")

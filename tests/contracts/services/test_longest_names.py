"""A firm whose names fill the register can be asked, answer, and sign like any other."""

from tests.pages.dress import wear
from tests.stories import story


def test_a_firm_with_the_longest_names_the_register_takes_consents_and_is_asked_to_sign(monkeypatch, db):
    wear(monkeypatch)

    told = story().sent()

    firm = told.case.contractor
    assert told.consent.company_name == firm.full_name
    assert told.consent.representative_name == f"{firm.representative_title}　{firm.representative_name}"
    assert told.step(1).name == firm.representative_name

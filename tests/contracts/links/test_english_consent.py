"""A firm that chose English gives its consent, confirms its address and names another signer in English."""

import pytest

from contracts.models import Consent, Purpose
from contracts.states import ConsentState
from tests.contracts.links.conftest import address_of, enter, joint_venture
from tests.contracts.links.test_consent import typed
from tests.contracts.links.test_consent_address import mailed
from tests.contracts.links.test_english import unmarked

pytestmark = pytest.mark.django_db


def test_a_firm_reads_checks_and_submits_the_letter_of_consent_in_english(tosu, reader):
    page = enter(reader, tosu.invited().address(Purpose.CONSENT))

    form = reader.get(page).content.decode()
    preview = reader.post(page, typed(tosu, authority_title="部長", authority_email="taro@gmail.com")).content.decode()
    again = reader.post(page, typed(tosu, step="edit")).content.decode()
    reader.post(page, typed(tosu, step="submit"))
    done = reader.get(page).content.decode()

    for html in (form, preview, again, done):
        assert unmarked(html) == []
    assert "The Construction Business Act (Article 19, paragraph 3)" in form
    assert "electronic signatures and timestamps (PAdES)" in form
    assert f'<span lang="ja">{tosu.consent.statement}</span>' in form, "what is agreed to stays as it is"
    assert "Nothing is submitted yet." in preview
    assert "Anyone can have an address at gmail.com." in preview
    assert "Position of the person with authority" in preview
    assert "You have submitted the letter of consent" in done
    assert tosu.consent.state == ConsentState.SUBMITTED


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("authority_name", "", "Name of the person with authority: Please fill this in."),
        ("authority_name", "川\u200b﨑", "Character 2 is an invisible character (U+200B)"),
        ("authority_email", "kawasaki", "This is not the form of a mail address."),
        ("contact_phone", "いろは", "This is not the form of a phone number."),
        ("methods_agreed", "", "Please check this and tick the box."),
    ],
)
def test_what_is_wrong_with_the_letter_is_said_in_english(tosu, reader, name, value, words):
    page = enter(reader, tosu.invited().address(Purpose.CONSENT))

    html = reader.post(page, typed(tosu, **{name: value})).content.decode()

    assert words in html
    assert unmarked(html) == []


def test_a_member_of_a_joint_venture_reads_whose_letter_it_is_in_english(db, reader):
    first = Consent.unscoped.filter(case=joint_venture().case).earliest("pk")

    html = reader.get(enter(reader, address_of(first, Purpose.CONSENT))).content.decode()

    assert "You submit this as a member of a joint venture" in html
    assert unmarked(html) == []


def test_an_address_is_confirmed_in_english(tosu, reader):
    page = enter(reader, address_of(mailed(tosu), Purpose.ADDRESS))

    asked = reader.get(page).content.decode()
    unticked = reader.post(page).content.decode()
    reader.post(page, {"methods_agreed": "on"})
    done = reader.get(page).content.decode()

    for html in (asked, unticked, done):
        assert unmarked(html) == []
    assert "Please read how electronic contracts are made, and tick the box of consent." in unticked
    assert "Your address is confirmed" in done
    assert "Is this address right?" in asked


def test_a_consent_is_read_changed_and_withdrawn_in_english(tosu, reader):
    page = enter(reader, tosu.accepted().address(Purpose.STANDING))

    standing = reader.get(page).content.decode()
    change = reader.get(f"{page}authority/").content.decode()
    same = {name: getattr(tosu.consent, name) for name in NAMES} | {"reason": "moved"}
    refused = reader.post(f"{page}authority/", same).content.decode()
    unsaid = reader.post(page, {"reason": ""}).content.decode()
    reader.post(page, {"reason": "紙を希望するため", "understood": "on"})
    withdrawn = reader.get(page).content.decode()

    for html in (standing, change, refused, unsaid, withdrawn):
        assert unmarked(html) == []
    assert "Nothing has changed." in refused
    assert "Please enter why you withdraw the consent." in unsaid
    assert "The consent was withdrawn on" in withdrawn
    assert tosu.consent.state == ConsentState.WITHDRAWN


NAMES = ("authority_company", "authority_title", "authority_name", "authority_email")

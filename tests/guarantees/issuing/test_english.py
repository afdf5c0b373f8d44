"""Firms and orderers who chose English deal with a guarantor in English; what it issues stays Japanese."""

import pytest
from django.test import Client

from guarantees.models.issuing import EntryLink, IssuedCertificate
from tests.contracts.links.test_english import unmarked
from tests.guarantees.issuing.conftest import CITY, Books
from tests.guarantees.issuing.test_issuing import text_of
from tests.guarantees.issuing.test_pages import TYPED, Firm

pytestmark = pytest.mark.django_db


def in_english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def test_a_firm_applies_and_takes_its_certificate_and_notice_in_english(books: Books):
    firm = Firm(books)
    in_english(firm.client)
    apply = firm.address("issuing_apply")
    form = firm.client.get(apply).content.decode()
    wrong = TYPED | {"orderer": "", "amount": "many", "work_from": "spring", "deposit_bank": ""}
    refused = firm.client.post(apply, wrong).content.decode()
    unsaid = firm.client.post(apply, TYPED | {"orderer": books.city.pk, "deposit_bank": ""}).content.decode()
    applied = firm.client.post(apply, TYPED | {"orderer": books.city.pk}, follow=True).content.decode()
    certificate = books.standing()
    listed = firm.shown()
    own = firm.client.get(firm.address("issuing_own", certificate)).content.decode()
    key = firm.client.post(firm.address("issuing_key", certificate)).content.decode()
    change = firm.client.get(firm.address("issuing_change", certificate)).content.decode()
    notice = firm.client.post(firm.address("issuing_notice", certificate))

    for html in (form, refused, unsaid, applied, listed, own, key, change):
        assert unmarked(html, CITY) == []
    assert "“many” cannot be read as an amount." in refused
    assert "Please choose the orderer." in refused
    assert "Please enter the bank that holds the advance payment." in unsaid
    assert "Your application was received." in applied
    assert "Under review" in applied
    assert "¥40,000,000" in listed
    assert "15 March 2026 to 30 September 2026" in own
    assert books.key(certificate) in key
    assert "認証キー" in text_of(notice.content)


def test_an_orderer_views_a_certificate_in_english(books: Books):
    certificate = books.standing()
    client, page = books.entrance(books.city)
    in_english(client)
    asked = client.get(page).content.decode()
    unsaid = client.post(page, {"number": "", "key": ""}).content.decode()
    wrong = client.post(page, {"number": certificate.number, "key": "WRONGKEY99"}, follow=True).content.decode()
    shown = client.post(page, {"number": certificate.number, "key": books.key(certificate)}, follow=True)

    for html in (asked, unsaid, wrong, shown.content.decode()):
        assert unmarked(html, CITY) == []
    assert "After 5 wrong tries in a row" in wrong
    assert "The electronic signature of the guarantor is valid" in shown.content.decode()
    assert IssuedCertificate.unscoped.get().viewed_at is not None


def test_the_doors_of_a_guarantor_are_in_english(books: Books, client: Client):
    in_english(client)
    enter = client.get("/nishinihon/enter/").content.decode()
    sent = client.post("/nishinihon/enter/", {"email": "nobody@example.jp"}, follow=True).content.decode()
    dead = client.get("/nishinihon/enter/no-such-link/").content.decode()

    for html in (enter, sent, dead):
        assert unmarked(html) == []
    assert "If the address is registered" in sent
    assert not EntryLink.unscoped.exists()

"""A contractor who chose English registers a guarantee in English; what is mailed of it stays Japanese."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from guarantees import services
from guarantees.models import Arrival, Institution, InstitutionKind
from notifications.models import Delivery
from tests import factories
from tests.contracts.links.test_english import unmarked
from tests.guarantees.conftest import KEY, came, contracted, entered, officer
from tests.guarantees.incoming import notice
from tests.guarantees.test_drop_pages import filled, link_page, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db):
    return contracted()


@pytest.fixture
def names(case):
    Institution.unscoped.create(tenant=case.tenant, kind=InstitutionKind.INSURER, name="東西損害保険株式会社")
    return [str(each) for each in Institution.unscoped.filter(tenant=case.tenant)] + [case.tenant.name]


@pytest.fixture
def reader(case):
    client, _page = entered(case)
    client.cookies["language"] = "en"
    return client


def test_a_notice_is_dropped_looked_over_and_registered_in_english(case, names, reader):
    services.want(case, type_="advance", actor=officer(case.tenant), at=timezone.now())
    page = link_page(case, "guarantee_form")
    before = text(reader.get(page))
    wrong = SimpleUploadedFile("お知らせ.pdf", b"no", content_type="application/pdf")
    unread = text(reader.post(link_page(case, "guarantee_drop"), {"notice": [wrong]}))
    looked_over = text(reader.post(link_page(case, "guarantee_drop"), {"notice": [upload(notice())]}, follow=True))
    arrival = Arrival.unscoped.get()
    waiting = text(reader.get(page))
    address = link_page(case, "guarantee_arrival", arrival_id=arrival.pk)
    unfilled = text(reader.post(address, filled(case, number="", type="")))
    registered = text(reader.post(address, filled(case), follow=True))

    for html in (before, unread, looked_over, waiting, unfilled, registered):
        assert unmarked(html, *names) == []
    assert "at most ¥40,000,000" in before
    assert "It could not be read" in unread
    assert "Compare it with the notice" in looked_over
    assert "Please choose the kind of guarantee." in unfilled
    assert f"Received: Advance payment guarantee. The receipt number is {came().get().receipt}." in registered
    assert KEY not in registered
    assert Delivery.unscoped.latest("pk").context["type"] == "前払金保証"


def test_a_guarantee_is_typed_and_its_papers_are_kept_in_english(case, names, reader):
    page = link_page(case, "guarantee_form")
    insurer = text(reader.get(link_page(case, "guarantee_address")))
    refused = text(reader.post(page, filled(case, key="", number="１２")))
    reader.post(page, filled(case, key=KEY))
    guarantee = came().get()
    papers = link_page(case, "guarantee_own_papers", guarantee_id=guarantee.pk)
    empty = text(reader.get(papers))
    unchosen = text(reader.post(papers, {"slot": ""}))
    paper = SimpleUploadedFile("控え.pdf", factories.pdf(), content_type="application/pdf")
    kept = text(reader.post(papers, {"slot": "customer_copy", "file": paper}, follow=True))

    for html in (insurer, refused, empty, unchosen, kept):
        assert unmarked(html, *names) == []
    assert "Please enter the authentication key." in refused
    assert "Please choose the kind." in unchosen
    assert "The paper is kept." in kept
    assert "Only you" in kept

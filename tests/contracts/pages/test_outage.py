"""When people cannot get through: what staff and firms are told, and the kit that a drafter takes along."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.contracts.paperwork import pages_of

pytestmark = pytest.mark.django_db

ADVICE = [{"title": "郵送", "text": "簡易書留で送ってください。"}]


def kit(case) -> str:
    return reverse("case_kit", args=[case.pk])


def test_the_cases_under_way_stand_by_their_deadlines_with_the_phone_of_each_firm(tosu, desk):
    later = factories.case(tosu.tenant, by=tosu.drafter, awarded_date=timezone.localdate() + timedelta(days=2))
    paper = factories.case(tosu.tenant, by=tosu.drafter, procurement_method="negotiated")

    page = desk(tosu.tenant, user=user_of(tosu.drafter)).get(reverse("outage")).content.decode()

    assert page.index(kit(tosu.case)) < page.index(kit(later))
    assert kit(paper) not in page
    assert f"tel:{tosu.case.contractor.phone}" in page


def test_an_auditor_reads_what_to_do_and_takes_nothing(tosu, desk):
    page = desk(tosu.tenant, Role.AUDITOR).get(reverse("outage")).content.decode()

    assert "紙の契約書で締結することを双方で確かめ" in page
    assert kit(tosu.case) not in page


def test_the_list_costs_the_same_with_many_cases(tosu, desk, django_assert_max_num_queries):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    for _ in range(12):
        factories.case(tosu.tenant, by=tosu.drafter)

    with django_assert_max_num_queries(20):
        client.get(reverse("outage"))


def test_a_drafter_sees_what_the_kit_holds_and_takes_it_as_pdf(tosu, desk):
    tosu.invited()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    page, taken = client.get(kit(tosu.case)), client.post(kit(tosu.case))

    assert "様式第1号「電子契約利用承諾書」" in page.content.decode()
    assert reverse("case_paper", args=[tosu.case.pk]) in page.content.decode()
    assert taken["Content-Type"] == "application/pdf"
    assert taken.content.startswith(b"%PDF")


def test_a_kit_that_cannot_be_taken_now_says_why(tosu, desk):
    tosu.signed()

    answer = desk(tosu.tenant, user=user_of(tosu.drafter)).post(kit(tosu.case))

    assert answer.status_code == 422
    assert "署名の処理中です" in answer.content.decode()


def test_a_case_that_is_on_paper_anyway_offers_no_kit(desk):
    usuki = factories.city("usuki")
    drafter = factories.staff(usuki, Role.DRAFTER)
    case = factories.case(usuki, by=drafter)

    page = desk(usuki, user=user_of(drafter)).get(kit(case)).content.decode()

    assert "この案件に、紙の一式は要りません" in page
    assert "一式（PDF）を取り出す" not in page


def test_the_way_to_paper_leads_to_the_kit(tosu, desk):
    page = desk(tosu.tenant, user=user_of(tosu.drafter)).get(reverse("case_paper", args=[tosu.case.pk]))

    assert kit(tosu.case) in page.content.decode()


def test_firms_are_told_whom_to_ring_up_and_what_the_city_settled(tosu):
    factories.rule_set(tosu.tenant, texts={"outage": ADVICE})

    page = Client().get(reverse("city_outage", kwargs={"city": tosu.tenant.slug})).content.decode()

    assert f"tel:{tosu.tenant.help_phone}" in page
    assert "簡易書留で送ってください。" in page
    assert reverse("inbox_enter", kwargs={"city": tosu.tenant.slug}) in page


def test_the_kits_of_several_cases_come_as_one_pdf_nearest_deadline_first(tosu, desk):
    later = factories.case(tosu.tenant, by=tosu.drafter, awarded_date=timezone.localdate() + timedelta(days=2))
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    taken = client.post(reverse("outage_kits"), {"case": [later.pk, tosu.case.pk]})

    firsts = [page for page in pages_of(taken.content) if "緊急時の紙の一式" in page]
    assert [tosu.case.number in firsts[0], later.number in firsts[1], len(firsts)] == [True, True, 2]
    taken_of = Event.objects.filter(action="case.kit_taken").values_list("subject", flat=True)
    assert set(taken_of) == {f"case:{tosu.case.pk}", f"case:{later.pk}"}


def test_where_one_kit_cannot_be_taken_none_is_and_the_choice_stays(tosu, desk):
    later = factories.case(tosu.tenant, by=tosu.drafter)
    tosu.signed()

    answer = desk(tosu.tenant, user=user_of(tosu.drafter)).post(
        reverse("outage_kits"), {"case": [tosu.case.pk, later.pk]}
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"{tosu.case.number}：署名の処理中です" in html
    assert html.count("checked") == 2
    assert not Event.objects.filter(action="case.kit_taken").exists()


def test_nothing_chosen_and_a_case_of_another_city_hand_out_nothing(tosu, stranger):
    for chosen in ([], [tosu.case.pk], ["x"], ["9" * 30]):
        answer = stranger.post(reverse("outage_kits"), {"case": chosen})

        assert answer.status_code == 422
        assert "案件を1件から10件まで選んでください" in answer.content.decode()

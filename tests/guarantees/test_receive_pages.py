"""Clerks drop the mail they got, find its case, take the guarantee in, open its papers and route it by hand."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Department, Role
from audit.models import Event
from guarantees.models import Arrival, Attachment, Institution, InstitutionKind
from notifications.models import Delivery
from tests import factories
from tests.guarantees.conftest import KEY, NUMBER, came, clerk, contracted, submitted
from tests.guarantees.incoming import certificate, mailed, notice

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def upload(dropped):
    return SimpleUploadedFile(dropped.name, dropped.content)


def receive(staff, *dropped, **more):
    data = {"files": [upload(file) for file in dropped], "channel": "email", **more}
    return staff.post(reverse("guarantee_receive"), data, follow=True)


def filled(case, **values):
    institution = Institution.unscoped.get(tenant=case.tenant, kind=InstitutionKind.SURETY).pk
    given = {"case": case.pk, "type": "advance", "institution": institution, "number": NUMBER, "key": ""}
    return given | {"channel": "email", "papers": ["notice"]} | values


def test_a_mail_is_dropped_recognised_and_taken_in(case):
    staff = clerk(case.tenant)

    page = text(receive(staff, mailed(case, notice())))

    for words in (case.title, "【前払金保証】", case.contractor.email, NUMBER, "一致", "受け取った電子メール"):
        assert words in page
    assert KEY not in page
    arrival = Arrival.unscoped.get()
    taken = staff.post(reverse("guarantee_received", args=[arrival.pk]), filled(case), follow=True)
    assert f"受付番号は {came().get().receipt} です" in text(taken)


def test_the_receipt_goes_to_the_contractor_and_the_department_is_told(case):
    staff = clerk(case.tenant)
    receive(staff, mailed(case, notice()))

    staff.post(reverse("guarantee_received", args=[Arrival.unscoped.get().pk]), filled(case))

    sent = {delivery.template: delivery for delivery in Delivery.unscoped.all()}
    receipt = sent["guarantees/guarantee_receipt"]
    assert (receipt.to, receipt.context["receipt"]) == (case.contractor.email, came().get().receipt)
    assert sent["guarantees/guarantee_arrived"].to == case.department.email


def test_a_mail_that_names_no_case_lets_the_clerk_look_for_one(case):
    staff = clerk(case.tenant)
    page = text(
        receive(staff, mailed(case, notice(work_title="知らない工事"), subject="お知らせ", sender="a@b.example"))
    )
    assert "案件を決められません" in page
    address = reverse("guarantee_received", args=[Arrival.unscoped.get().pk])

    found = text(staff.get(address, {"choose": "1", "q": case.title}))
    chosen = text(staff.get(address, {"case": case.pk}))

    assert f"?case={case.pk}" in found
    assert "この案件の保証として受け付ける" in chosen
    assert "お知らせの工事名が契約と異なります" in chosen
    assert "登録されたアドレスと違います" in chosen
    staff.post(address, filled(case))
    assert came().get().case == case


def test_a_case_of_the_next_city_is_not_found_nor_chosen(case):
    staff = clerk(case.tenant)
    usuki = contracted("usuki", on=date(2025, 4, 1), number="臼1", title="臼杵の工事")
    receive(staff, mailed(case, notice(work_title="臼杵の工事"), subject="臼1 臼杵の工事", sender="a@b.example"))
    factories.city("tosu")
    address = reverse("guarantee_received", args=[Arrival.unscoped.get().pk])

    assert "の案件は見つかりません" in text(staff.get(address, {"choose": "1", "q": "臼杵の工事"}))
    assert "案件を選ぶ" in text(staff.get(address, {"case": usuki.pk}))


@pytest.mark.parametrize("chosen", ["x", "-1", "9" * 30, "１"])
def test_a_case_that_is_no_number_is_no_case(case, chosen):
    staff = clerk(case.tenant)
    receive(staff, mailed(case, notice(work_title="知らない工事"), subject="お知らせ", sender="a@b.example"))

    page = staff.get(reverse("guarantee_received", args=[Arrival.unscoped.get().pk]), {"case": chosen})

    assert "案件を選ぶ" in text(page)


def test_what_is_no_mail_says_what_to_save(case):
    staff = clerk(case.tenant)
    outlook = SimpleUploadedFile("保証.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    response = staff.post(reverse("guarantee_receive"), {"files": outlook, "channel": "email"})

    assert response.status_code == 422
    assert "Outlook の .msg は読めません" in text(response)


def test_from_the_case_a_dropped_notice_needs_no_search(case):
    staff = clerk(case.tenant)
    assert "メールや PDF から受け付ける" in text(staff.get(reverse("guarantee_new", args=[case.pk])))

    page = text(receive(staff, notice(work_title="別の名"), case=case.pk, channel="bring"))

    assert "この案件の保証として受け付ける" in page
    assert Arrival.unscoped.get().case == case


def test_from_the_case_a_wrong_file_is_refused_on_the_same_page(case):
    staff = clerk(case.tenant)

    response = receive(staff, certificate(), case=case.pk)

    assert response.status_code == 422
    assert "STEP3で保存したファイル" in text(response)
    assert "入力して受け付ける" in text(response)


def test_usuki_takes_the_two_printed_papers_that_were_brought(db):
    case = contracted("usuki", on=date(2025, 4, 1))
    staff = clerk(case.tenant)
    page = text(receive(staff, certificate(work_title=case.title), case=case.pk, channel="bring"))
    assert "まだありません" in page
    arrival = Arrival.unscoped.get()
    address = reverse("guarantee_received", args=[arrival.pk])

    more = staff.post(
        reverse("guarantee_received_more", args=[arrival.pk]),
        {"files": upload(notice(work_title=case.title))},
        follow=True,
    )
    assert "まだありません" not in text(more)
    given = filled(case, channel="bring", papers=["notice", "certificate_screen"], clause_set_used="on")
    staff.post(address, given)

    assert sorted(came().get().papers.values_list("slot", flat=True)) == ["certificate_screen", "notice"]


def test_an_insurers_password_that_was_mailed_is_taken_in(case):
    insurer = Institution.unscoped.create(tenant=case.tenant, name="見本損害保険", kind=InstitutionKind.INSURER)
    staff = clerk(case.tenant)
    address = reverse("guarantee_new", args=[case.pk]) + "?by=url"
    given = {"channel": "email", "institution": insurer.pk, "number": "HB-12345"}
    secret = {"url": "https://shoken.example.jp/v/ZpQ81", "key": "Pass#word9"}

    response = staff.post(address, given | secret, follow=True)

    assert "受付番号" in text(response)
    assert not any(value in text(response) for value in secret.values())


def test_what_waits_is_listed_for_every_clerk_of_the_city_and_nobody_else(case):
    colleague = clerk(case.tenant)
    receive(clerk(case.tenant), mailed(case, notice()))
    stranger = clerk(factories.city("usuki"))

    assert NUMBER in text(colleague.get(reverse("guarantee_receive")))
    assert NUMBER not in text(stranger.get(reverse("guarantee_receive")))


def test_the_list_asks_the_database_no_more_for_more_rows(case, django_assert_max_num_queries):
    staff = clerk(case.tenant)
    for number in range(4):
        receive(staff, notice(number=f"207000{number:04}"), case=case.pk)

    with django_assert_max_num_queries(14):
        assert text(staff.get(reverse("guarantee_receive"))).count("207000") == 4


def taken(case):
    staff = clerk(case.tenant)
    receive(staff, mailed(case, notice()))
    staff.post(reverse("guarantee_received", args=[Arrival.unscoped.get().pk]), filled(case))
    return staff, came().get()


def test_a_paper_with_the_key_asks_for_a_reason_and_then_is_handed_out(case):
    staff, guarantee = taken(case)
    paper = Attachment.unscoped.get(slot="mail")
    address = reverse("guarantee_file", args=[guarantee.pk, paper.pk])
    assert "開く理由" in text(staff.get(address))

    without = staff.post(address, {"reason": " "})
    given = staff.post(address, {"reason": "添付を確かめるため"})

    assert without.status_code == 422
    assert given["Content-Disposition"].startswith("attachment")
    assert b"Subject:" in given.content
    assert Event.objects.filter(action="guarantee.paper_opened").count() == 1


def test_a_guarantee_is_routed_by_hand_and_the_new_department_is_told(case):
    guarantee = submitted(case)
    staff = clerk(case.tenant)
    address = reverse("guarantee_route", args=[guarantee.pk])
    assert f"いま{guarantee.routed_to.name}が受け持っています" in text(staff.get(address))
    other = Department.unscoped.get(tenant=case.tenant, name="契約検査課")

    same = staff.post(address, {"department": guarantee.routed_to_id})
    staff.post(address, {"department": other.pk})

    assert f"すでに{guarantee.routed_to.name}に振り分けられています" in text(same)
    guarantee.refresh_from_db()
    assert guarantee.routed_to == other
    told = Delivery.unscoped.filter(template="guarantees/guarantee_arrived").latest("pk")
    assert told.to == other.email


def test_a_department_of_the_next_city_is_no_choice(case):
    guarantee, staff = submitted(case), clerk(case.tenant)
    foreign = Department.unscoped.filter(tenant=factories.city("usuki")).first()

    response = staff.post(reverse("guarantee_route", args=[guarantee.pk]), {"department": foreign.pk})

    assert response.status_code == 422


def test_a_decided_guarantee_stays_where_it_is(case):
    guarantee = submitted(case)
    staff = clerk(case.tenant)
    staff.post(reverse("guarantee_reject", args=[guarantee.pk]), {"reject-reason": "違います"})

    assert "振り分けられません" in text(staff.get(reverse("guarantee_route", args=[guarantee.pk])))


def test_a_colleague_without_the_role_does_not_receive(case):
    auditor = clerk(case.tenant, Role.AUDITOR)

    assert auditor.get(reverse("guarantee_receive")).status_code == 403

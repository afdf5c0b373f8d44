"""The contractor drops the notice, looks over what was read, hands it in, and keeps papers of their own beside it."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts import presets
from contracts.models import AccessLink, Purpose, RuleSet
from guarantees.models import Arrival, Attachment, CredentialKind, Guarantee, Institution, InstitutionKind
from guarantees.states import GuaranteeState
from tests import factories
from tests.guarantees.conftest import KEY, NUMBER, came, clerk, contracted, entered
from tests.guarantees.incoming import certificate, notice

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def upload(dropped):
    return SimpleUploadedFile(dropped.name, dropped.content, content_type="application/pdf")


def link_page(case, name, **ids):
    link = AccessLink.unscoped.filter(case=case, purpose=Purpose.GUARANTEE).latest("pk")
    return reverse(name, kwargs={"city": case.tenant.slug, "link_id": link.pk, **ids})


def dropped(case, *files, follow=True, **more):
    contractor, _ = entered(case)
    data = {"notice": [upload(file) for file in files], **more}
    return contractor, contractor.post(link_page(case, "guarantee_drop"), data, follow=follow)


def filled(case, **values):
    institution = Institution.unscoped.get(tenant=case.tenant, kind=InstitutionKind.SURETY).pk
    return {"type": "advance", "institution": institution, "number": NUMBER, "key": ""} | values


def test_a_dropped_notice_fills_the_form_and_shows_its_key_to_nobody(case):
    _, response = dropped(case, notice())

    page = text(response)
    institution = Institution.unscoped.get(tenant=case.tenant)
    assert f'value="{NUMBER}"' in page
    assert f'<option value="{institution.pk}" selected>' in page
    assert re.search(r'value="advance"[^>]*checked', page)
    assert "•" * len(KEY) in page
    assert KEY not in page
    assert "no-store" in response["Cache-Control"]
    assert "違うところがあります" not in page


def test_what_was_read_is_handed_in_without_typing_anything(case):
    contractor, _ = dropped(case, notice())
    arrival = Arrival.unscoped.get()

    page = text(contractor.post(link_page(case, "guarantee_arrival", arrival_id=arrival.pk), filled(case), follow=True))

    guarantee = came().get()
    assert f"受付番号は {guarantee.receipt} です" in page
    assert (guarantee.state, guarantee.credential) == (GuaranteeState.ROUTED, CredentialKind.KEY)
    assert not Arrival.unscoped.exists()


def test_what_waits_is_listed_and_may_be_thrown_away(case):
    contractor, _ = dropped(case, notice())
    arrival = Arrival.unscoped.get()
    page = text(contractor.get(link_page(case, "guarantee_form")))
    assert "読み取りました。まだ登録していません" in page
    assert link_page(case, "guarantee_arrival", arrival_id=arrival.pk) in page

    contractor.post(link_page(case, "guarantee_arrival_discard", arrival_id=arrival.pk))

    assert not Arrival.unscoped.exists()
    assert not Attachment.unscoped.exists()


def test_several_notices_at_once_are_looked_over_one_by_one(case):
    _, response = dropped(case, notice(), notice(number="2070009999", type="contract"))

    assert "2件の保証を読み取りました" in text(response)
    assert text(response).count("確かめて登録する") == 2


def test_a_certificate_is_refused_in_the_words_of_the_guide(case):
    _, response = dropped(case, certificate())

    assert response.status_code == 422
    assert "保証証書で" in text(response)
    assert "STEP3で保存したファイル" in text(response)
    assert not Arrival.unscoped.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"orderer": "佐賀県知事"}, "お知らせの発注者が「佐賀県知事」です。鳥栖市あての証書ではありません。"),
        ({"work_title": "別の工事"}, "お知らせの工事名が契約と異なります。"),
        ({"guarantor": "東日本建設業保証株式会社"}, "保証機関の一覧から決められませんでした"),
    ],
)
def test_what_does_not_fit_the_contract_is_said_before_handing_in(case, values, said):
    _, response = dropped(case, notice(**values))

    assert "この案件の契約と違うところがあります" in text(response)
    assert said in text(response)


def test_no_file_an_empty_one_and_a_picture_say_what_to_choose(case):
    contractor, _ = entered(case)
    address = link_page(case, "guarantee_drop")

    for file, said in (
        (None, "ファイルを選んでください"),
        (SimpleUploadedFile("a.pdf", b""), "空（0 バイト）"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff"), "PDFとして開けません"),
    ):
        response = contractor.post(address, {"notice": file} if file else {})
        assert response.status_code == 422
        assert said in text(response)


def test_a_wrong_number_keeps_what_arrived_and_asks_for_a_typed_key_again(case):
    contractor, _ = dropped(case, notice())
    arrival = Arrival.unscoped.get()
    address = link_page(case, "guarantee_arrival", arrival_id=arrival.pk)

    held = contractor.post(address, filled(case, number="12"))
    typed = contractor.post(address, filled(case, number="12", key="Anders99"))

    assert held.status_code == typed.status_code == 422
    assert "もう一度入力してください" not in text(held)
    assert "もう一度入力してください" in text(typed)
    assert "Anders99" not in text(typed)
    assert Arrival.unscoped.exists()


def test_a_better_file_replaces_what_was_read(case):
    contractor, _ = dropped(case, notice(number="2070000000"))
    arrival = Arrival.unscoped.get()

    response = contractor.post(
        link_page(case, "guarantee_arrival_more", arrival_id=arrival.pk), {"files": upload(notice())}, follow=True
    )

    assert f'value="{NUMBER}"' in text(response)
    assert "2070000000" not in text(response)


def test_the_arrival_of_another_link_is_not_there(case):
    dropped(case, notice())
    arrival = Arrival.unscoped.get()
    other = contracted(number="別の案件")
    stranger, _ = entered(other)

    for name in ("guarantee_arrival", "guarantee_arrival_more", "guarantee_arrival_discard"):
        assert stranger.post(link_page(other, name, arrival_id=arrival.pk)).status_code == 404
    assert Arrival.unscoped.exists()


def test_an_insurers_address_and_password_are_taken_and_not_given_back(case):
    contractor, page = entered(case)
    assert "損害保険会社" not in text(contractor.get(page))
    insurer = Institution.unscoped.create(tenant=case.tenant, name="見本損害保険", kind=InstitutionKind.INSURER)
    address = link_page(case, "guarantee_address")
    assert address in text(contractor.get(page))
    secret = {"url": "https://shoken.example.jp/v/ZpQ81", "key": "Pass#word9"}
    given = {"type": "advance", "institution": insurer.pk, "number": "HB-12345"} | secret

    refused = contractor.post(address, given | {"url": "http://shoken.example.jp/"})
    taken = contractor.post(address, given, follow=True)

    assert "https:// で始まるアドレス" in text(refused)
    for page in (text(refused), text(taken)):
        assert not any(value in page for value in secret.values())
    guarantee = came().get()
    assert (guarantee.type, guarantee.credential) == ("contract", CredentialKind.URL_PASSWORD)


def wanting(policy, *, papers):
    """Contract a case in a 鳥栖市 that wants to be given something else."""
    data = presets.load("tosu")
    data["guarantee"] |= {"policy": policy, "papers": dict.fromkeys(data["guarantee"]["types"], papers)}
    city = factories.city("tosu")
    RuleSet.unscoped.create(tenant=city, number=2, name="次の版", effective_date=date(2025, 4, 2), data=data)
    return contracted()


def own_papers(case):
    contractor, _ = dropped(case, notice())
    contractor.post(link_page(case, "guarantee_arrival", arrival_id=Arrival.unscoped.get().pk), filled(case))
    guarantee: Guarantee = came().get()
    return contractor, guarantee, link_page(case, "guarantee_own_papers", guarantee_id=guarantee.pk)


def keep_copy(contractor, address, **values):
    copy = SimpleUploadedFile("お客様控え.pdf", b"%PDF-1.7 copy", content_type="application/pdf")
    return contractor.post(address, {"slot": "customer_copy", "file": copy, **values}, follow=True)


def test_the_contractor_keeps_a_copy_that_the_city_does_not_see(case):
    contractor, guarantee, address = own_papers(case)
    assert "認証キー等のお知らせ.pdf" in text(contractor.get(address))

    page = text(keep_copy(contractor, address))

    assert "お客様控え.pdf" in page
    assert "自分だけ" in page
    paper = Attachment.unscoped.get(slot="customer_copy")
    given = contractor.post(link_page(case, "guarantee_own_file", guarantee_id=guarantee.pk, paper_id=paper.pk))
    assert given.content == b"%PDF-1.7 copy"
    assert "no-store" in given["Cache-Control"]
    staff = clerk(case.tenant)
    assert "お客様控え" not in text(staff.get(reverse("guarantee", args=[guarantee.pk])))
    assert staff.get(reverse("guarantee_file", args=[guarantee.pk, paper.pk])).status_code == 404


def test_the_contractor_may_share_a_copy_and_take_it_back(case):
    contractor, guarantee, address = own_papers(case)
    assert "発注者にも表示" in text(keep_copy(contractor, address, shared="on"))
    paper = Attachment.unscoped.get(slot="customer_copy")
    staff, file = clerk(case.tenant), reverse("guarantee_file", args=[guarantee.pk, paper.pk])
    assert staff.post(file).content == b"%PDF-1.7 copy"

    contractor.post(link_page(case, "guarantee_own_remove", guarantee_id=guarantee.pk, paper_id=paper.pk))

    assert staff.get(file).status_code == 404
    assert "お客様控え.pdf" not in text(contractor.get(address))


def test_a_city_that_wants_both_papers_on_screen_asks_for_both(db):
    case = wanting("key_and_screen", papers=["notice", "certificate_screen"])
    contractor, response = dropped(case, notice())
    assert "まだありません" in text(response)
    assert "入力して登録する" not in text(contractor.get(link_page(case, "guarantee_form")))
    arrival = Arrival.unscoped.get()
    page = link_page(case, "guarantee_arrival", arrival_id=arrival.pk)

    lacking = contractor.post(page, filled(case))
    contractor.post(link_page(case, "guarantee_arrival_more", arrival_id=arrival.pk), {"files": upload(certificate())})
    contractor.post(page, filled(case))

    assert "不足している書類：保証証書" in text(lacking)
    assert sorted(came().get().papers.values_list("slot", flat=True)) == ["certificate_screen", "notice"]


def test_a_file_too_large_for_the_city_is_refused_before_it_is_read(case):
    type(case.tenant).objects.filter(pk=case.tenant_id).update(max_file_bytes=1024 * 1024)
    big = SimpleUploadedFile("a.pdf", BytesIO(b"%PDF-" + b"0" * (1024 * 1024)).getvalue())
    contractor, _ = entered(case)

    response = contractor.post(link_page(case, "guarantee_drop"), {"notice": big})

    assert response.status_code == 422
    assert "上限は1MBです" in text(response)

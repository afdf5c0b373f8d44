"""The checking desk: a clerk opens a certificate, compares it with the notice and the contract, and decides."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from guarantees import services
from guarantees.facts import NoticeFacts
from guarantees.models import Attachment, FactsSource, Guarantee, PaperSlot
from guarantees.services import GuaranteeRefused
from guarantees.states import GuaranteeState
from tests import factories
from tests.guarantees import incoming
from tests.guarantees.conftest import KEY, NUMBER, checked, clerk, officer, submitted

pytestmark = pytest.mark.django_db
AS_READ = {
    "type": "advance",
    "number": NUMBER,
    "beneficiary": "鳥栖市長",
    "work_title": "市道〇〇線道路改良工事",
    "amount": "４０，０００，０００円",
    "guaranteed_until": "2099/12/31",
    "read_from": "typed",
}
BY_EYE = {f"same_{name}": "on" for name in ("type", "number", "beneficiary", "work_title")}


def text(response) -> str:
    return response.content.decode()


def at(name: str, guarantee: Guarantee) -> str:
    return reverse(f"guarantee_{name}", args=[guarantee.pk])


def outcome(html: str, line: str) -> str:
    """Return what the desk says on one line: 「適合」 and its sentence, or nothing but a dash."""
    found = re.search(rf'id="outcome-{line}".*?</div>', html, re.S)
    assert found, line
    return " ".join(re.sub(r"<[^>]+>", " ", found[0].split(">", 1)[1]).split())


def actions(guarantee: Guarantee) -> list[str]:
    rows = Event.objects.of_thread(guarantee.tenant_id, guarantee.case.thread).order_by("seq")
    return list(rows.values_list("action", flat=True))


@pytest.fixture
def guarantee(case) -> Guarantee:
    return submitted(case, notice=NoticeFacts(type="advance", number=NUMBER, work_title="県道〇〇線道路改良工事"))


def test_the_desk_lays_notice_certificate_and_contract_side_by_side(guarantee):
    page = text(clerk(guarantee.tenant).get(reverse("guarantee", args=[guarantee.pk])))

    assert "<mark>県</mark>道〇〇線道路改良工事" in page
    assert "<mark>市</mark>道〇〇線道路改良工事" in page
    assert "40,000,000円以下" in page
    assert guarantee.case.contractor.name in page
    assert outcome(page, "amount") == outcome(page, "beneficiary") == outcome(page, "changed") == "—"
    assert outcome(page, "work_title").startswith("要確認 お知らせの工事名が契約と異なります。")
    assert KEY not in page


def test_a_clerk_checks_and_accepts(guarantee):
    staff = clerk(guarantee.tenant)
    assert "照合や決定を待っている保証が1件" in text(staff.get(reverse("guarantee_list")))

    shown = text(staff.post(at("check", guarantee), AS_READ, follow=True))
    assert "受理待ち" in shown
    assert outcome(shown, "amount") == "適合 規程の額に適合しています。"
    accepted = text(staff.post(at("accept", guarantee), {"settle-work_title": "発注課に電話で確かめた"}, follow=True))

    assert "寄託されたものとみなします" in accepted
    assert "確かめたこと：</strong>発注課に電話で確かめた" in accepted
    assert at("check", guarantee) not in accepted
    assert "待っている保証はありません" in text(staff.get(reverse("guarantee_list")))


def test_what_is_unsure_is_accepted_only_with_what_the_person_made_sure_of(guarantee):
    staff = clerk(guarantee.tenant)
    staff.post(at("check", guarantee), AS_READ)

    silent = staff.post(at("accept", guarantee))

    assert silent.status_code == 422
    assert "確かめたことを入力してください" in text(silent)
    guarantee.refresh_from_db()
    assert guarantee.state == GuaranteeState.CHECKED_OK
    with pytest.raises(GuaranteeRefused, match="「工事名」は要確認です"):
        services.accept(guarantee, actor=officer(guarantee.tenant), at=timezone.now())


def test_what_was_made_sure_of_is_evidence(guarantee):
    staff = clerk(guarantee.tenant)
    staff.post(at("check", guarantee), AS_READ)
    staff.post(at("accept", guarantee), {"settle-work_title": "誤記と確かめた"})

    event = Event.objects.of_thread(guarantee.tenant_id, guarantee.case.thread).get(action="guarantee.accepted")
    assert json.loads(event.data)["settled"] == {"工事名": "誤記と確かめた"}
    record = Event.objects.of_thread(guarantee.tenant_id, guarantee.case.thread).get(action="guarantee.checked")
    assert json.loads(record.data)["facts"]["amount"] == 40_000_000
    assert json.loads(record.data)["source"] == FactsSource.TYPED


def test_names_that_read_like_the_contract_are_ticked_instead_of_typed(guarantee):
    typed = {"amount": "40,000,000", "guaranteed_until": "R81.12.31", "read_from": "typed"} | BY_EYE

    shown = text(clerk(guarantee.tenant).post(at("check", guarantee), typed, follow=True))

    guarantee.refresh_from_db()
    assert guarantee.certificate_facts.work_title == guarantee.case.title
    assert guarantee.certificate_facts.number == NUMBER
    assert outcome(shown, "beneficiary") == "適合 契約と同じ記載であることを、目で確かめました。"
    assert [line["name"] for line in guarantee.findings if line["by_eye"]] == [
        "type",
        "number",
        "beneficiary",
        "work_title",
    ]


def test_a_tick_that_contradicts_what_was_typed_is_asked_about(guarantee):
    contrary = AS_READ | {"work_title": "別の工事", "same_work_title": "on"}

    response = clerk(guarantee.tenant).post(at("check", guarantee), contrary)

    assert response.status_code == 422
    assert "印と、入力した内容が食い違っています" in text(response)
    assert 'value="別の工事"' in text(response)


def test_the_page_shows_each_finding_with_its_reason(case):
    guarantee = submitted(case, type_="contract")

    shown = text(
        clerk(case.tenant).post(
            at("check", guarantee),
            AS_READ | {"type": "contract", "amount": "9,999,999", "guaranteed_until": "2026/9/29", "work_title": "別"},
            follow=True,
        )
    )

    assert outcome(shown, "amount") == "不足 必要な額 10,000,000円 に 1円 足りません。"
    assert outcome(shown, "guaranteed_until").startswith("不足")
    assert outcome(shown, "work_title").startswith("要確認 証書の工事名が契約と異なります。")
    assert outcome(shown, "beneficiary").startswith("適合")
    assert outcome(shown, "price") == "—"
    assert "保証を受理する" not in shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "たくさん"}, "金額として読めません"),
        ({"amount": "0"}, "1円以上"),
        ({"amount": "-1"}, "0円以上"),
        ({"guaranteed_until": "令和8年13月1日"}, "という日付はありません"),
        ({"guaranteed_until": ""}, "証書の保証期間の終わりを入力してください"),
        ({"beneficiary": ""}, "「契約と同じ」に印を付けてください"),
        ({"work_title": "工事\u202e名"}, "使えない"),
        ({"type": "nonsense"}, "正しく選択"),
    ],
)
def test_what_cannot_be_read_of_a_certificate_is_said_beside_what_was_typed(guarantee, values, said):
    response = clerk(guarantee.tenant).post(at("check", guarantee), AS_READ | values)

    assert response.status_code == 422
    assert said in text(response)
    assert f'value="{AS_READ["number"]}"' in text(response)
    guarantee.refresh_from_db()
    assert (guarantee.state, guarantee.findings) == (GuaranteeState.ROUTED, [])


def test_each_line_is_judged_while_it_is_typed_and_nothing_is_kept(guarantee):
    staff, before = clerk(guarantee.tenant), actions(guarantee)

    judged = text(staff.post(at("compare", guarantee), {"amount": "40,000,001", "guaranteed_until": "令和"}))

    assert outcome(judged, "amount") == "要確認 上限 40,000,000円 を 1円 超えています。"
    assert outcome(judged, "guaranteed_until") == outcome(judged, "beneficiary") == "—"
    assert judged.count("hx-swap-oob") == judged.count("id=")
    guarantee.refresh_from_db()
    assert (guarantee.facts, guarantee.findings, actions(guarantee)) == ({}, [], before)


def test_a_slip_of_reading_is_mended_on_the_same_desk(guarantee):
    checked(guarantee, amount=4_000_000, price=100_000_000)
    staff = clerk(guarantee.tenant)

    again = text(staff.get(reverse("guarantee", args=[guarantee.pk]) + "?edit=1"))

    assert 'value="4,000,000"' in again
    assert 'value="100,000,000"' in again
    assert 'value="令和81年12月31日"' in again
    assert "照合する" in again


def test_the_key_is_shown_on_one_answer_with_its_reason_and_the_portal_beside_it(guarantee):
    guarantee.institution.portal_url = "https://portal.example.jp/"
    guarantee.institution.save()
    staff = clerk(guarantee.tenant)

    silent = staff.post(at("reveal", guarantee), {"reveal-reason": " "})
    shown = staff.post(at("reveal", guarantee), {"reveal-reason": "閲覧のため"})
    after = staff.get(reverse("guarantee", args=[guarantee.pk]))

    assert silent.status_code == 422
    assert "認証キーを表示する理由を入力してください" in text(silent)
    assert f'data-copy="{KEY}"' in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert re.search(r'href="https://portal.example.jp/"\s+target="_blank"\s+rel="noopener noreferrer"', text(shown))
    assert KEY not in text(silent) + text(after)
    assert "portal.example.jp" not in text(after)


def test_the_desk_tells_who_looked_when_and_why(guarantee):
    staff = clerk(guarantee.tenant)
    staff.post(at("reveal", guarantee), {"reveal-reason": "閲覧のため"})

    story = text(staff.get(reverse("guarantee", args=[guarantee.pk]))).split("この保証の操作の記録", 1)[1]

    assert "認証キーを表示" in story
    assert "閲覧のため" in story
    assert re.search(r"職員 \d+", story)
    assert "保証を登録" in story


def test_a_decision_that_is_not_possible_now_is_refused_on_a_proper_page(guarantee):
    response = clerk(guarantee.tenant).post(at("accept", guarantee))

    assert response.status_code == 409
    assert "先に照合の結果をご確認ください" in text(response)


def test_a_rejection_without_a_reason_stays_on_the_page(guarantee):
    checked(guarantee)

    response = clerk(guarantee.tenant).post(at("reject", guarantee), {"reject-reason": " "})

    assert response.status_code == 422
    assert "受理しない理由を入力してください" in text(response)


def test_a_guarantee_may_be_rejected_before_anything_was_read(guarantee):
    page = text(clerk(guarantee.tenant).get(reverse("guarantee", args=[guarantee.pk])))

    assert at("reject", guarantee) in page


def saved(pdf: bytes) -> dict[str, object]:
    return {"screen-file": SimpleUploadedFile("certificate.pdf", pdf, content_type="application/pdf")}


def test_a_saved_certificate_is_read_into_the_form_and_kept_and_a_person_confirms(guarantee):
    staff = clerk(guarantee.tenant)

    response = staff.post(at("read", guarantee), saved(incoming.certificate().content))
    page = text(response)

    assert "項目を読み取りました" in page
    assert f'value="{guarantee.case.title}"' in page
    assert 'name="read_from" value="pdf"' in page
    assert outcome(page, "number").startswith("適合")
    guarantee.refresh_from_db()
    assert (guarantee.state, guarantee.facts) == (GuaranteeState.ROUTED, {})
    assert Attachment.unscoped.get(guarantee=guarantee).slot == PaperSlot.CERTIFICATE
    assert "guarantee.screen_read" in actions(guarantee)


def test_the_notice_is_not_taken_for_the_certificate(guarantee):
    response = clerk(guarantee.tenant).post(at("read", guarantee), saved(incoming.notice().content))

    assert response.status_code == 422
    assert "これは「認証キー」等のお知らせです。照合に使うのは証書の画面です。" in text(response)
    assert KEY not in text(response)
    assert not Attachment.unscoped.filter(guarantee=guarantee).exists()


@pytest.mark.parametrize("paper", [b"not a pdf", factories.pdf()])
def test_what_is_no_certificate_is_typed_instead(guarantee, paper):
    response = clerk(guarantee.tenant).post(at("read", guarantee), saved(paper))

    assert response.status_code == 422
    assert "証書を見ながら入力してください" in text(response)
    assert not Attachment.unscoped.filter(guarantee=guarantee).exists()


def test_no_file_is_asked_for(guarantee):
    response = clerk(guarantee.tenant).post(at("read", guarantee), {})

    assert response.status_code == 422
    assert "証書のPDFを選んでください" in text(response)

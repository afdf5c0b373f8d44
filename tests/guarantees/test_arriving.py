"""Papers are read and kept aside with their key sealed, and move to the guarantee when they are handed in."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import rounds
from accounts.models import Role
from accounts.refusals import Refusal
from audit.models import Event
from guarantees import services
from guarantees.models import Arrival, Attachment, Channel, Guarantee, Institution, PaperSlot
from guarantees.services import arriving, erasing, keeping, releasing
from guarantees.services.arriving import Dropped
from guarantees.states import GuaranteeState
from tests import factories
from tests.guarantees.conftest import KEY, NUMBER, checked, contracted, holder, officer, submitted
from tests.guarantees.incoming import certificate, mailed, notice
from tests.signing import producers
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db


def bring(case, *dropped, actor=None, channel=Channel.UPLOAD, about=True):
    return arriving.bring(
        dropped,
        city=case.tenant,
        actor=actor or holder(case),
        at=timezone.now(),
        channel=channel,
        case=case if about else None,
    )


def finish(arrival, case, *, actor=None, **values):
    facts = arrival.notice_facts
    typed = {
        "type_": facts.type or "advance",
        "institution": Institution.unscoped.get(tenant=case.tenant),
        "number": facts.number or NUMBER,
        "channel": Channel.UPLOAD,
    }
    return arriving.finish(arrival, case=case, actor=actor or holder(case), at=timezone.now(), **(typed | values))


def usuki():
    return contracted("usuki", on=date(2025, 4, 1))


def slots(row):
    return sorted(row.papers.values_list("slot", flat=True))


def test_a_notice_fills_what_is_handed_in_and_its_key_is_seen_by_nobody(case):
    (arrival,) = bring(case, notice())

    assert arrival.notice == {
        "type": "advance",
        "number": NUMBER,
        "work_title": "市道〇〇線道路改良工事",
        "orderer": "鳥栖市長",
        "guarantor": "西日本建設業保証株式会社",
    }
    assert (arrival.masked_key, arrival.remarks) == ("•" * len(KEY), [])
    assert KEY.encode() not in bytes(arrival.sealed_key)

    guarantee = finish(arrival, case)

    assert services.reveal(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="閲覧").key == KEY
    assert (guarantee.state, guarantee.notice["number"]) == (GuaranteeState.ROUTED, NUMBER)
    assert slots(guarantee) == ["notice"]
    assert files.read(guarantee.papers.get().file) == notice().content
    assert not Arrival.unscoped.exists()


def test_a_key_typed_over_the_one_that_was_read_counts(case):
    (arrival,) = bring(case, notice())

    guarantee = finish(arrival, case, key="Anders99")

    assert services.reveal(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="閲覧").key == "Anders99"


def test_tosu_refuses_a_certificate_in_the_words_of_its_guide_and_keeps_nothing(case):
    with pytest.raises(Refusal) as refused:
        bring(case, certificate())

    assert "保証証書で" in str(refused.value)
    assert "STEP3で保存したファイル（電子証書の内容を確認する画面）を誤って提出しない" in str(refused.value)
    assert not Attachment.unscoped.exists()


def test_tosu_keeps_the_notice_and_leaves_the_certificate_that_came_with_it(case):
    (arrival,) = bring(case, notice(), certificate())

    assert slots(arrival) == ["notice"]
    assert arrival.certificate == {}


def test_usuki_asks_for_the_second_paper_and_takes_it_into_the_same_guarantee():
    case = usuki()
    clerk = officer(case.tenant)
    title = case.title
    (arrival,) = bring(case, certificate(work_title=title), actor=clerk, channel=Channel.BRING)
    assert (slots(arrival), arrival.certificate["amount"]) == (["certificate_screen"], 40_000_000)
    with pytest.raises(Refusal, match="不足している書類：電子証書閲覧用"):
        finish(arrival, case, actor=clerk, channel=Channel.BRING, key=KEY, clause_set_used=True)

    arriving.complete(arrival, [notice(work_title=title)], city=case.tenant, actor=clerk, at=timezone.now())
    arrival.refresh_from_db()
    guarantee = finish(arrival, case, actor=clerk, channel=Channel.BRING, clause_set_used=True)

    assert slots(guarantee) == ["certificate_screen", "notice"]


def test_papers_that_were_not_dropped_may_be_ticked_by_a_clerk_who_holds_them():
    case = usuki()
    clerk = officer(case.tenant)
    (arrival,) = bring(case, notice(work_title=case.title), actor=clerk, channel=Channel.BRING)

    guarantee = finish(
        arrival, case, actor=clerk, channel=Channel.BRING, papers=["certificate_screen"], clause_set_used=True
    )

    assert guarantee.state == GuaranteeState.ROUTED


def test_a_better_copy_takes_the_place_of_the_one_before(case):
    (arrival,) = bring(case, notice())
    first = arrival.papers.get().file

    arriving.complete(arrival, [notice(key="Second-Key9")], city=case.tenant, actor=holder(case), at=timezone.now())

    arrival.refresh_from_db()
    assert arriving.key_of(arrival) == "Second-Key9"
    assert slots(arrival) == ["notice"]
    assert not StoredFile.objects.filter(pk=first.pk).exists()


def test_two_notices_at_once_become_two_guarantees(case):
    arrivals = bring(case, notice(), notice(number="2070009999", type="contract"))

    assert [arrival.notice["number"] for arrival in arrivals] == [NUMBER, "2070009999"]
    assert [finish(arrival, case).type for arrival in arrivals] == ["advance", "contract"]


def test_what_is_no_notice_is_refused_with_the_way_out(case):
    for content, said in ((b"\x89PNG", "PDFとして開けません"), (b"%PDF-1.4 broken", "PDFとして開けません")):
        with pytest.raises(Refusal, match=said) as refused:
            bring(case, Dropped("写真.pdf", content))
        assert "画面に入力して登録してください" in str(refused.value)


@pytest.mark.parametrize("count", [0, 11])
def test_no_file_and_too_many_are_refused(case, count):
    with pytest.raises(Refusal, match="10件まで"):
        bring(case, *[Dropped("a.pdf", b"%PDF-")] * count)


def test_a_file_beyond_the_limit_of_the_city_is_refused(case):
    case.tenant.max_file_bytes = 1024 * 1024

    with pytest.raises(Refusal, match="上限は1MB"):
        bring(case, Dropped("a.pdf", b"%PDF-" + b"0" * 1024 * 1024))


def test_a_mail_finds_its_case_by_the_subject_and_is_kept_with_its_notice(case):
    factories.case(case.tenant, number="別1", title="別の工事")
    clerk = officer(case.tenant)

    (arrival,) = bring(case, mailed(case, notice()), actor=clerk, about=False)

    assert (arrival.case_id, arrival.channel) == (case.pk, Channel.EMAIL)
    assert arrival.mail["address"] == case.contractor.email
    guarantee = finish(arrival, case, actor=clerk, channel=Channel.EMAIL)
    assert slots(guarantee) == ["mail", "notice"]
    assert guarantee.warnings == []


def test_a_mail_of_a_stranger_is_taken_with_a_warning(case):
    clerk = officer(case.tenant)
    (arrival,) = bring(case, mailed(case, notice(), sender="someone@example.com"), actor=clerk, about=False)

    guarantee = finish(arrival, case, actor=clerk, channel=Channel.EMAIL)

    assert guarantee.warnings == ["差出人（someone@example.com）は、受注者の登録されたアドレスではありません。"]


def test_a_mail_with_a_packed_file_says_what_to_do_and_is_completed_by_hand(case):
    clerk = officer(case.tenant)
    (arrival,) = bring(case, mailed(case, Dropped("お知らせ.zip", b"PK\x03\x04")), actor=clerk, about=False)

    assert arrival.remarks == [
        "圧縮されたファイル（お知らせ.zip）は開けません。中の PDF を取り出して、加えてください。"
    ]
    arriving.complete(arrival, [notice()], city=case.tenant, actor=clerk, at=timezone.now())
    arrival.refresh_from_db()

    assert slots(arrival) == ["mail", "notice"]
    assert arriving.key_of(arrival) == KEY


def test_a_mail_about_no_known_case_waits_for_a_person_to_choose(case):
    clerk = officer(case.tenant)

    (arrival,) = bring(
        case, mailed(case, notice(work_title="知らない工事"), subject="お知らせ"), actor=clerk, about=False
    )

    assert arrival.case is None
    assert finish(arrival, case, actor=clerk, channel=Channel.EMAIL).case == case


def test_a_contractor_hands_in_for_no_case_but_their_own(case):
    (arrival,) = bring(case, notice())
    other = contracted(number="他の案件", title="他の工事")

    with pytest.raises(Refusal, match="すでに登録されたか、破棄"):
        finish(arrival, other)


def test_handing_in_twice_makes_one_guarantee(case):
    (arrival,) = bring(case, notice())
    again = Arrival.unscoped.get(pk=arrival.pk)
    finish(arrival, case)

    with pytest.raises(Refusal, match="すでに登録されたか、破棄"):
        finish(again, case)
    assert Guarantee.unscoped.filter(number=NUMBER).count() == 1


def test_what_nobody_hands_in_is_thrown_away_with_its_bytes(case):
    (arrival,) = bring(case, notice())
    later = arrival.due_at + timedelta(seconds=1)
    assert not arriving.discard_next(tenant_id=case.tenant_id, at=arrival.due_at - timedelta(seconds=1))

    assert arriving.discard_next(tenant_id=case.tenant_id, at=later)

    assert not Arrival.unscoped.exists()
    assert not Attachment.unscoped.exists()
    assert not StoredFile.objects.exists()
    assert Event.objects.filter(action="guarantee.papers_discarded").count() == 1
    assert not arriving.discard_next(tenant_id=case.tenant_id, at=later)


def test_bytes_that_another_row_holds_are_not_thrown_away(case):
    (first,), (second,) = bring(case, notice()), bring(case, notice())

    arriving.discard(first, actor=holder(case), at=timezone.now())

    assert files.read(second.papers.get().file) == notice().content


def test_a_colleague_without_the_role_brings_nothing(case):
    with pytest.raises(Exception, match="役割"):
        bring(case, notice(), actor=factories.staff(case.tenant, Role.AUDITOR))


def test_a_link_that_was_sent_anew_shows_what_came_by_the_one_before(case):
    (arrival,) = bring(case, notice())

    services.invite_again(case, actor=officer(case.tenant), at=timezone.now())

    assert list(Arrival.objects.visible_to(holder(case))) == [arrival]


def test_nobody_sees_the_arrivals_of_others(case):
    (by_link,) = bring(case, notice())
    clerk = officer(case.tenant)
    (by_clerk,) = bring(case, notice(number="2070001111"), actor=clerk, channel=Channel.EMAIL)

    assert list(Arrival.objects.visible_to(holder(case))) == [by_link]
    assert list(Arrival.objects.visible_to(clerk)) == [by_clerk]
    assert not Attachment.objects.visible_to(clerk).filter(arrival=by_link).exists()


def test_the_papers_that_bear_the_key_go_with_the_key_and_leave_their_name(case):
    clerk = officer(case.tenant)
    (arrival,) = bring(case, mailed(case, notice()), actor=clerk, about=False)
    guarantee = checked(finish(arrival, case, actor=clerk, channel=Channel.EMAIL))
    services.accept(guarantee, actor=clerk, at=timezone.now())
    releasing.complete(case, actor=clerk, at=timezone.now(), completed_date=timezone.localdate())
    guarantee.refresh_from_db()

    assert erasing.erase_next(tenant_id=case.tenant_id, at=guarantee.key_due_at)

    papers = list(guarantee.papers.all())
    assert [(paper.slot, paper.file, paper.erased_at is None) for paper in papers] == [
        ("notice", None, False),
        ("mail", None, False),
    ]
    assert not StoredFile.objects.exists()
    with pytest.raises(Refusal, match="一緒に消しました"):
        keeping.open_(papers[0], actor=clerk, at=timezone.now(), reason="見たい")


def test_a_rejected_guarantee_gives_up_its_notice(case):
    (arrival,) = bring(case, notice())
    guarantee = finish(arrival, case)

    services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="金額が足りません")

    assert guarantee.papers.get().file is None


def test_a_paper_with_the_key_is_opened_only_with_a_reason_which_is_evidence(case):
    (arrival,) = bring(case, notice())
    paper = finish(arrival, case).papers.get()
    clerk = officer(case.tenant)

    with pytest.raises(Refusal, match="開く理由を入力してください"):
        keeping.open_(paper, actor=clerk, at=timezone.now())
    with pytest.raises(Refusal, match="役割がありません"):
        keeping.open_(paper, actor=factories.staff(case.tenant, Role.AUDITOR), at=timezone.now(), reason="見たい")
    content = keeping.open_(paper, actor=clerk, at=timezone.now(), reason="D-Sureで閲覧するため")

    assert content == notice().content
    event = Event.objects.filter(action="guarantee.paper_opened").get()
    assert "D-Sureで閲覧するため" in event.data


def private(case, **values):
    (arrival,) = bring(case, notice())
    given = {
        "slot": PaperSlot.CUSTOMER_COPY,
        "name": "お客様控え.pdf",
        "content": b"%PDF-1.7 copy",
        "shared": False,
        "actor": holder(case),
        "at": timezone.now(),
    }
    return keeping.add_private(finish(arrival, case), **(given | values))


def test_the_contractors_own_papers_are_seen_by_the_contractor_alone(case):
    paper = private(case)

    assert paper in Attachment.objects.visible_to(holder(case))
    assert paper not in Attachment.objects.visible_to(officer(case.tenant))
    assert keeping.open_(paper, actor=holder(case), at=timezone.now()) == b"%PDF-1.7 copy"
    assert "お客様控え.pdf" not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_paper_that_the_contractor_shares_is_seen_by_the_city(case):
    paper = private(case, slot=PaperSlot.PREMIUM, shared=True)

    assert paper in Attachment.objects.visible_to(officer(case.tenant))


def test_the_contractor_takes_back_their_own_papers_but_not_what_was_handed_in(case):
    paper = private(case)
    handed_in = paper.guarantee.papers.get(slot="notice")

    keeping.remove_private(paper, actor=holder(case), at=timezone.now())

    assert slots(handed_in.guarantee) == ["notice"]
    with pytest.raises(Refusal, match="提出したものなので消せません"):
        keeping.remove_private(handed_in, actor=holder(case), at=timezone.now())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"slot": PaperSlot.NOTICE}, "種類を選んでください"),
        ({"content": b"\x89PNG"}, "PDF ファイルを選んでください"),
    ],
)
def test_what_is_no_paper_of_their_own_is_refused(case, values, said):
    with pytest.raises(Refusal, match=said):
        private(case, **values)


def test_a_scan_is_kept_and_the_clerk_types_what_it_says(case):
    clerk = officer(case.tenant)
    (arrival,) = bring(case, Dropped("FAX.pdf", producers.scanned_in_black()), actor=clerk, channel=Channel.FAX)

    assert "文字の情報がありません" in arrival.remarks[0]
    assert (slots(arrival), arrival.sealed_key) == (["notice"], None)
    guarantee = finish(arrival, case, actor=clerk, channel=Channel.FAX, number=NUMBER, key=KEY)
    assert guarantee.warnings == ["定められた提出方法（電子メール、画面から登録）と異なり、FAXで受け取りました。"]


def test_a_scan_put_where_the_certificate_goes_is_the_certificate():
    case = usuki()
    clerk = officer(case.tenant)
    scan = producers.scanned_in_black()

    (arrival,) = bring(case, notice(work_title=case.title), Dropped("証書.pdf", scan, as_certificate=True), actor=clerk)

    assert slots(arrival) == ["certificate_screen", "notice"]


def test_papers_of_two_certificates_are_told_to_be_two(case):
    case = usuki()

    (arrival,) = bring(case, notice(), certificate(number="2079999999"), actor=officer(case.tenant))

    assert arrival.remarks == [
        f"お知らせの番号（{NUMBER}）と、保証証書の番号（2079999999）が異なります。組み合わせをご確認ください。"
    ]


def test_the_sweep_finds_what_lies(case):
    (arrival,) = bring(case, notice())

    assert not rounds.waiting("guarantees_what_lies", at=arrival.due_at - timedelta(seconds=1))
    (turn,) = rounds.waiting("guarantees_what_lies", at=arrival.due_at)
    assert (turn.tenant_id, turn.work) == (case.tenant_id, "discard")


def test_a_contractor_cannot_pile_up_what_is_never_handed_in(case, monkeypatch):
    monkeypatch.setattr(arriving, "MOST_WAITING", 1)
    bring(case, notice())

    with pytest.raises(Refusal, match="先に、登録するか破棄してください"):
        bring(case, notice())


def test_a_city_that_wants_the_printed_notice_takes_none_on_screen(case):
    case.rule_set.data["guarantee"]["policy"] = "printed_notice"

    with pytest.raises(Refusal, match="お知らせを印刷したものをご提出ください"):
        submitted(case)


def test_a_city_that_takes_anything_takes_a_certificate_with_a_typed_key(case):
    case.rule_set.data["guarantee"]["policy"] = "any"

    (arrival,) = bring(case, certificate())
    guarantee = finish(arrival, case, key=KEY)

    assert slots(guarantee) == ["certificate_screen"]

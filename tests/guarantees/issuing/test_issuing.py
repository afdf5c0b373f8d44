"""From an application to a sealed certificate: number, key, two papers, a mail, and what replaces it."""

import json
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from guarantees import tasks
from guarantees.facts import CertificateFacts
from guarantees.issuing.refusals import IssuingRefused
from guarantees.issuing.services import applying, correspondents, noticing, underwriting, viewing
from guarantees.models.issuing import IssuedCertificate, Side
from guarantees.states import ApplicationState, IssueState
from notifications import mail
from notifications.models import Delivery
from signing import pages, setup
from signing.attachments import attached
from signing.verification import verify
from tests.guarantees.issuing.conftest import CITY, FIRM, wish

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    """Read the pages as a reader does, without the spaces between lines."""
    return "".join("".join(pages.text(pdf, page=number).split()) for number in range(1, pages.count(pdf) + 1))


def mails(template: str) -> list[Delivery]:
    return list(Delivery.unscoped.filter(template=f"guarantees/{template}").order_by("pk"))


def words(delivery: Delivery) -> str:
    link = "https://example.jp/" if delivery.sealed_link else None
    said = mail.words(tenant=delivery.tenant, template=delivery.template, context=delivery.context, link=link)
    return said.subject + said.text + said.html


def test_an_application_tells_the_guarantor_and_waits(books):
    application = books.applied()

    assert application.state == ApplicationState.APPLIED
    (told,) = mails("issuing_applied")
    assert told.to == "hosho@nishinihon.example.jp"
    assert FIRM in words(told)
    assert "前払金保証" in words(told)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"work_until": date(2026, 3, 1)}, "工期の終わりが、始まりより前"),
        ({"base_price": 100_000_001}, "対象額は、総額を超えない"),
        ({"amount": 0}, "1円以上"),
        ({"amount": 100_000_001}, "請負金額を超えない"),
        ({"base_price": 30_000_000}, "請負金額を超えない"),
        ({"deposit_bank": "　"}, "金融機関を入力"),
    ],
)
def test_what_no_certificate_could_say_is_refused(books, values, said):
    with pytest.raises(IssuingRefused, match=said):
        books.applied(**values)


def test_a_contract_guarantee_names_no_bank(books):
    assert books.applied(type_="contract", amount=10_000_000, deposit_bank="").deposit_bank == ""


def test_taking_it_on_gives_a_number_and_a_key_that_stands_nowhere_in_clear(books):
    certificate = books.issued()

    assert certificate.state == IssueState.SEALING
    assert len(certificate.number) == 10
    assert certificate.number.isdigit()
    key = books.key(certificate)
    assert len(key) == 10
    assert key.encode() not in bytes(certificate.sealed_key)
    assert key not in json.dumps(certificate.facts)


def test_numbers_count_on_within_the_year_and_the_type(books):
    at = timezone.make_aware(timezone.datetime(2026, 3, 31, 12))

    def number(type_: str, moment) -> str:
        application = books.applied(type_=type_)
        return underwriting.issue(application, actor=books.underwriter, at=moment).number

    assert [number("advance", at), number("advance", at), number("contract", at)] == [
        "2520000001",
        "2520000002",
        "2510000001",
    ]
    assert number("advance", at + timedelta(days=1)) == "2620000001"


def test_an_application_is_decided_once(books):
    application = books.applied()
    books.issued(application)

    with pytest.raises(Exception, match="すでに手続きが進んでいる"):
        underwriting.decline(application, actor=books.underwriter, at=timezone.now(), reason="重複")
    assert IssuedCertificate.unscoped.count() == 1


def test_a_refusal_tells_the_applicant_why(books):
    application = books.applied()
    with pytest.raises(IssuingRefused, match="理由を入力"):
        underwriting.decline(application, actor=books.underwriter, at=timezone.now(), reason=" ")

    underwriting.decline(application, actor=books.underwriter, at=timezone.now(), reason="与信枠を超えています。")

    (told,) = mails("issuing_declined")
    assert told.to == books.firm.email
    assert "与信枠を超えています。" in words(told)


def test_the_certificate_carries_the_guarantors_own_seal_for_the_long_term(books):
    certificate = books.standing()

    pdf = viewing.pdf_of(certificate)
    report = verify(pdf, trust=setup.trust(), expected_fields=[f"FIELD_GUARANTEE-{certificate.number}_0"])
    (seal,) = report.signatures
    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")
    assert seal.signer.startswith("Nishinihon Kensetsu Hosho")
    assert seal.reason.startswith("西日本建設業保証株式会社 が")
    assert seal.reason.endswith("JSTにこの保証証書を発行しました")
    assert certificate.state == IssueState.CURRENT


def test_it_says_what_was_applied_for_to_people_and_to_machines(books):
    certificate = books.standing(base_price=90_000_000)

    pdf = viewing.pdf_of(certificate)
    told = text_of(pdf)
    for fact in (
        "保証証書（前払金保証）",
        f"保証契約番号{certificate.number}",
        f"{FIRM}様",
        f"{CITY}様",
        "40,000,000円",
        "請負金額（総額）100,000,000円",
        "請負金額（対象額）90,000,000円",
        "令和8年9月30日まで",
        "〇〇銀行△△支店",
        "西日本建設業保証株式会社",
        "代表取締役社長見本一郎",
        "佐賀支店",
    ):
        assert "".join(fact.split()) in told, fact
    assert "（変更）と表示" in told
    said = CertificateFacts.from_json(json.loads(attached(pdf, name="certificate.json")))
    assert said == CertificateFacts.from_json(certificate.facts)
    assert (said.amount, said.beneficiary, said.changed) == (40_000_000, CITY, False)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert list(opened.attachments) == ["certificate.json"]


def test_the_mail_says_that_it_is_registered_and_holds_no_key(books):
    certificate = books.standing()

    (told,) = mails("issuing_registered")
    said = words(told)
    assert told.to == books.firm.email
    assert "電子証書・認証キー登録のお知らせ" in said
    assert certificate.number in said
    assert "認証キーは、このメールには載せていません" in said
    assert books.key(certificate) not in said


def test_the_notice_holds_the_six_facts_of_the_guide(books):
    certificate = books.standing()

    pdf = noticing.download(certificate, actor=books.holder(books.firm), at=timezone.now())

    told = text_of(pdf)
    for fact in (
        "電子証書閲覧用「認証キー」等のお知らせ",
        "区分前払金保証",
        f"保証契約番号{certificate.number}",
        f"認証キー{books.key(certificate)}",
        "工事名市道〇〇線道路改良工事",
        f"発注者{CITY}",
        "保証機関西日本建設業保証株式会社",
        "②電子メールに添付して送信",
    ):
        assert fact in told, fact


def test_a_key_of_a_certificate_that_no_longer_stands_is_not_handed_out(books):
    certificate = books.standing()
    underwriting.cancel(certificate, actor=books.underwriter, at=timezone.now(), reason="契約の解除")
    certificate.refresh_from_db()

    for hand_out in (noticing.show, noticing.download):
        with pytest.raises(Exception, match="すでに手続きが進んでいる"):
            hand_out(certificate, actor=books.holder(books.firm), at=timezone.now())


def test_a_change_of_the_amount_gets_a_certificate_of_its_own_and_ends_the_one_before(books):
    before = books.standing()

    application = applying.apply_for_change(
        before,
        actor=books.holder(books.firm),
        at=timezone.now(),
        wish=wish(price=120_000_000, amount=48_000_000),
    )
    after = books.standing(application=application)

    before.refresh_from_db()
    assert (before.state, after.state) == (IssueState.CHANGED, IssueState.CURRENT)
    assert after.replaces == before
    assert after.number != before.number
    assert books.key(after) != books.key(before)
    told = text_of(viewing.pdf_of(after))
    assert "保証証書（前払金保証）（変更）" in told
    assert "48,000,000円" in told
    assert CertificateFacts.from_json(after.facts).changed


def test_the_one_before_stands_until_the_change_is_sealed(books):
    before = books.standing()
    at = timezone.now()
    changed = wish(price=120_000_000, amount=48_000_000)
    application = applying.apply_for_change(before, actor=books.holder(books.firm), at=at, wish=changed)

    books.issued(application)

    before.refresh_from_db()
    assert before.state == IssueState.CURRENT


def test_a_change_of_the_period_alone_needs_no_certificate(books):
    before = books.standing()

    with pytest.raises(IssuingRefused, match=r"工期だけの変更では、.*発行しません"):
        applying.apply_for_change(
            before, actor=books.holder(books.firm), at=timezone.now(), wish=wish(work_until=date(2026, 12, 28))
        )


def test_one_change_is_asked_for_at_a_time(books):
    before = books.standing()
    changed = wish(price=120_000_000, amount=48_000_000)
    applying.apply_for_change(before, actor=books.holder(books.firm), at=timezone.now(), wish=changed)

    with pytest.raises(IssuingRefused, match="すでに申し込まれています"):
        applying.apply_for_change(before, actor=books.holder(books.firm), at=timezone.now(), wish=changed)


def test_a_change_of_what_has_ended_is_not_taken_on(books):
    before = books.standing()
    changed = wish(price=120_000_000, amount=48_000_000)
    application = applying.apply_for_change(before, actor=books.holder(books.firm), at=timezone.now(), wish=changed)
    underwriting.cancel(before, actor=books.underwriter, at=timezone.now(), reason="契約の解除")

    with pytest.raises(IssuingRefused, match="もとの証書が、すでに有効ではありません"):
        books.issued(application)


def test_ending_a_guarantee_tells_both_sides(books):
    certificate = books.standing()

    underwriting.cancel(certificate, actor=books.underwriter, at=timezone.now(), reason="契約の解除による")

    told = mails("issuing_cancelled")
    assert [each.to for each in told] == [books.firm.email, books.city.email]
    assert all("契約の解除による" in words(each) for each in told)


def test_the_shared_key_of_the_installation_seals_no_certificate(books, settings):
    settings.SIGNING_KEYS = ""
    setup.keyring.cache_clear()
    certificate = books.issued()

    assert books.seal()

    certificate.refresh_from_db()
    assert certificate.state == IssueState.SEALING
    assert "この保証機関の署名の鍵が設定されていません" in certificate.last_error
    assert mails("issuing_registered") == []
    assert not books.seal(), "not before the pause is over"


def test_the_desk_names_what_could_not_be_sealed(books, settings):
    settings.SIGNING_KEYS = ""
    setup.keyring.cache_clear()
    certificate = books.issued()
    books.seal()

    page = books.desk().get(reverse("issuing")).content.decode()

    assert "署名を付けられていない証書が1件あります" in page
    assert page.count(certificate.number) == 2


def test_what_could_not_be_sealed_is_tried_again_after_a_pause(books, settings):
    settings.SIGNING_KEYS = ""
    setup.keyring.cache_clear()
    certificate = books.issued()
    books.seal()
    settings.SIGNING_KEYS = str(settings.SIGNING_PKCS12).replace("signer.p12", "keys.toml")
    setup.keyring.cache_clear()

    assert books.seal(at=timezone.now() + timedelta(minutes=1, seconds=1))

    certificate.refresh_from_db()
    assert (certificate.state, certificate.last_error) == (IssueState.CURRENT, "")


def test_the_bell_finds_a_certificate_to_seal(books, django_capture_on_commit_callbacks, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.issue, "apply_async", lambda **_: rung.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        certificate = books.issued()
    assert rung == [True]

    tasks.issue()

    certificate.refresh_from_db()
    assert certificate.state == IssueState.CURRENT


def test_a_name_is_entered_once_on_each_side(books):
    with pytest.raises(IssuingRefused, match="すでに登録されています"):
        books.entered(Side.ORDERER, CITY, "other@tosu.example.jp")
    assert books.entered(Side.APPLICANT, CITY, "other@tosu.example.jp").side == Side.APPLICANT


def test_a_token_is_kept_as_a_hash_and_the_newest_one_counts(books):
    first = correspondents.connect(books.city, actor=books.underwriter, at=timezone.now())
    second = correspondents.connect(books.city, actor=books.underwriter, at=timezone.now())

    assert correspondents.by_token(first) is None
    assert correspondents.by_token("") is None
    found = correspondents.by_token(second)
    assert found == books.city
    assert second not in str(vars(found))
    with pytest.raises(IssuingRefused, match="発注者だけ"):
        correspondents.connect(books.firm, actor=books.underwriter, at=timezone.now())


def test_everything_stands_in_the_log_of_the_guarantor(books):
    certificate = books.standing()
    noticing.show(certificate, actor=books.holder(books.firm), at=timezone.now())

    events = Event.objects.of_thread(books.guarantor.pk, applying.thread_of(certificate.application))
    assert [event.action for event in events] == [
        "issuing.key_shown",
        "issuing.sealed",
        "issuing.issued",
        "issuing.applied",
    ]
    assert all(event.label != event.action for event in events)
    assert books.key(certificate) not in "".join(event.data for event in events)

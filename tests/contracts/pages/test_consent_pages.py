"""The consent at the desk: read, held against the register, accepted, sent back, registered from a mail, withdrawn."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.models import Consent, Purpose
from contracts.services.consents import addresses, consenting
from contracts.states import ConsentState
from notifications.models import Delivery
from tests import factories
from tests.contracts.links.conftest import holder_of, joint_venture
from tests.stories import Story

pytestmark = pytest.mark.django_db
ELSEWHERE = "shiten@takasaki.example.jp"


@pytest.fixture
def client(tosu, desk):
    return desk(tosu.tenant, Role.DRAFTER)


def submitted(tosu: Story, **changes: str) -> Consent:
    tosu.invited()
    actor = tosu.holder(Purpose.CONSENT)
    return consenting.submit(tosu.consent, actor=actor, at=timezone.now(), answers=tosu.answers() | changes)


def at(name: str, consent: Consent) -> str:
    return reverse(name, args=[consent.pk])


def test_a_form_that_says_what_the_register_says_is_accepted_with_one_button(tosu, client):
    consent = submitted(tosu)
    html = client.get(at("consent_paper", consent)).content.decode()

    assert "名簿と異なる" not in html
    assert client.post(at("consent_accept", consent)).status_code == 302
    assert tosu.consent.state == ConsentState.ACCEPTED


def test_a_form_that_says_otherwise_is_accepted_only_with_the_tick(tosu, client):
    consent = submitted(tosu, authority_title="専務取締役")
    html = client.get(at("consent_paper", consent)).content.decode()
    for words in ("名簿と異なる内容があります", "代表取締役", "専務取締役", "名簿と異なることを確かめました"):
        assert words in html

    without = client.post(at("consent_accept", consent))

    assert without.status_code == 422
    assert "印を付けてください" in without.content.decode()
    client.post(at("consent_accept", consent), {"differences_checked": "on"})
    assert tosu.consent.state == ConsentState.ACCEPTED


def test_an_address_that_has_not_answered_is_waited_for_and_asked_again(tosu, client):
    consent = submitted(tosu, authority_email=ELSEWHERE)
    html = client.get(at("consent_paper", consent)).content.decode()

    assert "宛先の確認を待っています" in html
    assert "承諾を確認する" not in html
    assert "まだ確かめられていません" in client.post(at("consent_accept", consent)).content.decode()
    assert client.post(at("consent_ask", consent)).status_code == 302
    assert Delivery.unscoped.filter(template="contracts/address_asked").count() == 2


def test_an_earlier_submission_stays_readable_beside_the_last(tosu, client):
    first = submitted(tosu, authority_title="支店長")
    consenting.return_(first, actor=tosu.drafter, at=timezone.now(), reason="役職が違います")
    consenting.submit(
        tosu.consent,
        actor=tosu.holder(Purpose.CONSENT),
        at=timezone.now(),
        answers=tosu.answers() | {"authority_title": "代表取締役"},
    )

    address = at("consent_paper", first)
    last, before = (client.get(f"{address}{query}").content.decode() for query in ("", "?number=1"))

    assert "前に提出された承諾書です" not in last
    assert "前に提出された承諾書です" in before
    assert "役職が違います" in before
    assert "支店長" in before.split('id="paper"')[1]
    image = client.get(reverse("consent_page", args=[first.pk, 1]))
    earlier = client.get(reverse("consent_page", args=[first.pk, 1]), {"number": "1"})
    assert earlier.content != image.content
    handed = [client.post(at("consent_download", first), {"number": each}).content for each in ("1", "2")]
    assert handed[0] != handed[1]
    for wrong in ("9", "x", "²", "0", "9" * 30):
        assert client.get(address, {"number": wrong}).status_code == 404


def test_a_mailed_form_is_registered_per_firm_from_the_case_page(tosu, client):
    page = reverse("consent_mailed", args=[tosu.case.pk, tosu.case.contractor_id])
    assert page in client.get(reverse("case", args=[tosu.case.pk])).content.decode()
    known = tosu.answers(consenting.prefilled(tosu.case, tosu.case.contractor))

    missing = client.post(page, known)
    assert "承諾書の PDF を選んでください" in missing.content.decode()
    wrong = client.post(page, known | {"file": SimpleUploadedFile("x.pdf", b"PK")})
    assert "PDFファイルではありません" in wrong.content.decode()
    assert f'value="{known["contact_name"]}"' in wrong.content.decode()

    done = client.post(page, known | {"file": SimpleUploadedFile("様式第1号.pdf", factories.pdf())})

    assert done.status_code == 302
    assert tosu.consent.state == ConsentState.SUBMITTED
    assert "メールで提出" in client.get(at("consent_paper", tosu.consent)).content.decode()


def test_a_firm_of_another_case_cannot_be_named(tosu, client):
    other = factories.contractor(tosu.tenant)

    assert client.get(reverse("consent_mailed", args=[tosu.case.pk, other.pk])).status_code == 404


def test_a_withdrawal_that_came_by_telephone_is_registered_with_its_reason(tosu, client):
    tosu.accepted()
    assert "承諾の撤回が届いたとき" in client.get(at("consent_paper", tosu.consent)).content.decode()

    client.post(at("consent_withdraw", tosu.consent), {"reason": "電話で申出"})

    assert tosu.consent.state == ConsentState.WITHDRAWN
    html = client.get(at("consent_paper", tosu.consent)).content.decode()
    assert "電話で申出" in html


def test_another_authority_is_put_on_an_accepted_consent_and_has_to_answer(tosu, client):
    tosu.accepted()
    known = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}
    page = at("consent_authority", tosu.consent)

    assert client.post(page, known | {"reason": "交代"}).status_code == 422
    client.post(page, known | {"reason": "交代", "authority_email": ELSEWHERE})

    html = client.get(at("consent_paper", tosu.consent)).content.decode()
    assert "宛先の確認を待っています" in html
    addresses.confirm(tosu.consent, actor=holder_of(tosu.consent, Purpose.ADDRESS), at=timezone.now())
    assert "宛先の確認を待っています" not in client.get(at("consent_paper", tosu.consent)).content.decode()


def test_the_case_page_lists_every_firm_of_a_joint_venture_with_its_state(desk):
    venture = joint_venture()
    first, second = Consent.unscoped.filter(case=venture.case).order_by("pk")
    actor = holder_of(first, Purpose.CONSENT)
    answers = venture.answers(first) | {"authority_email": ELSEWHERE}
    consenting.submit(first, actor=actor, at=timezone.now(), answers=answers)

    html = desk(venture.tenant, Role.DRAFTER).get(reverse("case", args=[venture.case.pk])).content.decode()

    section = html.split('id="consent"')[1].split("</article>")[0]
    for words in (first.contractor.full_name, second.contractor.full_name, "代表構成員", "宛先の確認待ち", "提出待ち"):
        assert words in section


def test_an_invitation_is_taken_back_on_the_case_page_and_sent_anew(tosu, client):
    tosu.invited()
    link = tosu.address(Purpose.CONSENT)
    page, address = reverse("case", args=[tosu.case.pk]), at("consent_cancel", tosu.consent)
    assert address in client.get(page).content.decode()

    html = client.post(address, {"reason": "宛先の誤り"}, follow=True).content.decode()

    for words in (
        "依頼の取消し",
        "理由: 宛先の誤り",
        "承諾書の提出を依頼する",
        reverse("contractor_edit", args=[tosu.case.contractor_id]),
    ):
        assert words in html
    assert address not in html
    assert client.get(link).status_code == 404
    assert "承諾書の依頼を取消し" in client.get(reverse("case_list")).content.decode()
    client.post(reverse("case_invite", args=[tosu.case.pk]))
    html = client.get(page).content.decode()
    assert "承諾書の提出を待っています" in html
    assert "前の承諾書は依頼の取消しとなりました。" in html

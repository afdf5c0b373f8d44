"""様式第1号 from the invitation to the acceptance: per firm, its address asked, every submission kept."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.refusals import MovedOn
from audit.models import Event
from contracts.models import AccessLink, Consent, ConsentChannel, Purpose
from contracts.services.cases import registering
from contracts.services.consents import addresses, consenting
from contracts.services.consents.addresses import AddressRefused
from contracts.services.consents.consenting import ConsentRefused
from contracts.states import ConsentState, IllegalMove
from notifications.models import Delivery
from tests import factories
from tests.contracts.links.conftest import holder_of, joint_venture
from tests.stories import CONTACT, Story
from vault import files

pytestmark = pytest.mark.django_db
ELSEWHERE = "shiten@takasaki.example.jp"


def now():
    return timezone.now()


def submitted(tosu: Story, **changes: str) -> Consent:
    tosu.invited()
    actor = tosu.holder(Purpose.CONSENT)
    return consenting.submit(tosu.consent, actor=actor, at=now(), answers=tosu.answers() | changes)


def mailed(tosu: Story, content: bytes | None = None, **changes: str) -> Consent:
    firm = tosu.case.contractor
    known = consenting.prefilled(tosu.case, firm)
    return consenting.register_mailed(
        tosu.case,
        firm,
        actor=tosu.drafter,
        at=now(),
        answers=tosu.answers(known) | changes,
        content=factories.pdf() if content is None else content,
    )


def told(template: str) -> list[str]:
    return list(Delivery.unscoped.filter(template=f"contracts/{template}").order_by("pk").values_list("to", flat=True))


def test_the_methods_that_were_shown_and_agreed_to_stay_with_the_consent(tosu):
    at = now()
    consent = submitted(tosu)

    assert {line["topic"] for line in consent.methods} >= {"ファイルへの記録の方式", "必要な環境", "承諾の撤回"}
    assert consent.methods_agreed_at >= at


def test_a_form_that_came_to_the_authoritys_own_address_needs_no_second_round_trip(tosu):
    consent = submitted(tosu)

    assert consent.address_confirmed_at == consent.submitted_at
    assert told("address_asked") == []


def test_another_address_is_asked_and_nothing_is_accepted_before_it_answers(tosu):
    consent = submitted(tosu, authority_email=ELSEWHERE)

    assert told("address_asked") == [ELSEWHERE]
    with pytest.raises(ConsentRefused, match="まだ確かめられていません"):
        consenting.accept(consent, actor=tosu.drafter, at=now(), differences_checked=True)

    addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now())
    accepted = consenting.accept(consent, actor=tosu.drafter, at=now(), differences_checked=True)

    assert accepted.state == ConsentState.ACCEPTED
    assert told("address_confirmed") == [tosu.drafter.email]
    assert told("consent_accepted") == [ELSEWHERE]


def test_the_question_is_sent_again_and_the_older_link_dies(tosu):
    consent = submitted(tosu, authority_email=ELSEWHERE)
    first = holder_of(consent, Purpose.ADDRESS)

    addresses.ask_again(consent, actor=tosu.drafter, at=now() + timedelta(seconds=1))

    assert told("address_asked") == [ELSEWHERE, ELSEWHERE]
    assert AccessLink.unscoped.get(pk=first.link_id).revoked_at is not None
    addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now())
    with pytest.raises(AddressRefused, match="すでに済んで"):
        addresses.ask_again(consent, actor=tosu.drafter, at=now())


def test_only_the_holder_of_the_mail_to_that_address_may_confirm_it(tosu):
    consent = submitted(tosu, authority_email=ELSEWHERE)
    other = factories.Actor(**(vars(holder_of(consent, Purpose.ADDRESS)) | {"email": "someone@example.jp"}))

    for actor in (other, tosu.drafter):
        with pytest.raises((PermissionDenied, MovedOn)):
            addresses.confirm(consent, actor=actor, at=now())
    assert tosu.consent.address_confirmed_at is None


def test_what_differs_from_the_register_is_accepted_only_by_someone_who_says_so(tosu):
    consent = submitted(tosu, authority_title="専務取締役")

    with pytest.raises(ConsentRefused, match="名簿と異なる"):
        consenting.accept(consent, actor=tosu.drafter, at=now())
    consenting.accept(consent, actor=tosu.drafter, at=now(), differences_checked=True)

    written = Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).get(action="consent.accepted")
    assert "契約締結権限者の役職（名簿: 代表取締役 / 承諾書: 専務取締役）" in written.data


def test_every_submission_stays_readable_with_the_reason_it_came_back_for(tosu):
    first = submitted(tosu, authority_title="支店長")
    consenting.return_(first, actor=tosu.drafter, at=now(), reason="役職が違います")
    again = consenting.submit(
        tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=now(), answers=tosu.answers() | CONTACT
    )

    kept = list(again.submissions.order_by("number"))
    assert [(each.number, each.return_reason) for each in kept] == [(1, "役職が違います"), (2, "")]
    assert kept[0].paper.sha256 == first.paper.sha256
    assert all(files.read(each.paper).startswith(b"%PDF-") for each in kept)


def test_an_address_that_answered_need_not_answer_again_when_the_form_comes_back(tosu):
    consent = submitted(tosu, authority_email=ELSEWHERE)
    addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now())
    consenting.return_(tosu.consent, actor=tosu.drafter, at=now(), reason="電話番号が違います")

    actor = tosu.holder(Purpose.CONSENT)
    again = consenting.submit(tosu.consent, actor=actor, at=now(), answers=tosu.answers())
    assert again.address_confirmed_at is not None

    consenting.return_(again, actor=tosu.drafter, at=now(), reason="宛先が違います")
    answers = tosu.answers() | {"authority_email": "honsha@takasaki.example.jp"}
    changed = consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=now(), answers=answers)
    assert changed.address_confirmed_at is None


def test_a_mailed_form_is_registered_with_its_pdf_and_its_address_is_always_asked(tosu):
    content = factories.pdf(2)
    consent = mailed(tosu, content)

    assert (consent.state, consent.channel) == (ConsentState.SUBMITTED, ConsentChannel.MAIL)
    assert files.read(consent.paper) == content
    assert told("address_asked") == [tosu.case.contractor.email]
    assert told("consent_submitted") == []


def test_whoever_mailed_the_form_agrees_to_the_methods_when_the_address_answers(tosu):
    consent = mailed(tosu)

    with pytest.raises(AddressRefused, match="方法を確かめ"):
        addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now())
    addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now(), methods_agreed=True)

    assert tosu.consent.methods_agreed_at is not None
    assert consenting.accept(tosu.consent, actor=tosu.drafter, at=now()).state == ConsentState.ACCEPTED


def test_a_mailed_form_may_follow_an_invitation_but_not_another_form(tosu):
    tosu.invited()
    mailed(tosu)

    assert Consent.unscoped.filter(case=tosu.case).count() == 1
    with pytest.raises(ConsentRefused, match="すでに提出"):
        mailed(tosu)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "中身が空"), (b"PK\x03\x04", "PDFファイルではありません"), (factories.pdf(password="x"), "パスワード")],
)
def test_a_mailed_file_that_cannot_be_kept_is_refused_with_what_to_do(tosu, content, words):
    with pytest.raises(ConsentRefused, match=words):
        mailed(tosu, content)

    assert not Consent.unscoped.filter(case=tosu.case).exists()


def test_the_same_consent_is_accepted_once(tosu):
    tosu.accepted()

    with pytest.raises(IllegalMove):
        consenting.accept(tosu.consent, actor=tosu.drafter, at=now())


def test_paper_voids_every_firms_consent_and_kills_its_links():
    venture = joint_venture()
    first, second = Consent.unscoped.filter(case=venture.case).order_by("pk")
    answers = venture.answers(first)
    consenting.submit(first, actor=holder_of(first, Purpose.CONSENT), at=now(), answers=answers)
    consenting.accept(first, actor=venture.drafter, at=now())

    registering.switch_to_paper(venture.case, actor=venture.drafter, at=now(), contract_date=timezone.localdate())

    states = Consent.unscoped.filter(case=venture.case).values_list("state", flat=True)
    assert set(states) == {ConsentState.VOID_BY_PAPER}
    assert not AccessLink.unscoped.filter(consent__case=venture.case, revoked_at=None).exists()
    assert second.submissions.count() == 0


def test_an_accepted_consent_takes_a_new_authority_once_its_address_answers(tosu):
    tosu.accepted()
    old = tosu.consent.authority_email
    answers = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}
    answers |= {"authority_name": "濵田　二郎", "authority_email": ELSEWHERE}

    addresses.change_authority(tosu.consent, actor=tosu.drafter, at=now(), answers=answers, reason="支店長の交代")

    changed = tosu.consent
    assert (changed.state, changed.authority_name) == (ConsentState.ACCEPTED, "濵田　二郎")
    assert changed.address_confirmed_at is None
    assert set(told("authority_changed")) == {old, tosu.drafter.email}
    addresses.confirm(changed, actor=holder_of(changed, Purpose.ADDRESS), at=now())
    assert tosu.consent.address_confirmed_at is not None
    assert told("consent_accepted") == [old, ELSEWHERE]
    living = AccessLink.unscoped.filter(consent=changed, purpose=Purpose.STANDING, revoked_at=None)
    assert [link.email for link in living] == [ELSEWHERE]


def test_the_firm_itself_may_name_another_authority_behind_its_standing(tosu):
    tosu.accepted()
    answers = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}
    answers |= {"authority_email": ELSEWHERE}

    actor = holder_of(tosu.consent, Purpose.STANDING)
    changed = addresses.change_authority(tosu.consent, actor=actor, at=now(), answers=answers, reason="宛先の変更")

    assert changed.authority_email == ELSEWHERE


def test_no_authority_is_changed_in_the_middle_of_signing_or_for_nothing(tosu):
    tosu.accepted()
    same = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}
    with pytest.raises(AddressRefused, match="変わっていません"):
        addresses.change_authority(tosu.consent, actor=tosu.drafter, at=now(), answers=same, reason="交代")


def test_a_contract_under_way_keeps_its_signer(tosu):
    tosu.sent()
    answers = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}

    with pytest.raises(AddressRefused, match="途中"):
        addresses.change_authority(
            tosu.consent,
            actor=tosu.drafter,
            at=now(),
            answers=answers | {"authority_email": ELSEWHERE},
            reason="交代",
        )


def cancel(tosu: Story, reason: str = "宛先の誤り") -> Consent:
    return consenting.cancel(tosu.consent, actor=tosu.drafter, at=now(), reason=reason)


def test_an_invitation_to_a_wrong_address_is_cancelled_and_the_next_goes_where_the_register_says_then(tosu):
    tosu.invited()
    wrong = tosu.consent.contractor.email

    cancelled = cancel(tosu)
    tosu.case.contractor.email = ELSEWHERE
    tosu.case.contractor.save(update_fields=["email"])
    (again,) = consenting.invite(tosu.case, actor=tosu.drafter, at=now())

    assert (cancelled.state, cancelled.cancel_reason) == (ConsentState.CANCELLED, "宛先の誤り")
    assert told("invitation_cancelled") == [wrong]
    assert told("consent_invited") == [wrong, ELSEWHERE]
    assert (again.state, again.authority_email) == (ConsentState.INVITED, ELSEWHERE)
    living = AccessLink.unscoped.filter(purpose=Purpose.CONSENT, revoked_at=None)
    assert [(link.consent_id, link.email) for link in living] == [(again.pk, ELSEWHERE)]


def test_a_second_mail_to_a_corrected_address_leaves_the_first_link_dead(tosu):
    tosu.invited()
    tosu.case.contractor.email = ELSEWHERE
    tosu.case.contractor.save(update_fields=["email"])

    consenting.invite(tosu.case, actor=tosu.drafter, at=now())

    assert [link.email for link in AccessLink.unscoped.filter(consent=tosu.consent, revoked_at=None)] == [ELSEWHERE]


def test_an_invitation_is_cancelled_only_with_a_reason_and_only_before_the_form_has_come(tosu):
    tosu.invited()
    with pytest.raises(ConsentRefused, match="理由を入力"):
        cancel(tosu, reason="　")

    consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=now(), answers=tosu.answers())

    with pytest.raises(MovedOn):
        cancel(tosu)


def test_after_the_invitation_is_cancelled_the_awardee_may_be_corrected(tosu):
    tosu.invited()
    cancel(tosu)
    other = factories.contractor(tosu.tenant, name="㈱濵田組")

    corrected = registering.correct(
        tosu.case, actor=tosu.drafter, at=now(), edit_number=tosu.case.edit_number, contractor=other
    )

    assert corrected.contractor == other

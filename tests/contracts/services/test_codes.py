"""A signature that asks for more than the link: who is asked, what counts as proof, and how guessing ends."""

import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import Refusal
from audit.models import Event
from contracts import passcodes
from contracts.models import AccessLink, Purpose, SigningCode, SigningLevel
from contracts.services.consents import addresses
from contracts.services.signatures import codes, ending, proving, reassigning, signing
from contracts.services.versions import drafting
from contracts.states import StepState
from notifications.models import Delivery
from tests import factories
from tests.contracts.coded import BY_PHONE, SECOND, asking_for, made, mailed, of, proved, wrong
from tests.stories import Story

pytestmark = pytest.mark.django_db
BY_LINK = "メールのリンク"


@pytest.fixture
def told(db: None) -> Story:
    return asking_for("access_code").sent()


@pytest.fixture
def by_mail(db: None) -> Story:
    return asking_for("one_time_code").sent(contact_email=SECOND)


def instruct(told: Story, *, proof_id: int | None, **more):
    at = more.pop("at", timezone.now())
    holder = told.holder(Purpose.SIGN)
    return signing.instruct(told.step(1), actor=holder, at=at, authentication=BY_LINK, proof_id=proof_id)


def enter(told: Story, code: str, *, at=None):
    return codes.enter(told.step(1), actor=told.holder(Purpose.SIGN), at=at or timezone.now(), code=code)


def actions(told: Story) -> list[str]:
    return list(Event.objects.of_thread(told.tenant.pk, told.case.thread).values_list("action", flat=True))


# だれに何を求めるか


@pytest.mark.parametrize(
    ("from_amount", "level"), [(11_000_000, SigningLevel.ACCESS_CODE), (11_000_001, SigningLevel.LINK)]
)
def test_the_amount_of_the_contract_decides_the_least_level(from_amount, level):
    told = asking_for("access_code", from_amount=from_amount).sent()

    assert [step.level for step in told.version.steps.order_by("order")] == [level, SigningLevel.LINK]


def test_a_drafter_may_ask_for_more_than_the_rules_but_not_for_less():
    stronger = asking_for("access_code")
    stronger.accepted(contact_email=SECOND)
    version = drafting.draft(stronger.case, actor=stronger.drafter, at=timezone.now(), signatory=stronger.signatory)
    stronger.send(version, level="one_time_code")
    assert (stronger.step(1).level, stronger.step(1).second_email) == (SigningLevel.ONE_TIME_CODE, SECOND)

    weaker = asking_for("access_code")
    weaker.accepted()
    version = drafting.draft(weaker.case, actor=weaker.drafter, at=timezone.now(), signatory=weaker.signatory)
    weaker.send(version, level="link")
    assert weaker.step(1).level == SigningLevel.ACCESS_CODE


def test_the_next_version_keeps_what_the_drafter_chose(told):
    asked = asking_for("link")
    asked.accepted()
    version = drafting.draft(asked.case, actor=asked.drafter, at=timezone.now(), signatory=asked.signatory)
    asked.send(version, level="access_code")
    ending.recall(asked.version, actor=asked.drafter, at=timezone.now(), reason="誤記")

    again = drafting.draft(asked.case, actor=asked.drafter, at=timezone.now(), signatory=asked.signatory)

    assert (again.number, again.level) == (2, "access_code")


def test_the_contact_who_only_looks_and_the_city_are_asked_for_no_code():
    told = asking_for("access_code")
    factories.rule_set(
        told.tenant, signing={"contact_confirms": True, "levels": [{"from_amount": 0, "level": "access_code"}]}
    )
    told.case.rule_set = told.case.rule_set.__class__.unscoped.filter(tenant=told.tenant).latest("number")
    told.case.save(update_fields=["rule_set"])
    told.sent(contact_email=SECOND)

    steps = told.version.steps.order_by("order")

    assert [(step.kind, step.party, step.level) for step in steps] == [
        ("confirm", "contractor", "link"),
        ("sign", "contractor", "access_code"),
        ("sign", "city", "link"),
    ]


def test_without_a_second_address_a_one_time_code_is_refused_with_what_to_do():
    told = asking_for("one_time_code")
    told.accepted()
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)

    with pytest.raises(Refusal, match="契約事務担当者のメールアドレスを登録してから"):
        drafting.submit(version, actor=told.drafter, at=timezone.now())

    consent = told.consent
    with pytest.raises(Refusal, match="別のメールアドレス"):
        change_contact(told, email=consent.authority_email.upper())
    change_contact(told, email=SECOND)
    drafting.submit(version, actor=told.drafter, at=timezone.now())
    assert told.step(1).second_email == SECOND
    notice = Delivery.unscoped.get(template="contracts/contact_changed")
    assert (notice.to, notice.context["contact_email"]) == (consent.authority_email, SECOND)


def change_contact(told: Story, *, email: str):
    return addresses.change_contact(
        told.consent, actor=told.drafter, at=timezone.now(), email=email, reason="電話で届出があったため"
    )


def test_the_contacts_address_is_put_right_while_the_signature_waits_and_older_codes_die(by_mail):
    codes.send(by_mail.step(1), actor=by_mail.holder(Purpose.SIGN), at=timezone.now())
    former = mailed(by_mail)

    change_contact(by_mail, email="other@takasaki.example.jp")

    assert by_mail.step(1).second_email == "other@takasaki.example.jp"
    with pytest.raises(codes.CodeRefused):
        enter(by_mail, former)
    codes.send(by_mail.step(1), actor=by_mail.holder(Purpose.SIGN), at=timezone.now())
    assert Delivery.unscoped.filter(template="contracts/one_time_code").latest("pk").to == "other@takasaki.example.jp"


def test_the_contacts_address_is_left_alone_while_a_contract_is_under_way_without_such_a_code(told):
    with pytest.raises(Refusal, match="契約の手続きの途中"):
        change_contact(told, email="other@takasaki.example.jp")


def test_the_database_knows_too_who_may_be_asked_for_a_code(told):
    city, contractor = told.step(2), told.step(1)
    for row, changes in (
        (city, {"level": "access_code"}),
        (contractor, {"level": "one_time_code"}),
        (contractor, {"level": "one_time_code", "second_email": contractor.email.upper()}),
        (contractor, {"second_email": SECOND}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).unscoped.filter(pk=row.pk).update(**changes)


# アクセスコード


def test_an_access_code_is_told_once_and_kept_as_a_hash(told):
    code = made(told)

    assert re.fullmatch(f"[{passcodes.LETTERS}]{{8}}", code)
    assert len(passcodes.LETTERS) ** 8 > 2**20
    found = of(told)
    assert found.expires_at == told.version.expires_at
    with connection.cursor() as cursor:
        for table in ("contracts_signingcode", "audit_event", "notifications_delivery"):
            cursor.execute(f"select t::text from {table} t")
            assert not [row for (row,) in cursor.fetchall() if code in row or passcodes.grouped(code) in row]


def test_only_a_drafter_makes_codes_and_only_while_the_signature_is_asked_for(told):
    link_only = asking_for("link").sent()
    with pytest.raises(PermissionDenied):
        codes.issue(
            told.step(1),
            actor=factories.staff(told.tenant, Role.APPROVER),
            at=timezone.now(),
            conveyed=BY_PHONE,
            instead_of=None,
        )
    with pytest.raises(Refusal):
        made(link_only)
    with pytest.raises(Refusal, match="期限を過ぎた"):
        made(told, at=told.version.expires_at)
    instruct(told, proof_id=proved(told).pk)
    with pytest.raises(Refusal):
        made(told)


def test_pressing_twice_makes_one_code(told):
    code = made(told)

    with pytest.raises(Refusal, match="すでに作り直されています"):
        codes.issue(told.step(1), actor=told.drafter, at=timezone.now(), conveyed=BY_PHONE, instead_of=None)

    assert enter(told, code) is not None


def test_a_new_code_kills_the_old_one_and_what_it_proved(told):
    old = made(told)
    proof = enter(told, old)

    new = made(told)

    assert enter(told, old) is None
    with pytest.raises(proving.ProofMissing):
        instruct(told, proof_id=proof.pk)
    assert instruct(told, proof_id=enter(told, new).pk).state == StepState.INSTRUCTED


def test_five_wrong_tries_lock_the_code_until_staff_make_another(told):
    code = made(told)
    for number in range(1, 6):
        assert enter(told, wrong(code)) is None
        assert of(told).wrong_tries == number

    with pytest.raises(codes.CodeRefused, match="発行をご依頼ください"):
        enter(told, code)
    assert actions(told).count("code.refused") == 5
    assert actions(told).count("code.locked") == 1
    assert enter(told, made(told)) is not None


def test_a_right_code_does_not_forgive_the_wrong_ones_before(told):
    code = made(told)
    for _ in range(4):
        enter(told, wrong(code))

    assert enter(told, code) is not None
    assert enter(told, wrong(code)) is None

    assert of(told).is_locked


# 署名の指示


def test_a_signature_without_its_code_is_refused_by_the_service_itself(told):
    made(told)

    with pytest.raises(proving.ProofMissing, match="もう一度入力してください"):
        instruct(told, proof_id=None)
    with pytest.raises(proving.ProofMissing):
        ending.decline(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), reason="金額の誤り")

    assert told.step(1).state == StepState.REQUESTED


def test_the_signature_and_the_log_say_how_the_signer_was_known(told):
    step = instruct(told, proof_id=proved(told).pk)

    assert step.authentication == "メールのリンク＋アクセスコード（電話 0942-00-0001で伝達）"
    event = Event.objects.of_thread(told.tenant.pk, told.case.thread).get(action="step.instructed")
    data = json.loads(event.data)
    assert (data["authentication"], data["level"]) == (step.authentication, "access_code")


def test_a_proof_is_good_for_sixty_minutes(told):
    given_at = timezone.now()
    proof = proved(told, at=given_at)

    with pytest.raises(proving.ProofMissing):
        instruct(told, proof_id=proof.pk, at=given_at + timedelta(minutes=60, seconds=1))
    assert instruct(told, proof_id=proof.pk, at=given_at + timedelta(minutes=60)).state == StepState.INSTRUCTED


def test_a_proof_of_one_contract_says_nothing_about_another(told):
    other = asking_for("access_code").sent()

    with pytest.raises(proving.ProofMissing):
        instruct(told, proof_id=proved(other).pk)


def test_a_proof_dies_with_its_link(told):
    proof = proved(told)
    holder = told.holder(Purpose.SIGN)
    told.address(Purpose.SIGN)  # リンクを送り直す

    with pytest.raises(proving.ProofMissing):
        instruct(told, proof_id=proof.pk)
    with pytest.raises(proving.ProofMissing):
        signing.instruct(told.step(1), actor=holder, at=timezone.now(), authentication=BY_LINK, proof_id=proof.pk)


def test_a_proof_dies_when_the_link_runs_out(told):
    proof = proved(told)
    AccessLink.unscoped.filter(purpose=Purpose.SIGN).update(expires_at=timezone.now())

    with pytest.raises(proving.ProofMissing):
        instruct(told, proof_id=proof.pk)


def test_another_signer_needs_another_code(told):
    code = made(told)
    reassigning.reassign(
        told.step(1),
        actor=told.drafter,
        at=timezone.now(),
        title="支店長",
        name="濵田　二郎",
        email="hamada@takasaki.example.jp",
        reason="人事異動",
    )

    with pytest.raises(codes.CodeRefused):
        enter(told, code)
    assert told.step(1).lacks_code


# ワンタイムコード


def test_a_one_time_code_goes_to_the_second_address_and_opens_once(by_mail):
    codes.send(by_mail.step(1), actor=by_mail.holder(Purpose.SIGN), at=timezone.now())
    code = mailed(by_mail)
    assert re.fullmatch("[0-9]{8}", code)

    proof = enter(by_mail, code)

    with pytest.raises(codes.CodeRefused, match="送り直してください"):
        enter(by_mail, code)
    step = instruct(by_mail, proof_id=proof.pk)
    assert step.authentication == "メールのリンク＋ワンタイムコード（第二の宛先に送信）"


def test_a_one_time_code_lives_ten_minutes(by_mail):
    at = timezone.now()
    codes.send(by_mail.step(1), actor=by_mail.holder(Purpose.SIGN), at=at)

    with pytest.raises(codes.CodeRefused):
        enter(by_mail, mailed(by_mail), at=at + timedelta(minutes=10))
    assert enter(by_mail, mailed(by_mail), at=at + timedelta(minutes=9, seconds=59)) is not None


def test_five_codes_an_hour_are_sent_and_each_kills_the_one_before(by_mail):
    at, holder = timezone.now(), by_mail.holder(Purpose.SIGN)
    codes.send(by_mail.step(1), actor=holder, at=at)
    first = mailed(by_mail)
    for minute in range(1, 5):
        codes.send(by_mail.step(1), actor=holder, at=at + timedelta(minutes=minute))

    with pytest.raises(codes.CodeRefused, match="1時間に5回まで"):
        codes.send(by_mail.step(1), actor=holder, at=at + timedelta(minutes=59))
    codes.send(by_mail.step(1), actor=holder, at=at + timedelta(minutes=60))
    assert SigningCode.unscoped.filter(step=by_mail.step(1)).count() == 6
    if first != mailed(by_mail):
        assert enter(by_mail, first, at=at + timedelta(minutes=61)) is None


def test_a_one_time_code_belongs_to_the_link_behind_which_it_was_asked_for(by_mail):
    codes.send(by_mail.step(1), actor=by_mail.holder(Purpose.SIGN), at=timezone.now())
    by_mail.address(Purpose.SIGN)

    with pytest.raises(codes.CodeRefused):
        enter(by_mail, mailed(by_mail))


def test_the_signer_cannot_be_moved_to_the_address_that_gets_the_codes(by_mail):
    with pytest.raises(Refusal, match="ワンタイムコードの送り先と同じ"):
        reassigning.reassign(
            by_mail.step(1),
            actor=by_mail.drafter,
            at=timezone.now(),
            title="主任",
            name="川﨑　花子",
            email=SECOND.upper(),
            reason="人事異動",
        )

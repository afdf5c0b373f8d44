"""What the contractor's side has not answered: consents, requests to sign, downloads."""

from datetime import date, timedelta

import pytest

from accounts.models import Role
from contracts.models import Case, Consent, ConsentSubmission, Contract, ContractKind, Purpose, SigningStep
from contracts.states import CaseState, ConsentState, StepState, VersionState
from tests import factories
from tests.contracts.reminding import scene
from tests.contracts.reminding.scene import FIRM

pytestmark = pytest.mark.django_db
AWARDED, DEADLINE = date(2026, 3, 5), date(2026, 3, 10)


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def drafter(city):
    return factories.member(city, Role.DRAFTER, email="drafter@tosu.example.jp")


@pytest.fixture
def mayor(city):
    return factories.member(city, Role.SIGNATORY)


@pytest.fixture
def case(city, drafter):
    return scene.case(city, awarded=AWARDED, by=factories.actor(drafter, city))


def sweep_march(city, *, first: int = 6, last: int = 17) -> None:
    for day in range(first, last + 1):
        scene.sweep(city, date(2026, 3, day))


def test_a_firm_that_has_not_consented_is_asked_again_until_the_deadline(city, case, drafter):
    scene.consent(case, asked=AWARDED)

    sweep_march(city)

    # 7日は土曜日なので、次の開庁日の 9日に、その日の分と合わせて知らせる
    assert scene.told(rule="consent") == [(date(2026, 3, 9), drafter.email), (date(2026, 3, 9), FIRM)]
    assert scene.told(rule="deadline_firm") == [(day, FIRM) for day in march(8, 9, 10)]


def test_a_consent_that_was_asked_for_again_waits_from_then_on_at_the_new_address(city, case):
    consent = scene.consent(case, asked=AWARDED)
    scene.link(case, Purpose.CONSENT, made=date(2026, 3, 8), consent=consent, email="new@takasaki.example.jp")

    sweep_march(city)

    told = scene.told(rule="consent")
    assert {day for day, _to in told} == {DEADLINE}
    assert FIRM not in {to for _day, to in told}


def test_a_consent_that_was_sent_back_waits_from_that_day(city, case):
    Case.unscoped.filter(pk=case.pk).update(conclusion_deadline_date=None)
    consent = scene.consent(case, asked=AWARDED)
    submitted = {"submitted_at": scene.moment(date(2026, 3, 9)), "paper": scene.paper(city)}
    rows = Consent.unscoped.filter(pk=consent.pk)
    rows.update(state=ConsentState.SUBMITTED, authority_email=FIRM, **submitted)
    rows.update(state=ConsentState.RETURNED)
    returned = {"returned_at": scene.moment(date(2026, 3, 23)), "return_reason": "支店名"}
    ConsentSubmission.unscoped.create(tenant=city, consent=consent, number=1, channel="form", **submitted, **returned)

    sweep_march(city, first=24, last=31)

    # 29日（日）の分は、次の開庁日の 30日に知らせる
    assert [day for day, to in scene.told(rule="consent") if to == FIRM] == march(25, 27, 29, 31)


def test_a_consent_that_came_is_not_asked_for(city, case):
    consent = scene.consent(case, asked=AWARDED)
    Consent.unscoped.filter(pk=consent.pk).update(state=ConsentState.VOID_BY_PAPER)

    sweep_march(city)

    assert scene.told(rule="consent") == scene.told(rule="deadline_firm") == []


def test_an_unopened_request_is_told_to_the_signer_and_to_the_staff_while_its_link_lives(city, case, drafter, mayor):
    other = factories.member(city, Role.DRAFTER, email="other@tosu.example.jp")
    version = scene.version(case, drafter=other, signatory=mayor, state=VersionState.SENT)
    step = scene.request(version, asked=date(2026, 3, 9))
    scene.link(case, Purpose.SIGN, made=date(2026, 3, 9), days=7, step=step)

    sweep_march(city)

    # リンクは 16日の 10時まで生きている。15日（日）の分は、16日の朝に知らせる
    told = scene.told(rule="unopened")
    assert [day for day, to in told if to == FIRM] == march(11, 13, 15)
    assert {to for _day, to in told} == {FIRM, drafter.email, other.email}


def test_a_change_is_told_under_its_own_name_and_its_own_last_day(city, case, drafter, mayor):
    version = scene.version(case, drafter=drafter, signatory=mayor, state=VersionState.SENT)
    Contract.unscoped.filter(pk=version.contract_id).update(kind=ContractKind.AMENDMENT, number=1)
    Case.unscoped.filter(pk=case.pk).update(state=CaseState.CONCLUDED)
    step = scene.request(version, asked=date(2026, 3, 23))
    scene.link(case, Purpose.SIGN, made=date(2026, 3, 23), days=14, step=step)

    (told,) = scene.sweep(city, date(2026, 3, 25)).letters[FIRM]

    assert (told.item.rule, told.item.by, told.item.by_label) == ("unopened", date(2026, 4, 6), "署名の期限")
    assert told.item.heading == f"市道〇〇線道路改良工事（{case.number}）第1回変更契約"


def test_a_request_that_was_opened_is_only_urged_by_its_deadline(city, case, drafter, mayor):
    version = scene.version(case, drafter=drafter, signatory=mayor, state=VersionState.SENT)
    step = scene.request(version, asked=date(2026, 3, 6), opened_at=scene.moment(date(2026, 3, 6), 11))
    scene.link(case, Purpose.SIGN, made=date(2026, 3, 6), days=20, step=step)

    sweep_march(city)

    assert scene.told(rule="unopened") == []
    assert scene.told(rule="deadline_firm") == [(day, FIRM) for day in march(8, 9, 10)]


@pytest.fixture
def concluded(case, drafter, mayor):
    """Return a step whose download runs out on 2026-03-23 (Monday) at 10 o'clock."""
    version = scene.version(case, drafter=drafter, signatory=mayor, state=VersionState.SENT)
    day = date(2026, 3, 9)
    at = scene.moment(day, 9)
    step = scene.request(
        version,
        asked=AWARDED,
        state=StepState.SIGNED,
        signed_at=at,
        instructed_at=at,
        authentication="リンク",
        handed_email="hand@takasaki.example.jp",
    )
    version.state, version.fixed_at, version.concluded_at = VersionState.CONCLUDED, at, at
    type(version).unscoped.filter(pk=version.pk).update(state=VersionState.ALL_SIGNED)
    version.save()
    Case.unscoped.filter(pk=case.pk).update(state=CaseState.CONCLUDED)
    scene.link(case, Purpose.DOWNLOAD, made=day, step=step)
    return step


def test_a_contract_that_nobody_downloads_is_told_before_the_end_and_to_the_staff_after_it(city, concluded, drafter):
    sweep_march(city, first=13, last=25)

    # 3日前の 20日は祝日なので前日に、1日前の 22日は日曜日なので、前の開庁日の 19日に知らせる
    told = scene.told(rule="download")
    assert told == [(day, "hand@takasaki.example.jp") for day in march(16, 22)]
    assert scene.told(rule="download_lapsed") == [(date(2026, 3, 24), drafter.email)]


def test_what_was_downloaded_is_not_told_of(city, concluded):
    SigningStep.unscoped.filter(pk=concluded.pk).update(downloaded_at=scene.moment(date(2026, 3, 10)))

    sweep_march(city, first=16, last=24)

    assert scene.told(rule="download") == scene.told(rule="download_lapsed") == []


def test_a_new_download_link_takes_the_place_of_the_old(city, case, concluded):
    scene.link(case, Purpose.DOWNLOAD, made=date(2026, 3, 20), step=concluded)

    sweep_march(city, first=24, last=31)

    assert scene.told(rule="download_lapsed") == []
    assert scene.told(rule="download")[-1][0] == date(2026, 4, 3) - timedelta(days=3)

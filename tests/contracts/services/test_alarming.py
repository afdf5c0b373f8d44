"""封印が滞れば、五分のうちに、市の運用管理者には市ごとに、運用の担当者にはまとめて、一度だけ知らせる。"""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role, User
from audit.models import Event
from contracts import messages, work
from contracts.models import AccessLink, Purpose, Revision, SigningJob
from contracts.services.signatures import alarming, concluding, ending, sealing, signing
from contracts.services.signatures.ending import EndingRefused
from contracts.services.versions import drafting
from contracts.states import JobState, StepState, VersionState
from contracts.tasks import watch_sealing
from notifications.models import Delivery
from signing import setup
from signing.sealing import SealingUnavailable
from signing.trust import Trust
from tests import factories
from tests.race.moves import QuickSealer
from tests.stories import story

pytestmark = pytest.mark.django_db
REASON = "タイムスタンプを取得できません（甲局: 10秒以内に応答がありません／乙局: HTTP 503 が返りました）。"
MINUTE = timedelta(minutes=1)


class Unreachable:
    def approve(self, *_arguments, **_options):
        raise SealingUnavailable(REASON)


@pytest.fixture
def administrator(tosu):
    return factories.member(tosu.tenant, Role.ADMINISTRATOR, name="運用　管子")


def work_through(one, sealer, *, at=None) -> None:
    moment = at or timezone.now()
    while sealing.seal_next(tenant_id=one.tenant.pk, at=moment, appoint=factories.appointing(sealer)):
        pass


def alarms() -> list[Delivery]:
    return list(Delivery.unscoped.filter(template="signing/seal_held").order_by("pk"))


def stuck(one):
    """Have the contractor's signature fail for lack of a timestamp."""
    one.signed()
    work_through(one, Unreachable())
    return one.step(1).instructed_at


def test_an_earlier_step_that_keeps_failing_is_told_once_within_five_minutes(tosu, administrator, caplog):
    since = stuck(tosu)

    alarming.watch(at=since + 2 * MINUTE)
    assert not alarms()
    for minute in (4, 5, 60):
        alarming.watch(at=since + minute * MINUTE)

    (told,) = alarms()
    assert told.to == administrator.email
    assert (told.context["contracts"], told.context["reasons"]) == (1, [REASON])
    assert "甲局: 10秒以内に応答がありません" in caplog.text


def test_what_waits_after_the_last_signature_is_told_too(tosu, administrator):
    tosu.signed().seal()
    signatory = factories.actor(tosu.signatory, tosu.tenant)
    signing.instruct(tosu.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")
    tosu.seal()
    concluding.conclude(tosu.version, at=timezone.now(), trust=Trust(roots=()))
    assert tosu.version.state == VersionState.SEAL_WAITING

    alarming.watch(at=timezone.now() + 4 * MINUTE)

    (told,) = alarms()
    assert told.context["reasons"] == [tosu.version.waiting_reason]


def test_a_long_queue_in_which_nothing_failed_alarms_nobody(tosu, administrator):
    tosu.signed()

    alarming.watch(at=timezone.now() + timedelta(hours=1))

    assert not alarms()


def test_when_sealing_goes_on_it_is_noted_and_the_next_time_is_told_anew(tosu, administrator):
    since = stuck(tosu)
    alarming.watch(at=since + 4 * MINUTE)
    SigningJob.unscoped.exclude(state=JobState.DONE).update(last_error="")
    alarming.watch(at=since + 6 * MINUTE)
    alarming.watch(at=since + 7 * MINUTE)
    SigningJob.unscoped.exclude(state=JobState.DONE).update(last_error="もう一度")
    alarming.watch(at=since + 8 * MINUTE)

    events = Event.objects.of_thread(tosu.tenant.pk, "sealing").values_list("action", flat=True)
    assert list(events) == ["sealing.held", "sealing.resumed", "sealing.held"]
    assert len(alarms()) == 2


def test_each_city_is_told_of_its_own(tosu, administrator):
    since = stuck(tosu)
    factories.member(factories.city("usuki"), Role.ADMINISTRATOR)

    alarming.watch(at=since + 4 * MINUTE)

    with tenancy.acting_for(tosu.tenant.pk):
        assert [mail.to for mail in alarms()] == [administrator.email]


def test_cities_where_nothing_is_held_up_are_not_looked_at(tosu, administrator, django_assert_num_queries):
    tosu.signed()
    for number in range(5):
        factories.city(f"quiet-{number}")

    with django_assert_num_queries(1):  # だれが滞っているか
        alarming.watch(at=timezone.now() + timedelta(hours=1))


# 運用の担当者 -------------------------------------------------------------------------------------


@pytest.fixture
def neighbour(tosu, settings):
    settings.OPERATORS = ["operator@musubi.example.jp"]
    made = story("next-city")
    factories.member(made.tenant, Role.ADMINISTRATOR)
    tenancy.set_tenant(tosu.tenant.pk)
    return made


def fail(one, *, since, reason: str = REASON) -> None:
    """Have a city's signatures wait since a moment, for a reason; for none, they are tried again."""
    with tenancy.acting_for(one.tenant.pk):
        if not SigningJob.unscoped.filter(step__version__contract__case=one.case).exists():
            one.signed()
        SigningJob.unscoped.update(last_error=reason)
        one.version.steps.filter(order=1).update(instructed_at=since)


def to_operators(*stories) -> list[dict]:
    told = []
    for one in stories:
        with tenancy.acting_for(one.tenant.pk):
            mails = Delivery.unscoped.filter(template="signing/seals_held").order_by("pk")
            assert {mail.to for mail in mails} <= {"operator@musubi.example.jp"}
            told += [mail.context for mail in mails]
    return told


def test_the_operators_get_one_mail_about_all_cities(tosu, neighbour):
    now = timezone.now()
    fail(tosu, since=now)
    fail(neighbour, since=now - MINUTE)

    for minute in (4, 5, 60):
        alarming.watch(at=now + minute * MINUTE)

    (told,) = to_operators(tosu, neighbour)
    assert (told["cities"], told["contracts"], told["reasons"]) == (2, 2, [REASON])
    assert told["since"] == messages.moment(now - MINUTE)


def test_a_city_that_is_held_up_later_for_the_same_reason_is_no_news_to_the_operators(tosu, neighbour):
    now = timezone.now()
    fail(tosu, since=now)
    alarming.watch(at=now + 4 * MINUTE)
    fail(neighbour, since=now + 4 * MINUTE)
    alarming.watch(at=now + 8 * MINUTE)

    assert [told["cities"] for told in to_operators(tosu, neighbour)] == [1]
    with tenancy.acting_for(neighbour.tenant.pk):
        assert len(alarms()) == 1


def test_another_reason_in_another_city_is_news_to_the_operators(tosu, neighbour):
    now = timezone.now()
    fail(tosu, since=now, reason="署名の鍵「鳥栖」は止められています。")
    alarming.watch(at=now + 4 * MINUTE)
    fail(neighbour, since=now + 4 * MINUTE)
    alarming.watch(at=now + 8 * MINUTE)

    assert [told["cities"] for told in to_operators(tosu, neighbour)] == [1, 2]


def test_the_next_outage_is_told_to_the_operators_anew(tosu, neighbour):
    now = timezone.now()
    for minute, reason in ((4, REASON), (5, ""), (9, REASON)):
        fail(tosu, since=now, reason=reason)
        alarming.watch(at=now + minute * MINUTE)

    assert len(to_operators(tosu, neighbour)) == 2


def test_two_patrols_at_once_tell_the_operators_once(tosu, neighbour, monkeypatch):
    now = timezone.now()
    fail(tosu, since=now)
    looked = alarming._looked(at=now + 4 * MINUTE)
    alarming.watch(at=now + 4 * MINUTE)
    monkeypatch.setattr(alarming, "_looked", lambda *, at: looked)

    alarming.watch(at=now + 5 * MINUTE)

    assert len(to_operators(tosu, neighbour)) == 1


# 見回り ------------------------------------------------------------------------------------------


def test_the_patrol_looks_with_the_clock_of_now(tosu, administrator):
    stuck(tosu)
    tosu.version.steps.filter(order=1).update(instructed_at=timezone.now() - 4 * MINUTE)

    watch_sealing()

    assert len(alarms()) == 1


def test_it_is_among_what_the_city_keeps_an_eye_on(tosu):
    stuck(tosu)

    (watched,) = work.watched(tosu.drafter, today=timezone.localdate(), besides=())

    assert (watched.verb, watched.note) == ("封印待ち", REASON)


# 待たずにやめる -----------------------------------------------------------------------------------


def test_a_signature_that_cannot_be_made_may_be_given_up_and_is_never_made_later(tosu):
    stuck(tosu)

    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="時刻認証局の復旧の見込みがない")
    work_through(tosu, QuickSealer(), at=timezone.now() + timedelta(hours=1))

    assert tosu.version.state == VersionState.RECALLED
    assert {tosu.step(1).state, tosu.step(2).state} == {StepState.CANCELLED}
    assert not SigningJob.unscoped.exclude(state=JobState.DONE).exists()
    assert not Revision.unscoped.filter(number__gt=0).exists()
    assert not AccessLink.unscoped.filter(step__isnull=False, revoked_at=None).exists()
    again = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    assert again.number == 2


def test_a_contract_waiting_for_its_last_seal_may_be_given_up(tosu):
    tosu.signed().seal()
    signatory = factories.actor(tosu.signatory, tosu.tenant)
    signing.instruct(tosu.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")
    work_through(tosu, Unreachable())
    assert tosu.version.state == VersionState.SEAL_WAITING

    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="紙の契約に改める")

    assert (tosu.version.state, tosu.step(1).state, tosu.step(2).state) == (
        VersionState.RECALLED,
        StepState.SIGNED,
        StepState.CANCELLED,
    )
    assert Delivery.unscoped.filter(template="contracts/recalled").count() == 2


def test_once_every_signature_is_in_the_documents_nothing_is_given_up(tosu):
    tosu.signed().seal()
    signatory = factories.actor(tosu.signatory, tosu.tenant)
    signing.instruct(tosu.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")
    tosu.seal()
    concluding.conclude(tosu.version, at=timezone.now(), trust=Trust(roots=()))

    with pytest.raises(EndingRefused, match="すべての署名が文書に付いている"):
        ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="やめる")


def test_a_signature_in_a_workers_hands_is_not_given_up(tosu):
    stuck(tosu)
    refused = []

    class Slow:
        def approve(self, *arguments, **options):
            with pytest.raises(EndingRefused, match="署名の処理中"):
                ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="やめる")
            refused.append(True)
            return setup.sealer().approve(*arguments, **options)

    work_through(tosu, Slow(), at=timezone.now() + timedelta(hours=1))

    assert refused
    assert tosu.step(1).state == StepState.SIGNED


def test_the_page_offers_it_exactly_while_it_may_be_given_up(tosu):
    client = Client()
    client.force_login(User.objects.get(pk=tosu.drafter.user_id))

    def offered() -> bool:
        page = client.get(reverse("case", args=[tosu.case.pk])).content.decode()
        return reverse("version_recall", args=[tosu.version.pk]) in page

    tosu.sent()
    assert offered()
    signing.instruct(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=timezone.now(), authentication="メールのリンク")
    assert not offered()
    work_through(tosu, Unreachable())
    assert offered()

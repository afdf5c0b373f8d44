"""Whoever waits for a seal sees what is being done, since when, and what it waits for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.models import Purpose, SigningJob
from contracts.services.signatures import claiming, concluding, sealing, signing
from contracts.states import JobState
from signing import setup
from signing.sealing import SealingUnavailable
from tests import factories
from tests.contracts.links.conftest import enter
from tests.contracts.pages.conftest import user_of
from tests.race import stage
from tests.race.moves import QuickSealer
from tests.stories import Story, story

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


class Unreachable:
    """A sealer whose timestamp authority does not answer."""

    def approve(self, *_arguments, **_options):
        raise SealingUnavailable("時刻認証局に接続できません。")


@pytest.fixture
def asked(db: None) -> Story:
    with stage.ready_made():
        return story().sent()


@pytest.fixture
def queued(asked: Story) -> Story:
    holder = asked.holder(Purpose.SIGN)
    signing.instruct(asked.step(1), actor=holder, at=timezone.now(), authentication="メールのリンク")
    return asked


def seal(told: Story, sealer=None) -> None:
    appoint = factories.appointing(sealer or QuickSealer())
    while sealing.seal_next(tenant_id=told.tenant.pk, at=timezone.now(), appoint=appoint):
        pass


def case_page(told: Story) -> str:
    return reverse("case", args=[told.case.pk])


def part_of(told: Story) -> str:
    return reverse("version_sealing", args=[told.version.pk])


def test_the_contractor_sees_the_place_in_the_queue_and_then_the_sealing(asked):
    browser = Client()
    page = enter(browser, asked.address(Purpose.SIGN))
    browser.post(f"{page}finish/")

    waiting = browser.get(page).content.decode()
    assert "封印の順番を待っています" in waiting
    assert f'hx-get="{page}progress/"' in waiting
    assert f'<a href="{page}">最新の様子を見る</a>' in waiting

    claiming.take(at=timezone.now())
    part = browser.get(f"{page}progress/", headers=HTMX).content.decode()
    assert "封印しています" in part
    assert "<html" not in part


def test_the_contractors_page_is_loaded_anew_once_the_seal_is_there_and_stays_still(asked):
    browser = Client()
    page = enter(browser, asked.address(Purpose.SIGN))
    browser.post(f"{page}finish/")
    seal(asked)

    part = browser.get(f"{page}progress/", headers=HTMX)

    assert (part.content, part["HX-Refresh"]) == (b"", "true")
    assert "hx-get" not in browser.get(page).content.decode()


def test_without_javascript_the_part_leads_to_the_page(queued, desk):
    answer = desk(queued.tenant, Role.AUDITOR).get(part_of(queued))

    assert (answer.status_code, answer["Location"]) == (302, case_page(queued))


def test_the_place_counts_the_documents_of_the_city_that_must_come_first(queued, desk):
    with stage.ready_made():
        other = story()
        other.sent()
    holder = other.holder(Purpose.SIGN)
    signing.instruct(other.step(1), actor=holder, at=timezone.now(), authentication="メールのリンク")
    earlier = timezone.localdate() - timedelta(days=1)
    SigningJob.unscoped.filter(step=queued.step(1)).update(deadline_date=earlier)

    page = desk(other.tenant, Role.AUDITOR).get(case_page(other)).content.decode()
    first = desk(queued.tenant, Role.AUDITOR).get(case_page(queued)).content.decode()

    assert "先に2件の文書があります。" in page
    assert "次にこの文書を封印します。" in first


def test_what_a_held_seal_waits_for_stands_on_the_case_with_the_next_try(queued, desk):
    seal(queued, Unreachable())

    page = desk(queued.tenant, user=user_of(queued.drafter)).get(case_page(queued)).content.decode()

    assert "封印を待っています" in page
    assert "時刻認証局に接続できません。" in page
    assert "ごろに試します。" in page
    assert "今すぐ再試行" not in page


def test_a_signatory_presses_try_now_and_the_documents_take_their_turn(queued, desk):
    seal(queued, Unreachable())
    client = desk(queued.tenant, user=queued.signatory)
    address = reverse("version_retry", args=[queued.version.pk])
    assert f'action="{address}"' in client.get(case_page(queued)).content.decode()
    assert f'action="{address}"' in client.get(part_of(queued), headers=HTMX).content.decode()

    answer = client.post(address, follow=True).content.decode()

    assert "封印をもう一度試しています。" in answer
    assert not SigningJob.unscoped.filter(due_at__gt=timezone.now()).exists()
    assert "いま待っている封印はありません。" in client.post(address, follow=True).content.decode()


def test_a_drafter_cannot_press_it(queued, desk):
    address = reverse("version_retry", args=[queued.version.pk])

    assert desk(queued.tenant, Role.DRAFTER).post(address).status_code == 403


def test_the_citys_signatory_sees_the_check_after_the_last_seal(queued, desk):
    seal(queued)
    signatory = factories.actor(queued.signatory, queued.tenant)
    signing.instruct(queued.step(2), actor=signatory, at=timezone.now(), authentication="パスワード")
    client = desk(queued.tenant, user=queued.signatory)
    address = reverse("sign_progress", args=[queued.step(2).pk])
    assert "封印の順番を待っています" in client.get(address).content.decode()

    seal(queued)
    assert "署名した文書を検証しています" in client.get(address, headers=HTMX).content.decode()

    concluding.conclude_next(tenant_id=queued.tenant.pk, at=timezone.now(), trust=setup.trust())
    held = client.get(address, headers=HTMX).content.decode()
    assert "締結を待っています" in held
    assert queued.version.waiting_reason in held


def test_reading_how_far_it_is_claims_nothing(queued, desk):
    desk(queued.tenant, Role.AUDITOR).get(part_of(queued), headers=HTMX)

    assert set(SigningJob.unscoped.values_list("state", "attempts")) == {(JobState.QUEUED, 0)}

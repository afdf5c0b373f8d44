"""The case page tells one story: every state of it within thirty questions to the database, nothing twice."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.models import Purpose
from contracts.services.signatures import concluding, signing
from contracts.services.versions import drafting
from guarantees.models import AdvancePayment
from signing import setup
from tests import factories
from tests.architecture.scene import _advance, _guarantee
from tests.contracts.links.conftest import joint_venture
from tests.stories import Story

pytestmark = pytest.mark.django_db
MOST = 30
EVERYONE_BUT_AUDITORS = (Role.DRAFTER, Role.APPROVER, Role.ADMINISTRATOR, Role.GUARANTEE_OFFICER)


class Reader:
    """Someone with nearly every role, who opens the page of a case again and again."""

    def __init__(self, client, story: Story) -> None:
        self._client, self._address = client, reverse("case", args=[story.case.pk])

    def page(self) -> str:
        with CaptureQueriesContext(connection) as asked:
            response = self._client.get(self._address)
        assert len(asked) <= MOST, "\n".join(each["sql"][:120] for each in asked)
        return response.content.decode()


def titles(page: str, state: str) -> list[str]:
    found = re.findall(rf'<li class="is-{state}".*?timeline__title">(.*?)</p>', page, re.S)
    return [title.strip() for title in found]


def test_the_story_grows_and_never_asks_too_much(tosu, desk):
    reader = Reader(desk(tosu.tenant, *EVERYONE_BUT_AUDITORS), tosu)

    begun = reader.page()
    tosu.accepted()
    accepted = reader.page()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    reader.page()
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())
    reader.page()

    assert titles(begun, "done") == ["案件を登録"]
    assert titles(begun, "now") == ["承諾書"]
    assert titles(begun, "next")[-1] == "締結"
    assert titles(accepted, "done") == ["案件を登録", "承諾書を提出", "承諾書を確認"]
    assert titles(accepted, "now") == ["起案と庁内承認"]


def test_signed_concluded_and_guaranteed_it_tells_what_comes_after(tosu, desk):
    reader = Reader(desk(tosu.tenant, *EVERYONE_BUT_AUDITORS), tosu)
    tosu.signed()
    signed = reader.page()
    tosu.seal()
    reader.page()
    sign_for_the_city(tosu)
    tosu.case.refresh_from_db()
    tosu.address(Purpose.GUARANTEE)
    _guarantee(tosu)
    due = timezone.localdate() + timedelta(days=5)
    AdvancePayment.unscoped.filter(pk=_advance(tosu)).update(due_date=due)
    over = reader.page()

    assert titles(signed, "now") == ["受注者の署名"]
    assert titles(over, "now") == []
    assert titles(over, "next") == ["前払金：支払の期限", "工期の始まり", "工期の終わり"]
    assert [anchor for anchor in re.findall(r'href="#([\w-]+)"', over) if f'id="{anchor}"' not in over] == []


def sign_for_the_city(story: Story) -> None:
    actor = factories.actor(story.signatory, story.tenant)
    signing.instruct(story.step(2), actor=actor, at=timezone.now(), authentication="パスワードと認証アプリのコード")
    story.seal()
    assert concluding.conclude(story.version, at=timezone.now(), trust=setup.trust())


def test_an_auditor_reads_the_same_story_and_finds_the_log(tosu, desk):
    page = desk(tosu.tenant, Role.AUDITOR).get(reverse("case", args=[tosu.case.pk])).content.decode()

    assert titles(page, "done") == ["案件を登録"]
    assert reverse("log") in page.partition("<main")[2]


def test_a_joint_venture_tells_of_each_member_with_its_role(db, desk):
    venture = joint_venture()

    page = Reader(desk(venture.tenant, *EVERYONE_BUT_AUDITORS), venture).page()

    consents = page.partition('id="consent"')[2]
    assert consents.count("（代表構成員）") == 1
    assert consents.count("（構成員）") == 1
    assert titles(page, "now") == ["承諾書"]

"""The line of a case: milestones with what led to them, where the case is now, and the days that lie ahead."""

import json
from datetime import UTC, date, datetime, timedelta

from audit.models import Event
from contracts import story
from contracts.models import ContractKind, Party, SigningStep
from contracts.states import StepState, VersionState
from contracts.story import Moment
from tests.contracts.test_story import case_as, scene_of

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)


def event(action: str, **data: str) -> Event:
    return Event(action=action, at=AT, actor_name="起案者 <a@example.jp>", data=json.dumps(data))


def test_what_led_to_a_milestone_is_folded_under_it():
    line = story.line([event("case.registered"), event("consent.invited"), event("consent.accepted")], [])

    assert [(each.title, len(each.minor)) for each in line] == [("案件を登録", 0), ("承諾書を確認", 1)]
    assert line[1].minor[0].title == "承諾書の提出を依頼"
    assert line[0].who == "起案者"


def test_what_happened_since_the_last_milestone_stands_where_the_case_is_now():
    now, later = Moment("受注者の署名", "now"), Moment("締結", "next")

    line = story.line([event("contract.sent"), event("code.made")], [now, later])

    assert [each.title for each in line] == ["承認し署名を依頼", "受注者の署名", "締結"]
    assert [each.title for each in line[1].minor] == ["アクセスコードを発行"]


def test_what_happened_after_everything_is_not_lost():
    line = story.line([event("contract.concluded"), event("document.viewed")], [Moment("工期の終わり", "next")])

    assert [each.title for each in line] == ["検証のうえ締結を確定", "そのあとのできごと", "工期の終わり"]


def test_a_setback_stands_alone_with_its_reason_and_the_title_of_the_page_is_not_said_again():
    registered, recalled = event("case.registered", title="道路工事"), event("contract.recalled", reason="差替え")

    line = story.line([registered, recalled], [], known="道路工事")

    assert [(each.state, each.note) for each in line] == [("done", ""), ("failed", "差替え")]


def test_an_app_above_names_milestones_of_its_own():
    line = story.line([event("guarantee.accepted")], [], milestones={"guarantee.accepted"})

    assert [each.title for each in line] == ["保証を受理"]


def test_whoever_is_awaited_is_named_with_the_last_day_and_the_deadline_follows():
    scene = scene_of(VersionState.SENT, expires_at=datetime(2026, 3, 11, 15, 0, tzinfo=UTC))
    steps = [
        SigningStep(party=Party.CONTRACTOR, name="髙﨑", state=StepState.REQUESTED),
        SigningStep(party=Party.CITY, name="市長", state=StepState.WAITING),
    ]
    scene.version._prefetched_objects_cache = {"steps": steps}
    for step in steps:
        step._prefetched_objects_cache = {"changes": []}

    told = [(each.title, each.state, each.who, each.by) for each in story.ahead(scene)][-3:]

    assert told == [
        ("受注者の署名", "now", "髙﨑", date(2026, 3, 11)),
        ("発注者の署名", "next", "市長", None),
        ("締結", "next", "", date(2026, 3, 11)),
    ]


def test_the_deadline_of_the_original_does_not_bind_a_change():
    scene = scene_of(VersionState.DRAFT, kind=ContractKind.AMENDMENT)

    assert story.ahead(scene)[-1].title == "締結"
    assert story.ahead(scene)[-1].by is None


def test_only_days_that_are_not_over_lie_ahead_in_their_order():
    works = {"work_starts_date": TODAY - timedelta(days=1), "work_ends_date": TODAY + timedelta(days=90)}
    scene = story.Scene(case=case_as(state="paper", **works), today=TODAY)
    days = [Moment("支払の期限", "next", on=TODAY + timedelta(days=9)), Moment("過ぎた日", "next", on=date(2026, 1, 1))]

    assert [each.title for each in story.ahead(scene, days)] == ["支払の期限", "工期の終わり"]

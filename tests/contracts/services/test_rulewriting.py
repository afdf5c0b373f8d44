"""The next version of a city's rules: drafted by several hands, previewed, published."""

import copy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from contracts import presets, rules
from contracts.models import RuleDraft, RuleSet
from contracts.services.editing import Overtaken
from contracts.services.rulesets import rulebooks, rulepreview, rulewriting
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def city(db):
    return factories.city()


@pytest.fixture
def first(city):
    return factories.staff(city, Role.ADMINISTRATOR)


@pytest.fixture
def second(city):
    return factories.staff(city, Role.ADMINISTRATOR)


def begin(city, actor):
    return rulewriting.begin(city, actor=actor, at=timezone.now())


def revised(draft, **deadline):
    data = copy.deepcopy(draft.data)
    data["deadline"] |= {"days": 7} | deadline
    return data


def save(draft, actor, data, *, edit_number=None):
    number = draft.edit_number if edit_number is None else edit_number
    return rulewriting.change(draft, actor=actor, at=timezone.now(), edit_number=number, data=data)


def publish(draft, actor, *, on=TODAY, version="", edit_number=None):
    number = draft.edit_number if edit_number is None else edit_number
    return rulewriting.publish(
        draft, actor=actor, at=timezone.now(), edit_number=number, version=version, effective_date=on
    )


def last_event(action):
    return Event.objects.filter(action=action).latest("pk")


# 下書き


def test_a_draft_begins_with_the_rules_that_will_be_in_force_last(city, first):
    later = presets.load("tosu")
    later["deadline"]["days"] = 6
    coming = rulebooks.publish(
        city, data=later, effective_date=TODAY + timedelta(days=90), actor=first, at=timezone.now()
    )

    draft = begin(city, first)

    assert draft.base == coming
    assert draft.data["deadline"]["days"] == 6
    assert "city" not in draft.data
    assert first.email in last_event("rules.draft_begun").actor_name


def test_a_city_has_one_draft_and_the_second_administrator_opens_the_same(city, first, second):
    draft = save(begin(city, first), first, revised(begin(city, first)))

    assert begin(city, second) == draft
    assert RuleDraft.unscoped.filter(tenant=city).count() == 1
    assert Event.objects.filter(action="rules.draft_begun").count() == 1


def test_saving_notes_who_when_and_which_labels(city, first):
    draft = begin(city, first)

    save(draft, first, revised(draft))

    draft.refresh_from_db()
    assert (draft.edit_number, draft.updated_by_id, draft.data["deadline"]["days"]) == (1, first.user_id, 7)
    assert "契約締結期限 › 日数" in last_event("rules.draft_changed").data


def test_saving_nothing_new_writes_nothing(city, first):
    draft = begin(city, first)
    before = written()

    save(draft, first, copy.deepcopy(draft.data))

    assert written() == before


def test_the_second_administrator_is_told_and_nothing_is_overwritten(city, first, second):
    draft = begin(city, first)
    save(draft, first, revised(draft, days=6), edit_number=0)

    with pytest.raises(Overtaken, match="他の管理者が先に保存しました"):
        save(draft, second, revised(draft, days=9), edit_number=0)

    draft.refresh_from_db()
    assert (draft.data["deadline"]["days"], draft.updated_by_id) == (6, first.user_id)


def test_a_draft_may_be_saved_before_it_is_whole_and_says_what_is_missing(city, first):
    draft = begin(city, first)
    data = copy.deepcopy(draft.data)
    del data["source"], data["guarantee"]

    found = rulewriting.problems(save(draft, first, data))

    assert found == ("「source」（根拠）がありません。", "「guarantee」（電子保証）がありません。")


def test_what_contradicts_itself_is_listed_together(city, first):
    draft = begin(city, first)
    data = revised(draft, late_policy="tolerate")
    del data["consent"]
    data["signing"] = {"jv_order": ["city", "city", "members"]}

    found = rulewriting.problems(save(draft, first, data))

    wanted = ("電子契約を取り扱うには「consent」", "「deadline」の「tolerate_days」", "「signing」の「jv_order」")
    assert [text.startswith(start) for text, start in zip(found, wanted, strict=True)] == [True] * 3


def test_departments_that_the_city_does_not_have_are_named_before_publication(city, first):
    draft = begin(city, first)

    draft = save(draft, first, draft.data | {"routing": {"consent": "ない課"}})

    assert rulewriting.problems(draft) == ("鳥栖市に「ない課」がありません。先に課を登録してください。",)


def test_a_file_takes_the_place_of_the_draft_and_the_city_keeps_its_name(city, first):
    draft = rulewriting.load(city, actor=first, at=timezone.now(), edit_number=0, data=presets.load("usuki"))

    assert draft.data["name"] == "鳥栖市"
    assert not draft.data["econtract"]["offered"]
    assert "city" not in draft.data
    assert "電子契約の対象 › 取扱い" in last_event("rules.draft_loaded").data


def test_a_file_does_not_overwrite_what_someone_saved_meanwhile(city, first, second):
    save(begin(city, first), first, revised(begin(city, first)))

    with pytest.raises(Overtaken):
        rulewriting.load(city, actor=second, at=timezone.now(), edit_number=0, data=presets.load("usuki"))


def test_a_draft_is_given_up_only_as_it_was_seen(city, first, second):
    draft = save(begin(city, first), first, revised(begin(city, first)))

    with pytest.raises(Overtaken):
        rulewriting.discard(draft, actor=second, at=timezone.now(), edit_number=0)
    rulewriting.discard(draft, actor=second, at=timezone.now(), edit_number=1)

    assert not RuleDraft.unscoped.exists()
    assert "契約締結期限 › 日数" in last_event("rules.draft_discarded").data


def test_whoever_comes_after_the_end_is_told_where_the_draft_went(city, first, second):
    draft = save(begin(city, first), first, revised(begin(city, first)))
    publish(draft, first)

    with pytest.raises(rulewriting.DraftGone, match="公開したか、取りやめました"):
        save(draft, second, revised(draft, days=9), edit_number=1)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_writes_rules(city, first, role):
    draft = begin(city, first)
    other = factories.staff(city, role)
    at = timezone.now()

    for attempt in (
        lambda: rulewriting.begin(city, actor=other, at=at),
        lambda: save(draft, other, revised(draft)),
        lambda: rulewriting.load(city, actor=other, at=at, edit_number=0, data=presets.load("tosu")),
        lambda: rulewriting.discard(draft, actor=other, at=at, edit_number=0),
        lambda: publish(draft, other),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_the_administrator_of_the_next_city_finds_no_draft(city, first):
    draft = begin(city, first)
    stranger = factories.staff(factories.city("usuki"), Role.ADMINISTRATOR)

    with pytest.raises(rulewriting.DraftGone):
        save(draft, stranger, revised(draft))

    tenancy.set_tenant(city.pk)
    draft.refresh_from_db()
    assert draft.edit_number == 0


# 公開


def test_a_published_version_says_who_when_and_what_changed(city, first):
    draft = save(begin(city, first), first, revised(begin(city, first)))

    made = publish(draft, first, version="令和8年度改正版")

    assert (made.number, made.name, made.published_by_id) == (2, "令和8年度改正版", first.user_id)
    assert timezone.localdate(made.published_at) == TODAY
    assert not RuleDraft.unscoped.exists()
    assert '"changes":["版の名","施行日","契約締結期限 › 日数"]' in last_event("rules.published").data


def test_a_version_without_a_name_is_named_by_its_day(city, first):
    draft = save(begin(city, first), first, revised(begin(city, first)))

    assert publish(draft, first, on=TODAY.replace(year=TODAY.year + 1, month=4, day=1)).name.endswith("年4月1日適用版")


def test_a_case_keeps_the_version_it_started_under(city, first):
    before = factories.case(city)
    draft = save(begin(city, first), first, revised(begin(city, first)))

    publish(draft, first)

    after = factories.case(city)
    before.refresh_from_db()
    assert (before.rule_set.number, after.rule_set.number) == (1, 2)
    assert after.conclusion_deadline_date - before.conclusion_deadline_date == timedelta(days=2)


def test_of_one_day_the_newest_number_is_used(city, first):
    day = TODAY + timedelta(days=30)
    for days in (7, 8):
        draft = begin(city, first)
        publish(save(draft, first, revised(draft, days=days)), first, on=day)

    assert RuleSet.in_force(tenant=city, on=day).data["deadline"]["days"] == 8
    assert RuleSet.in_force(tenant=city, on=day - timedelta(days=1)).number == 1


@pytest.mark.parametrize(
    ("days", "says"),
    [(-1, "以降の日にしてください。"), (29, "第2版が")],
)
def test_a_day_in_the_past_or_before_another_version_is_refused(city, first, days, says):
    draft = begin(city, first)
    if days > 0:
        publish(save(draft, first, revised(draft, days=6)), first, on=TODAY + timedelta(days=30))
        draft = begin(city, first)
    draft = save(draft, first, revised(draft))

    with pytest.raises((rulewriting.DraftRefused, rulebooks.RulesRefused), match=says):
        publish(draft, first, on=TODAY + timedelta(days=days))

    assert RuleDraft.unscoped.filter(pk=draft.pk).exists()


def test_what_is_not_whole_is_not_published(city, first):
    draft = begin(city, first)
    with pytest.raises(rulebooks.RulesRefused, match="が要ります"):
        publish(save(draft, first, {key: each for key, each in draft.data.items() if key != "consent"}), first)

    draft.refresh_from_db()
    assert RuleSet.unscoped.filter(tenant=city).count() == 1
    assert draft.edit_number == 1


def test_what_someone_saved_after_the_confirmation_was_read_is_not_published(city, first, second):
    draft = save(begin(city, first), first, revised(begin(city, first)))
    save(draft, second, revised(draft, days=30), edit_number=1)

    with pytest.raises(Overtaken):
        publish(draft, first, edit_number=1)

    assert RuleSet.unscoped.filter(tenant=city).count() == 1


# 試し


def test_the_preview_lists_every_answer_that_would_be_another_with_its_line(city, first):
    taken = factories.case(city, procurement_method="designated_tender")
    factories.case(city, procurement_method="negotiated")
    now = RuleSet.in_force(tenant=city, on=TODAY).data
    then = copy.deepcopy(now)
    then["econtract"]["excluded_methods"] = ["negotiated", "designated_tender"]
    then["deadline"]["days"] = 7

    shown = rulepreview.preview(actor=first, before=now, after=then)

    assert shown.asked == 2
    assert shown.counts == [("電子契約", 1), ("電子保証", 0), ("契約締結期限", 2)]
    verdict = next(turn for turn in shown.turns if turn.subject == "電子契約")
    assert verdict.case == taken
    assert (verdict.before.answer, verdict.after.answer) == ("対象", "対象外")
    assert "指名競争入札は対象外です。" in verdict.after.why
    deadline = next(turn for turn in shown.turns if turn.subject == "契約締結期限")
    assert "5日目" in deadline.before.why
    assert "7日目" in deadline.after.why


def test_the_preview_knows_on_which_day_a_case_was_contracted(city, first):
    concluded = factories.case(city)
    concluded.paper_contract_date = TODAY
    concluded.move_to("paper")
    concluded.save()
    factories.case(city)
    now = RuleSet.in_force(tenant=city, on=TODAY).data
    then = copy.deepcopy(now)
    then["guarantee"]["conditions"] = [
        {"date_field": "contracted_date", "operator": "on_or_after", "date": TODAY.isoformat()}
    ]

    shown = rulepreview.preview(actor=first, before=now, after=then)

    assert [turn.case == concluded for turn in shown.turns] == [False]
    assert "登録されていないため" in shown.turns[0].after.why


def test_the_preview_asks_the_last_hundred_in_a_few_queries_and_writes_nothing(
    city, first, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(rulepreview, "CASES", 2)
    cases = [factories.case(city) for _ in range(3)]
    now = RuleSet.in_force(tenant=city, on=TODAY).data
    then = rules.defaults.filled(now) | {"deadline": now["deadline"] | {"days": 9}}
    before = written()

    with django_assert_num_queries(2):
        shown = rulepreview.preview(actor=first, before=now, after=then)

    assert [turn.case for turn in shown.turns] == cases[:0:-1]
    assert written() == before

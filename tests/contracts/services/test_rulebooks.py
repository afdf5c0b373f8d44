"""Publishing a version of a city's rules, and founding a city from its rule file."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import tenancy
from accounts.models import Department, Organization, Role
from audit.models import Event
from contracts import presets
from contracts.models import Case, RuleSet
from contracts.rules import files
from contracts.services.rulesets import rulebooks
from contracts.states import CaseState, VersionState
from guarantees.models import Institution
from tests import factories
from tests.stories import Story

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)
INVENTED = Path(settings.BASE_DIR, "tests/cities/yumenosato.toml").read_text(encoding="utf-8")


def revised(**deadline):
    rules = presets.load("tosu")
    rules["version"] = "令和8年改正版"
    rules["deadline"] |= {"days": 7, **deadline}
    return rules


def publish(city, data, *, actor=None, effective_date=TODAY, at=AT):
    return rulebooks.publish(city, data=data, effective_date=effective_date, actor=actor, at=at)


def last_event(action):
    return Event.objects.filter(action=action).latest("pk")


# 公開


def test_an_administrator_publishes_the_next_version_and_the_log_says_what_changed():
    city = factories.city()
    administrator = factories.staff(city, Role.ADMINISTRATOR)

    row = publish(city, revised(), actor=administrator, effective_date=date(2026, 4, 1))

    assert (row.number, row.name, row.effective_date) == (2, "令和8年改正版", date(2026, 4, 1))
    assert row.data["effective_date"] == "2026-04-01"
    assert "city" not in row.data
    event = last_event("rules.published")
    assert administrator.email in event.actor_name
    assert '"changes":["版の名","施行日","契約締結期限 › 日数"]' in event.data


def test_the_new_version_is_in_force_from_its_day_and_old_cases_keep_theirs():
    city = factories.city()
    before = factories.case(city)
    publish(city, revised(), effective_date=timezone.localdate(), at=timezone.now())

    after = factories.case(city)

    before.refresh_from_db()
    assert (before.rule_set.number, after.rule_set.number) == (1, 2)
    assert after.conclusion_deadline_date - before.conclusion_deadline_date == timedelta(days=2)


def test_a_version_may_wait_for_its_day():
    city = factories.city()
    publish(city, revised(), effective_date=date(2026, 4, 1))
    publish(city, revised(days=6), effective_date=date(2026, 3, 10))

    days = {
        on: rulebooks.in_force(city, on=on).data["deadline"]["days"]
        for on in (TODAY, date(2026, 3, 31), date(2026, 4, 1))
    }

    assert list(days.values()) == [5, 6, 7]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_publishes(role):
    city = factories.city()

    with pytest.raises(PermissionDenied):
        publish(city, revised(), actor=factories.staff(city, role))

    assert RuleSet.unscoped.filter(tenant=city).count() == 1


@pytest.mark.parametrize(
    ("data", "effective_date", "says"),
    [
        (presets.load("tosu"), TODAY, "と同じ内容です"),
        (presets.load("usuki"), TODAY, "これは臼杵市の規則です。鳥栖市の規則としては公開できません。"),
        (revised(), date(2026, 3, 4), "適用開始日は、きょう（令和8年3月5日）以降の日にしてください。"),
        (revised(days=0), TODAY, "「days」（日数）は1以上180以下の整数"),
        (
            revised() | {"routing": {"consent": "ない課"}},
            TODAY,
            "鳥栖市に「ない課」がありません。先に課を登録してください。",
        ),
        ({}, TODAY, "がありません"),
    ],
)
def test_rules_that_cannot_be_are_refused_in_words(data, effective_date, says):
    city = factories.city()

    with pytest.raises(rulebooks.RulesRefused) as refusal:
        publish(city, data, effective_date=effective_date)

    assert says in str(refusal.value)
    assert RuleSet.unscoped.filter(tenant=city).count() == 1
    assert not Event.objects.filter(action="rules.published").exists()


def test_the_first_version_may_begin_in_the_past():
    city = Organization.objects.create(kind="municipality", slug="new", name="鳥栖市")
    tenancy.set_tenant(city.pk)
    Department.unscoped.create(tenant=city, name="契約検査課")

    assert publish(city, presets.load("tosu"), effective_date=date(2025, 4, 1)).number == 1


# 開設


def founded():
    city = rulebooks.found(data=files.read(INVENTED), at=AT)
    tenancy.set_tenant(city.pk)
    return city


def test_a_city_is_founded_by_its_rule_file_alone():
    city = founded()

    assert (city.name, city.slug, city.addressee) == ("夢ノ里市", "yumenosato", "夢ノ里市長")
    assert city.help_email == "tasuke@yumenosato.example.jp"
    assert list(Department.unscoped.filter(tenant=city).values_list("name", "phone")) == [
        ("建設課", ""),
        ("森の課", "000-0001"),
    ]
    assert Institution.unscoped.get(tenant=city).usual_number == r"Y\d{6}"
    first = RuleSet.unscoped.get(tenant=city)
    assert (first.number, first.effective_date, first.name) == (1, date(2025, 10, 1), "令和7年10月1日開始版")
    assert "森の課" in last_event("city.founded").data
    assert last_event("rules.published").actor_name == "運用担当（コマンド）"


def test_the_city_that_exists_is_not_founded_again():
    founded()

    with pytest.raises(rulebooks.RulesRefused, match="記号「yumenosato」の団体は、すでにあります。"):
        founded()


def test_a_file_without_a_city_founds_none():
    rules = files.read(INVENTED)
    del rules["city"]

    with pytest.raises(rulebooks.RulesRefused, match="「city」（自治体の開設）の節がありません"):
        rulebooks.found(data=rules, at=AT)


def story_in(city: Organization) -> Story:
    drafter = factories.staff(city, Role.DRAFTER)
    return Story(
        tenant=city,
        drafter=drafter,
        approver=factories.staff(city, Role.APPROVER),
        signatory=factories.member(city, Role.SIGNATORY, name="夢野　里子"),
        case=factories.case(
            city, by=drafter, procurement_method="lottery", work_ends_date=timezone.localdate() + timedelta(400)
        ),
    )


def test_an_invented_city_plays_the_whole_story_by_its_own_rules():
    told = story_in(founded())
    assert told.case.econtract_verdict["eligible"]
    assert "翌日" in told.case.deadline_working
    assert "8日目（閉庁日を除く）" in told.case.deadline_working

    told.concluded()

    told.case.refresh_from_db()
    assert (told.version.state, told.case.state) == (VersionState.CONCLUDED, CaseState.CONCLUDED)
    assert told.version.clause_set == "夢ノ里の約束ごと"
    assert told.version.terms["delay_rate"] == "年1パーセント"


def test_the_invented_city_refuses_what_its_rules_refuse():
    city = founded()
    ordinary = story_in(city).case
    verdicts = {
        name: factories.case(city, **({"procurement_method": "lottery"} | typed)).econtract_verdict["decided_by"]
        for name, typed in {
            "named": {"procurement_method": "invited"},
            "small": {"amount": 299_999},
            "long": {"work_ends_date": timezone.localdate() + timedelta(days=1500)},
            "council": {"needs_council": True},
            "festival": {"traits": ["festival"]},
        }.items()
    }

    assert ordinary.econtract_verdict["version"] == "令和7年10月1日開始版"
    assert Case.unscoped.filter(tenant=city).count() == 6
    assert "名指しは対象外です。" in verdicts["named"]
    assert "300,000円以上であることが条件です。" in verdicts["small"]
    assert "3年を超える契約は対象外です。" in verdicts["long"]
    assert "議会の議決に付すべき契約は対象外です。" in verdicts["council"]
    assert verdicts["festival"] == "祭りのための契約は対象外です。この案件はこれに当たりますので、対象外です。"

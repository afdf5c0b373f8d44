"""The same answers at the shell: explain, export, import and diff."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization
from contracts import presets
from contracts.models import RuleSet
from contracts.rules import files
from contracts.services.rulesets import rulebooks
from tests import factories

pytestmark = pytest.mark.django_db

TOSU = ["tosu", "--kind", "construction", "--method", "tender", "--announced", "2026-03-01", "--awarded", "2026-03-06"]
INVENTED = Path(settings.BASE_DIR, "tests/cities/yumenosato.toml")


def run(*arguments):
    out = io.StringIO()
    call_command("rules", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def revised(tmp_path):
    rules = presets.load("tosu")
    rules["version"], rules["deadline"]["days"] = "改正版", 7
    path = tmp_path / "tosu.toml"
    path.write_text(files.write(rules), encoding="utf-8")
    return path


# explain


def test_the_command_of_the_issue_answers_with_its_reasons():
    assert run("explain", *TOSU, "--starts", "2026-04-10").splitlines() == [
        "鳥栖市　令和8年3月1日運用開始版（ひな型）",
        "区分：建設工事　調達方法：一般競争入札",
        "電子契約：対象",
        "  鳥栖市の電子契約の条件を、すべて満たしています。",
        "  ○ 適用時期　公告（現場説明など）の日が令和8年3月1日以降であることが条件です。"
        "この案件は令和8年3月1日ですので、条件を満たします。",
        "  ○ 適用案件　適用案件は、建設工事、測量・建設コンサルタント等業務、建設維持関連業務です。"
        "この案件は建設工事ですので、適用案件に当たります。",
        "  ○ 対象外の調達方法　随意契約は対象外です。この案件の調達方法は一般競争入札ですので、これに当たりません。",
        "  ○ 対象外の履行開始日　4月1日履行開始分は対象外です。この案件の履行開始日は令和8年4月10日ですので、"
        "これに当たりません。",
        "  （令和8年3月1日運用開始版による）",
        "契約締結期限：令和8年3月11日",
        "  落札日 3/6(金) → 翌日 3/7(土) 起算 → 5日目 3/11(水) まで",
    ]


def test_the_answer_may_be_json():
    answer = json.loads(run("explain", *TOSU, "--starts", "R8.4.1", "--guarantee", "--json"))

    assert (answer["city"], answer["version"]["number"]) == ("鳥栖市", None)
    assert answer["version"]["effective_date"] == "2026-03-01"
    assert (answer["econtract"]["eligible"], answer["guarantee"]["eligible"]) == (False, True)
    assert answer["econtract"]["decided_by"].startswith("4月1日履行開始分は対象外です。")
    assert answer["deadline"] == {
        "date": "2026-03-11",
        "working": "落札日 3/6(金) → 翌日 3/7(土) 起算 → 5日目 3/11(水) まで",
        "warning": "",
    }


def test_a_city_without_electronic_contracts_is_an_answer_too():
    shown = run(
        "explain", "usuki", "--kind", "建設工事", "--method", "随意", "--contracted", "令和7年4月1日", "--guarantee"
    )

    assert "電子契約：対象外" in shown
    assert "× 取扱い　臼杵市では、電子契約を取り扱っていません。" in shown
    assert "電子保証：対象\n" in shown
    assert "契約締結期限：定めはありません" in shown


def test_doubts_and_warnings_are_marked():
    shown = run("explain", *TOSU[:-1], "2026-03-16", "--starts", "2026-04-10", "--amount", "200,000,000円")

    assert "  ※ 議会の議決に付すべき契約　150,000,000円以上の契約は" in shown
    assert "  ※ 最終日の3月21日(土)は閉庁日（土曜日）ですが" in shown


def test_the_version_in_force_of_a_city_answers_before_the_preset():
    city = factories.city()
    rules = presets.load("tosu")
    rules["deadline"]["days"] = 9
    RuleSet.unscoped.create(tenant=city, number=2, name="試し", effective_date="2025-05-01", data=rules)

    shown = run("explain", *TOSU, "--starts", "2026-04-10")

    assert shown.startswith("鳥栖市　試し（第2版、令和7年5月1日から適用）\n")
    assert "9日目 3/15(日)" in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["explain", "atlantis", *TOSU[1:]], "「atlantis」という規則はありません。"),
        (
            ["explain", "tosu", "--kind", "goods", "--method", "tender"],
            "区分に「goods」はありません。使えるのはconstruction（建設工事）",
        ),
        (["explain", *TOSU, "--trait", "festival"], "対象外の事由に「festival」はありません。"),
        (["explain", *TOSU[:-1], "令和0年3月6日"], "令和は元年（1年）から始まります"),
        (["explain", *TOSU, "--amount=-5"], "金額は0円以上で書いてください。"),
        (["explain", "tosu"], "--kind"),
        (["export", "tosu", "--version", "3"], "「tosu:3」という規則はありません。"),
        (["diff", "tosu", "nothing.toml"], "「nothing.toml」という規則はありません。"),
        (["import", "nothing.toml"], "nothing.toml を読めません"),
        ([], "explain|export|import|diff"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(arguments, says):
    with pytest.raises(CommandError) as refusal:
        run(*arguments)

    assert says in str(refusal.value)


# export


def test_a_preset_is_written_to_the_screen_or_a_file(tmp_path):
    path = tmp_path / "matsuyama.toml"

    assert files.read(run("export", "matsuyama")) == presets.load("matsuyama")
    assert "松山市" in run("export", "matsuyama", "-o", path)
    assert files.read(path.read_text(encoding="utf-8")) == presets.load("matsuyama")


def test_any_version_of_a_city_is_written(revised):
    factories.city()
    run("import", revised, "--effective", "2030-01-01")

    assert files.read(run("export", "tosu"))["deadline"]["days"] == 5
    assert files.read(run("export", "tosu", "--version", "2"))["deadline"]["days"] == 7


# import


def test_an_import_shows_what_changes_and_publishes_the_next_version(revised):
    city = factories.city()

    shown = run("import", revised, "--city", "tosu", "--effective", "令和12年4月1日")

    assert "契約締結期限 › 日数\n  - 5\n  + 7\n" in shown
    assert "違いは3件です。\n鳥栖市の第2版を公開しました（令和12年4月1日から適用）。" in shown
    assert RuleSet.unscoped.get(tenant=city, number=2).data["deadline"]["days"] == 7


def test_a_dry_run_writes_nothing(revised):
    city = factories.city()

    shown = run("import", revised, "--effective", "2030-04-01", "--dry-run")

    assert "契約締結期限 › 日数" in shown
    assert "書き込んでいません（--dry-run）。" in shown
    assert RuleSet.unscoped.filter(tenant=city).count() == 1


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_a_refused_import_writes_nothing(revised, dry_run):
    city = factories.city()

    with pytest.raises(CommandError, match="適用開始日は、きょう"):
        run("import", revised, *dry_run)

    assert RuleSet.unscoped.filter(tenant=city).count() == 1


def test_a_broken_file_is_refused_with_its_line(tmp_path):
    factories.city()
    broken = tmp_path / "broken.toml"
    broken.write_text('name = "鳥栖市\n', encoding="utf-8")

    with pytest.raises(CommandError, match="1行目を読めません"):
        run("import", broken, "--city", "tosu")
    broken.write_bytes("name = '鳥栖市'".encode("cp932"))
    with pytest.raises(CommandError, match="UTF-8 で保存してください"):
        run("import", broken, "--city", "tosu")


def test_a_new_city_is_created_from_its_file():
    assert "開設できます。書き込んでいません" in run("import", INVENTED, "--create", "--dry-run")
    assert not Organization.objects.filter(slug="yumenosato").exists()

    assert "夢ノ里市（yumenosato）を開設し、第1版を公開しました。" in run("import", INVENTED, "--create")

    city = Organization.objects.get(slug="yumenosato")
    tenancy.set_tenant(city.pk)
    assert RuleSet.unscoped.get(tenant=city).number == 1
    shown = run("explain", "yumenosato", "--kind", "森づくり", "--method", "lottery", "--awarded", "2026-08-05")
    assert "8日目（閉庁日を除く） 8/19(水)" in shown


def test_a_city_that_could_not_be_founded_is_refused_by_the_dry_run_too(tmp_path):
    run("import", INVENTED, "--create")

    with pytest.raises(CommandError, match="すでにあります"):
        run("import", INVENTED, "--create", "--dry-run")

    elsewhere = tmp_path / "elsewhere.toml"
    text = INVENTED.read_text(encoding="utf-8").replace('slug = "yumenosato"', 'slug = "elsewhere"')
    elsewhere.write_text(text.replace('department = "建設課"', 'department = "月見課"'), encoding="utf-8")
    with pytest.raises(CommandError, match="「月見課」がありません"):
        run("import", elsewhere, "--create", "--dry-run")


def test_importing_for_a_city_that_is_not_there_says_how_to_create_it():
    with pytest.raises(CommandError, match="--create を付けてください"):
        run("import", INVENTED)


def test_a_preset_founds_its_city(tmp_path):
    path = tmp_path / "city.toml"
    for slug in presets.available():
        run("export", slug, "-o", path)
        run("import", path, "--create")

    assert Organization.objects.filter(slug__in=presets.available()).count() == 5


# diff


def test_presets_files_and_versions_are_compared(revised):
    city = factories.city()
    at = timezone.now()
    data = files.read(revised.read_text(encoding="utf-8"))
    rulebooks.publish(city, data=data, effective_date=timezone.localdate(at), actor=None, at=at)

    between_versions = run("diff", "tosu:1", "tosu:2")
    with_file = run("diff", "tosu:1", revised)
    between_presets = run("diff", "miyakonojo", "shimanto")

    assert between_versions.startswith(
        "--- 鳥栖市　令和8年3月1日運用開始版（第1版、令和7年4月1日から適用）\n+++ 鳥栖市　改正版（第2版"
    )
    assert "契約締結期限 › 日数\n  - 5\n  + 7\n" in between_versions
    assert "契約締結期限 › 日数\n  - 5\n  + 7\n" in with_file
    assert "契約締結期限 › 起算日\n  - 落札日から\n  + 落札日の翌日から\n" in between_presets


def test_without_a_database_the_presets_still_answer_and_say_so():
    alone = {"PATH": os.environ["PATH"], "SECRET_KEY": "x", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    command = [sys.executable, "manage.py", "rules", "explain", *TOSU]

    done = subprocess.run(command, cwd=settings.BASE_DIR, env=alone, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "データベースに届かないため" in done.stdout
    assert "3/11(水)" in done.stdout

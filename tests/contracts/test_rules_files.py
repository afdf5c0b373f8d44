"""A rule set written as one file and read back is the same rule set."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import presets, rules
from contracts.rules import files, schema
from contracts.rules.nodes import (
    Day,
    DayOrMonthDay,
    Email,
    Flag,
    KeyOf,
    ListOf,
    MonthDay,
    Office,
    OneOf,
    Table,
    TableOf,
    Text,
    Url,
    Whole,
)

DAYS = st.dates().map(lambda day: day.isoformat())
MONTH_DAYS = st.sampled_from(["01-01", "02-29", "08-14", "12-31"])
# 引用符、逆斜線、改行、外字、書式に似た字を混ぜる。
LETTERS = st.sampled_from(list("あ髙𠮷\U000e0100\"'\\#=[]{}.,\u3000 -é0")) | st.characters(exclude_categories=["C"])


def words(node):
    letters = LETTERS | st.sampled_from(["\n", "\t", '"""', "'''"]) if node.multiline else LETTERS
    return st.lists(letters, min_size=1, max_size=12).map("".join).filter(lambda text: text.strip())


def valid(node):
    """Make values of a shape."""
    match node:
        case Text():
            return words(node)
        case Office() | KeyOf():
            return words(Text())
        case Url():
            return st.just("https://city.example.jp/a?b=c#d")
        case Email():
            return st.just("keiyaku@city.example.jp")
        case Flag():
            return st.booleans()
        case Day():
            return DAYS
        case MonthDay():
            return MONTH_DAYS
        case DayOrMonthDay():
            return DAYS | MONTH_DAYS
        case Whole(low=low, high=high):
            return st.integers(low, high)
        case OneOf(choices=choices):
            return st.sampled_from(list(choices))
        case ListOf(item=item, at_least=at_least):
            return st.lists(valid(item), min_size=at_least, max_size=at_least + 1)
        case TableOf(item=item):
            return st.dictionaries(words(Text()), valid(item), max_size=2)
        case Table(fields=fields):
            required = {key: valid(field.node) for key, field in fields.items() if field.required}
            optional = {key: valid(field.node) for key, field in fields.items() if not field.required}
            return st.fixed_dictionaries(required, optional=optional)


@pytest.mark.parametrize("slug", presets.available())
def test_a_preset_survives_the_file(slug):
    loaded = presets.load(slug)

    assert files.read(files.write(loaded)) == loaded


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_valid_rules_survive_the_file(data):
    loaded = presets.load(data.draw(st.sampled_from(presets.available())))
    section = data.draw(
        st.sampled_from(["texts", "consent", "deadline", "econtract", "guarantee", "contract", "city", "kinds"])
    )
    drawn = copy.deepcopy(loaded) | {section: data.draw(valid(schema.RULES.fields[section].node))}

    schema.RULES.check(drawn, "")
    assert files.plain(files.parse(files.write(drawn))) == drawn


def test_the_file_is_readable_by_people():
    text = files.write(presets.load("tosu"))

    assert text.startswith('# 鳥栖市の規則（令和8年3月1日運用開始版）\n\n# 自治体の名称\nname = "鳥栖市"\n')
    assert "# 期限後の扱い\n#   block … 署名できない\n" in text
    assert '\n[[contract.clause_sets.articles]]\ntitle = "（契約の保証）"\n' in text
    assert "effective_date = 2026-03-01\n" in text
    assert max(map(len, text.splitlines()[:40])) < 130


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('name = "鳥栖市"', 'name = "鳥栖市'), '4行目を読めません：「name = "鳥栖市」'),
        (lambda text: text.replace("[deadline]", "[kinds]"), "行目を読めません：「[kinds]」"),
        (lambda text: text + "x = [", "ファイルの終わりが途中で切れています"),
        (lambda text: text.replace("days = 5", "days = 0"), "「days」（日数）は1以上180以下の整数"),
        (lambda text: text.replace("2026-03-01", "2026-02-30", 1), "行目を読めません：「effective_date = 2026-02-30」"),
        (lambda text: text.replace("2026-03-01", "2026-03-01T00:00:00", 1), "「effective_date」（施行日）は"),
        (lambda text: "鳥栖市の規則", "1行目を読めません：「鳥栖市の規則」"),
        (lambda text: "", "「name」（自治体の名称）がありません"),
        (lambda text: "#" * 2_000_001, "ファイルが大きすぎます"),
        (lambda text: "a = " + "[" * 100_000, "読めません"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_or_key(change, says):
    with pytest.raises(rules.RuleError) as refusal:
        files.read(change(files.write(presets.load("tosu"))))

    assert says in str(refusal.value)


def test_files_from_windows_are_read():
    loaded = presets.load("tosu")

    assert files.read("\ufeff" + files.write(loaded).replace("\n", "\r\n")) == loaded

"""The forms of the rules, grown from the schema: what is shown is what was stored, and what is typed is read."""

import pytest
from django.utils.datastructures import MultiValueDict

from contracts import presets, rulepages, rules, ruletext
from contracts.forms.rulefields import Offer, parse, show
from contracts.forms.rules import MOST_FIELDS, RulesForm, rearrange, typed_from, typed_in
from contracts.rules import schema
from contracts.rules.nodes import Day, DayOrMonthDay, ListOf, MonthDay, Table, Text, Whole

DEPARTMENTS = ("契約検査課", "建設課")


def form_of(page, data, posted=None):
    offer = Offer(data, DEPARTMENTS)
    table = Table(page.fields)
    if posted is None:
        typed = typed_from(table, rulepages.value(page, data), offer)
    else:
        typed = typed_in(table, "", posted, offer)
    return RulesForm(page.fields, typed, offer=offer, required=page.required, checked=posted is not None)


def sent(form):
    """Give what a browser would send for a form as it is shown."""
    data = MultiValueDict({"act": ["save"]})

    def gather(parts):
        for part in parts:
            if part.kind == "leaf":
                value = part.field.value()
                data.setlist(part.field.html_name, value if isinstance(value, list) else [value])
            elif part.kind == "group":
                gather(part.parts)
            else:
                data[f"{part.name}.rows"] = str(len(part.groups))
                for group in part.groups:
                    gather(group.parts)

    gather(form.parts)
    return data


def pages_of(data):
    for page in rulepages.contents():
        yield page
        for inner in page.inner:
            if inner.is_shelf:
                yield from (
                    rulepages.find(f"{inner.where}/{place}", data)
                    for place, _ in enumerate(rulepages.entries(inner, data))
                )
            else:
                yield inner


@pytest.mark.parametrize("slug", presets.available())
def test_every_page_of_every_preset_can_be_opened_and_saved_without_changing_anything(slug):
    data = presets.load(slug)

    for page in pages_of(data):
        shown = form_of(page, data)
        form = form_of(page, data, sent(shown))

        assert form.is_valid(), (page.where, form.errors)
        after = rulepages.put(page, data, form.value)
        assert rules.differences(data, after) == (), page.where
        assert rules.problems(after) == (), page.where
        assert shown.size <= MOST_FIELDS


def test_every_key_of_the_schema_stands_on_exactly_one_page():
    written = set(schema.RULES.fields) - rulepages.NOT_WRITTEN
    pages = [page for first in rulepages.contents() for page in (first, *first.inner)]
    places = [(page.keys, key) for page in pages for key in page.fields]

    assert len(places) == len(set(places))
    for key in written:
        node = schema.RULES.fields[key].node
        expected = {((key,), name) for name in node.fields} if isinstance(node, Table) else {((), key)}
        assert expected <= set(places)


@pytest.mark.parametrize(
    ("node", "typed", "value"),
    [
        (Day(), "令和8年4月1日", "2026-04-01"),
        (Day(), "２０２６/４/１", "2026-04-01"),
        (MonthDay(), "4月1日", "04-01"),
        (MonthDay(), "2月29日", "02-29"),
        (DayOrMonthDay(), "毎年8月14日", "08-14"),
        (DayOrMonthDay(), "R8.10.2", "2026-10-02"),
        (Whole(0, 10**15), "１，５００，０００", 1_500_000),
        (ListOf(MonthDay()), "4月1日\r\n\r\n10/2", ["04-01", "10-02"]),
        (ListOf(Text(multiline=True)), "一つ目\n（1）号\n\n\n二つ目\n", ["一つ目\n（1）号", "二つ目"]),
    ],
)
def test_a_value_is_read_as_people_write_it_and_shown_so_again(node, typed, value):
    assert parse(node, typed) == value
    assert parse(node, show(node, value)) == value


@pytest.mark.parametrize(
    ("node", "typed", "says"),
    [
        (Day(), "令和8年2月30日", "という日付はありません"),
        (Day(), "令和0年1月1日", "元年（1年）から始まります"),
        (MonthDay(), "2月30日", "「2月30日」という日はありません"),
        (MonthDay(), "13月1日", "という日はありません"),
        (MonthDay(), "春分の日", "月日として読めません"),
        (ListOf(DayOrMonthDay()), "8月14日\n8月41日", "2行目：「8月41日」という日はありません"),
        (Whole(1, 180), "五日", "数として読めません"),
        (Whole(1, 180), "-5", "数として読めません"),
        (Whole(1, 180), "9" * 30, "数として読めません"),
    ],
)
def test_what_cannot_be_is_refused_in_words(node, typed, says):
    with pytest.raises(ValueError, match=says):
        parse(node, typed)


def edited(where, **typed):
    """Open a page of 鳥栖市, type over some fields, and press save."""
    data = presets.load("tosu")
    page = rulepages.find(where, data)
    posted = sent(form_of(page, data))
    for name, value in typed.items():
        posted.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
    form = form_of(page, data, posted)
    return form, rulepages.put(page, data, form.value) if form.is_valid() else data


def test_an_error_stands_at_its_field_and_names_no_key_of_the_file():
    form, _ = edited("deadline", days="181", count_from="", local_closed_days="8月14日\n2月30日")

    assert form.errors == {
        "count_from": ["入力してください。"],
        "days": ["「日数」は1以上180以下の整数で書いてください（いまの値：181）。"],
        "local_closed_days": ["2行目：「2月30日」という日はありません。月と日を確かめてください。"],
    }


@pytest.mark.parametrize("bad", ["\u202e逆さ", "制御\x07文字"])
def test_characters_that_cannot_be_written_are_refused_with_their_place(bad):
    form, _ = edited("consent", title=bad)

    assert "文字目に、使えない文字（U+" in form.errors["title"][0]


def test_an_invented_choice_is_refused():
    form, _ = edited("deadline", unit="lunar")

    assert "いずれかで書いてください" in form.errors["unit"][0]


def test_an_empty_row_is_left_out_and_a_half_written_one_is_not():
    form, after = edited("econtract", **{"exclusions.rows": "2", "exclusions__1__key": "rental"})
    assert form.errors == {"exclusions.0.label": ["入力してください。"]}

    form, after = edited(
        "econtract", **{"exclusions.rows": "2", "exclusions__1__key": "rental", "exclusions__1__label": "賃貸借"}
    )
    assert after["econtract"]["exclusions"] == [{"key": "rental", "label": "賃貸借"}]


def test_a_section_left_empty_is_left_out():
    page = rulepages.find("routing", {})

    form = form_of(page, presets.load("tosu"), MultiValueDict())

    assert form.is_valid()
    assert "routing" not in rulepages.put(page, presets.load("tosu"), form.value)


def test_entries_that_were_taken_out_stay_out_where_no_default_speaks_for_them():
    _, after = edited("econtract", **{"conditions.rows": "0"})

    assert after["econtract"]["conditions"] == []


def test_the_order_of_what_is_ticked_is_kept():
    data = presets.load("tosu")
    data["guarantee"]["channels"] = ["upload", "email"]
    page = rulepages.find("guarantee", data)

    form = form_of(page, data, sent(form_of(page, data)))

    assert form.is_valid()
    assert form.value["channels"] == ["upload", "email"]


def test_an_order_is_chosen_place_by_place():
    typed = {"jv_order.1": "representative", "jv_order.2": "members", "jv_order.3": "city"}
    form, after = edited("signing", **typed)
    assert after["signing"]["jv_order"] == ["representative", "members", "city"]

    form, _ = edited("signing", **(typed | {"jv_order.3": ""}))
    assert form.errors == {"jv_order.3": ["入力してください。"]}


def test_two_things_cannot_have_one_key():
    form, _ = edited("general", methods__1__key="open_tender", methods__0__key="open_tender")

    assert form.errors == {"methods.1.key": ["同じ記号が2度あります。別の記号にしてください。"]}


def test_rows_are_added_removed_and_moved():
    typed = {"conditions": [{"a": "1"}, {"a": "2"}]}

    for action in ("add:conditions", "up:conditions:1", "remove:conditions:2", "down:conditions:1", "up:conditions:0"):
        rearrange(typed, action)

    assert typed == {"conditions": [{"a": "2"}, {"a": "1"}]}


@pytest.mark.parametrize(
    "action", ["", "up", "add:", "add:days", "remove:conditions:99", "up:a.b.c:1", "remove:conditions:x"]
)
def test_a_button_that_nobody_made_does_nothing(action):
    typed = {"conditions": [{}], "days": "5", "a": {}}

    rearrange(typed, action)

    assert typed == {"conditions": [{}], "days": "5", "a": {}}


def test_an_invented_number_of_rows_makes_no_endless_page():
    data = presets.load("tosu")
    page = rulepages.find("econtract", data)

    for many in ("999999999999", "-1", "１", "x", "9999"):
        typed = typed_in(Table(page.fields), "", MultiValueDict({"conditions.rows": [many]}), Offer(data))
        assert len(typed["conditions"]) <= 200


def test_a_page_too_long_to_be_sent_says_so():
    data = presets.load("tosu")
    data["texts"]["faq"] = [{"subject": "guarantee", "question": f"問{n}", "answer": "答え"} for n in range(120)]

    assert form_of(rulepages.find("texts/faq", data), data).is_too_long


@pytest.mark.parametrize(
    "where",
    ["", "nowhere", "city", "name", "deadline/days", "contract/clause_sets/9", "contract/clause_sets/x", "texts/faq/0"],
)
def test_a_page_that_is_not_there_is_not_found(where):
    with pytest.raises(LookupError):
        rulepages.find(where, presets.load("tosu"))


def test_a_new_clause_set_joins_the_shelf():
    data = presets.load("tosu")
    page = rulepages.find("contract/clause_sets/new", data)

    after = rulepages.put(page, data, {"name": "新しい約款", "effective_date": "2027-04-01", "kinds": ["construction"]})

    assert [one["name"] for one in after["contract"]["clause_sets"]][2:] == ["新しい約款"]
    assert len(data["contract"]["clause_sets"]) == 2


def test_the_paragraphs_of_an_article_are_edited_as_one_text():
    _, after = edited("contract/clause_sets/0", articles__0__paragraphs="一項\n（1）一号\n\n二項")

    article = after["contract"]["clause_sets"][0]["articles"][0]
    assert (article["title"], article["paragraphs"]) == ("（総則）", ["一項\n（1）一号", "二項"])


# 読む


@pytest.mark.parametrize("slug", presets.available())
def test_every_preset_is_told_without_a_key_of_the_file(slug):
    def texts(blocks):
        for block in blocks:
            yield block.title
            for line in block.lines:
                yield from (line.label, *line.texts)
                yield from texts(line.blocks)

    told = list(texts(ruletext.describe(presets.load(slug))))

    assert all(isinstance(text, str) for text in told)
    keys = {key for key in ruletext.WORDS if "_" in key}
    assert not [text for text in told if any(key in text for key in keys) and "{" not in text]


def test_silence_is_told_as_what_holds_for_it():
    told = {block.key: block for block in ruletext.describe(presets.load("tosu"))}

    route = told["approval"].lines[0].blocks[0]
    assert route.title == "標準の決裁"
    assert route.lines[-1].texts == ("承認：承認者",)


def test_a_refusal_is_said_without_keys():
    data = presets.load("tosu")
    data["deadline"]["late_policy"] = "tolerate"

    (said,) = map(ruletext.plainly, rules.problems(data))

    assert said == (
        "「契約締結期限」の「猶予の日数」は、「期限後の扱い」が「猶予の日数のうちは署名できる」のときに限り書いてください。"
    )

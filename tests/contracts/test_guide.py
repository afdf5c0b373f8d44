"""A city's published rules as values for its public pages: what is told, what differs, and what stays inside."""

from datetime import date

import pytest

from contracts import guide, presets
from contracts.templatetags.guide import linked

TODAY = date(2026, 3, 6)


def changed(data, **sections):
    return data | {name: data.get(name, {}) | values for name, values in sections.items()}


def test_a_line_stands_beside_another_city_only_where_the_two_differ():
    tosu = presets.load("tosu")

    lines = {line.key: line for line in guide.lines(tosu, elsewhere=presets.load("shimanto"))}

    assert lines["deadline"].elsewhere.startswith("落札日の翌日から10日以内に")
    assert lines["signing"].elsewhere.endswith(
        "（5,000,000円以上の契約は、メールのリンクとアクセスコード）で署名します。"
    )
    assert lines["consent"].elsewhere == ""
    assert {line.coming for line in lines.values()} == {""}


def test_a_line_tells_what_the_next_version_will_say():
    tosu = presets.load("tosu")

    lines = {line.key: line for line in guide.lines(tosu, coming=changed(tosu, deadline={"days": 7}))}

    assert lines["deadline"].coming.startswith("落札日の翌日から7日以内に")
    assert {key for key, line in lines.items() if line.coming} == {"deadline"}


def test_what_changes_is_told_but_not_how_the_city_decides_inside():
    tosu = presets.load("tosu")
    route = {"name": "二人決裁", "documents": ["original"], "from_amount": 0}
    route["steps"] = [{"kind": "approve", "label": "部長", "role": "approver"}]
    coming = changed(tosu, deadline={"days": 7}, approval={"routes": [route]})
    coming |= {"version": "次の版", "effective_date": "2027-04-01", "source": "新しい要綱による。"}

    changes = guide.changes(tosu, coming)

    assert [(change.label, change.before, change.after) for change in changes] == [("契約締結期限 › 日数", "5", "7")]


def test_the_guide_of_tosu_has_the_five_chapters_of_its_source_with_the_city_s_own_values():
    econtract, guarantee = guide.chapters(presets.load("tosu"))

    assert [chapter.title for chapter in econtract.entries] == [
        "電子契約とは",
        "契約締結の流れ（1）準備",
        "契約締結の流れ（2）締結",
        "電子署名の確認方法",
        "ヘルプセンター・お問い合わせ",
    ]
    assert [line.key for line in econtract.entries[1].lines] == ["consent", "deadline"]
    assert econtract.entries[1].lines[1].text.startswith("落札日の翌日から5日以内に")
    assert [chapter.anchor for chapter in guarantee.entries][:2] == ["guarantee-1", "guarantee-2"]


def test_a_city_without_texts_has_an_empty_guide():
    silent = presets.load("tosu")
    del silent["texts"]

    assert guide.chapters(silent) == []
    assert guide.links(silent) == {}


def test_links_are_kept_together_by_topic():
    topics = guide.links(presets.load("tosu"))

    assert len(topics["電子帳簿保存法"]) == 3
    assert [link["title"] for link in topics["電子保証"]][-1] == "D-Sure 発注者用保証確認サービス"


def test_the_example_of_stamp_duty_follows_the_table_in_force_on_the_day():
    tosu = presets.load("tosu")

    reduced, plain = (guide.saving(tosu, on=day) for day in (TODAY, date(2027, 4, 1)))

    assert (reduced.amount, reduced.without_tax) == (11_000_000, 10_000_000)
    assert (reduced.duty.yen, plain.duty.yen) == (5_000, 10_000)


def test_a_city_of_paper_contracts_saves_no_stamp():
    assert guide.saving(presets.load("usuki"), on=TODAY) is None


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            "（https://www.wjcs.net/）よりログイン",
            '（<a class="address" href="https://www.wjcs.net/">https://www.wjcs.net/</a>）よりログイン',
        ),
        ("https://example.jp/a.php?b=1&c=2.", '<a class="address" href="https://example.jp/a.php?b=1&amp;c=2">'),
        ("<b>太字</b> javascript:alert(1)", "&lt;b&gt;太字&lt;/b&gt; javascript:alert(1)"),
        ('https://a.jp/"onclick="x', '<a class="address" href="https://a.jp/">https://a.jp/</a>&quot;onclick=&quot;x'),
    ],
)
def test_words_are_escaped_and_their_addresses_become_links(words, shown):
    assert shown in linked(words)

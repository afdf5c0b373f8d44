"""A city's published rules as values for its public pages: what is told, what differs, and what stays inside."""

from datetime import date

import pytest

from contracts import guide, presets, rules
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


def test_what_to_check_before_an_award_follows_from_the_city_s_own_rules():
    econtract, guarantee = guide.checklist(presets.load("tosu"))

    by_title = {item.title: item for item in (*econtract.entries, *guarantee.entries)}
    registered = by_title["e-Net保証のID登録が済んでいる"]
    assert "既にID登録がお済みの場合は、新たな手続きは不要です" in registered.text
    assert registered.url == "https://www.wjcs.net/enet/enet.php"
    (place,) = by_title["提出方法と提出先を知っている"].lines
    assert place.text.startswith("契約保証は契約検査課、前払金保証・中間前払金保証は案件の担当課へ")
    assert "STEP3で保存したファイルを誤って提出しない" in by_title["提出するファイルを取り違えない"].text
    assert [line.key for line in by_title["契約締結期限までに、双方の署名が終わる見通しがある"].lines] == [
        "deadline",
        "signing",
    ]


def test_usuki_has_contractors_check_the_clauses_and_bring_both_papers():
    (part,) = guide.checklist(presets.load("usuki"))

    by_title = {item.title: item for item in part.entries}
    (clauses,) = by_title["当初契約書に、電子保証の約款を使う"].lines
    assert "臼杵市公共工事請負契約約款(令和7年4月1日改正)" in clauses.text
    (papers,) = by_title["提出する書類を知っている"].lines
    assert "お知らせと保証証書（電子証書の内容を確認する画面を印刷したもの）" in papers.text
    assert "契約書等と併せて持参" in by_title["印刷して、契約書等と併せて持参できる"].text


@pytest.mark.parametrize("slug", ["tosu", "usuki"])
def test_the_tip_of_200_yen_off_is_never_told_without_its_condition(slug):
    tips = [tip for part in guide.chapters(presets.load(slug)) for chapter in part.entries for tip in chapter.tips]

    (discount,) = [tip for tip in tips if "200円" in tip]
    assert "300万円以上" in discount
    assert any("手数料は一切不要" in tip for tip in tips)
    assert any("申込毎の押印は不要" in tip for tip in tips)


def test_announcements_stand_newest_first():
    data = presets.load("tosu")
    data["texts"]["notices"].append({"subject": "guarantee", "date": "2026-04-01", "title": "新しいお知らせ"})

    notices = guide.notices(data, on=TODAY)

    assert [notice.on for notice in notices] == [date(2026, 4, 1), date(2024, 2, 13), date(2024, 1, 29)]
    assert (notices[0].title, notices[0].text, notices[0].url) == ("新しいお知らせ", "", "")


@pytest.mark.parametrize("slug", ["matsuyama", "miyakonojo", "shimanto"])
def test_a_city_of_electronic_contracts_has_its_checks_and_questions_before_it_writes_its_own(slug):
    data = presets.load(slug)

    (part,) = guide.checklist(data)

    assert part.subject == "econtract"
    assert "署名依頼のメールが届きません。" in [entry["question"] for entry in rules.text(data, "faq")]
    assert guide.notices(data, on=TODAY) == []


def test_merits_are_told_to_each_side_and_are_the_contractor_s_where_nothing_is_said():
    parts = guide.merits(presets.load("tosu"))

    assert [part.label for part in parts] == [
        "電子契約：受注者の利点",
        "電子契約：発注者の利点",
        "電子保証：受注者の利点",
        "電子保証：発注者の利点",
    ]
    assert parts[0].entries[0]["title"] == "締結コストを削減"
    assert [
        part.subject for part in guide.merits({"texts": {"merits": [{"subject": "guarantee", "title": "早い"}]}})
    ] == ["guarantee-contractor"]


def test_an_announcement_stands_until_its_last_day():
    data = presets.load("tosu")
    told = {"subject": "guarantee", "date": "2026-04-01", "until": "2026-04-30", "title": "休止のお知らせ"}
    data["texts"]["notices"] = [told]
    rules.validate(data)

    days = (date(2026, 4, 30), date(2026, 5, 1))
    assert [len(guide.notices(data, on=day)) for day in days] == [1, 0]
    told["until"] = "2026-03-31"
    with pytest.raises(rules.RuleError, match="「休止のお知らせ」の終わる日が、日付より前です"):
        rules.validate(data)


def test_announcements_are_told_apart_by_their_subject():
    data = presets.load("tosu")
    data["texts"]["notices"].append({"subject": "econtract", "date": "2026-04-01", "title": "保守のお知らせ"})

    assert [notice.title for notice in guide.notices(data, on=TODAY, subject="econtract")] == ["保守のお知らせ"]
    assert len(guide.notices(data, on=TODAY, subject="guarantee")) == 2

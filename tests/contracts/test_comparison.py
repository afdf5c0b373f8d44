"""A version beside its predecessor: what a reader is shown, and that nothing is lost or invented."""

from dataclasses import replace
from datetime import date

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.clauses import Article
from contracts.comparison import Paper, Run, Side, compare, difference
from contracts.comparison.documents import CUT_SHORT, LONGEST_RUN, MOST_SHOWN, NO_DIFFERENCE, NO_WORDS
from contracts.comparison.pages import passages
from contracts.comparison.runs import BY_LINE, steps
from contracts.documents import render_contract
from tests.contracts.paperwork import CONDITIONS, CONTRACT, pages_of

ARTICLES = (
    Article(title="（総則）", paragraphs=("誠実に履行する。", "秘密を漏らさない。")),
    Article(title="（検査及び引渡し）", paragraphs=("14日以内に検査を完了する。",)),
    Article(title="（支払）", paragraphs=("適法な請求を受けた日から40日以内に支払う。",)),
)
SPECIFICATION = Paper(
    title="特記仕様書", sha256="a1", pages=("第1章 総則\n適用範囲\n1 / 2", "第2章 材料\n中等以上の品質\n2 / 2")
)
BEFORE = Side(
    amount=11_000_000,
    tax=1_000_000,
    work_starts=date(2026, 3, 10),
    work_ends=date(2026, 8, 31),
    clause_set="工事約款（令和8年4月1日）",
    terms={"工事場所": "鳥栖市轟木町地内", "前払金の割合": "100分の40以内"},
    articles=ARTICLES,
    documents=(SPECIFICATION,),
)


def shown(runs: tuple[Run, ...]) -> str:
    """Write runs as 「同じ[-削除-]{+追加+}」."""
    signs = {"same": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(signs[run.kind].format(run.text) for run in runs)


def joined(runs: tuple[Run, ...], kind: str) -> str:
    return "".join(run.text for run in runs if run.kind in ("same", kind))


def items(**changes: object) -> dict[str, tuple[str, str, str]]:
    found = compare(BEFORE, replace(BEFORE, **changes)).items
    return {item.label: (item.before, item.after, item.note) for item in found}


def articles(*after: Article) -> list[tuple[str, str]]:
    return [(change.title, change.state) for change in compare(BEFORE, replace(BEFORE, articles=after)).articles]


def documents(*after: Paper, before: tuple[Paper, ...] = (SPECIFICATION,)):
    return compare(replace(BEFORE, documents=before), replace(BEFORE, documents=after)).documents


def test_a_version_beside_itself_shows_no_change():
    comparison = compare(BEFORE, BEFORE)

    assert not comparison.changed
    assert (comparison.items, comparison.changed_articles, comparison.unchanged_articles) == ((), (), 3)
    assert [document.state_label for document in comparison.documents] == ["変更なし"]


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (11_000_000, 12_100_000, "＋1,100,000円（10.0％増）"),
        (11_000_000, 9_900_000, "－1,100,000円（10.0％減）"),
        (3_000_000, 3_000_500, "＋500円（0.0％増）"),
        (30_000, 35_000, "＋5,000円（16.7％増）"),
        (8_000, 8_050, "＋50円（0.6％増）"),
        (0, 500, "＋500円"),
    ],
)
def test_a_changed_amount_says_by_how_much(before, after, note):
    [item] = compare(replace(BEFORE, amount=before), replace(BEFORE, amount=after)).items

    assert (item.label, item.note) == ("契約金額（税込）", note)


def test_changed_days_say_by_how_many():
    assert items(work_ends=date(2026, 9, 30)) == {
        "工期（履行期間）の終わり": ("令和8年8月31日", "令和8年9月30日", "30日延長")
    }
    assert items(work_ends=date(2026, 8, 30))["工期（履行期間）の終わり"][2] == "1日短縮"
    assert items(work_starts=date(2026, 3, 15))["工期（履行期間）の始まり"][2] == "5日繰下げ"
    assert items(work_starts=date(2026, 3, 9))["工期（履行期間）の始まり"][2] == "1日繰上げ"


def test_a_contract_date_may_be_that_of_the_last_signature():
    assert items(contract_date=date(2026, 3, 11)) == {"契約締結日": ("最後の電子署名の日", "令和8年3月11日", "")}


def test_changed_terms_are_shown_word_by_word_and_missing_ones_as_such():
    after = replace(BEFORE, terms={"工事場所": "鳥栖市本町地内", "特約事項": "1　夜間は施工しない。"})

    place, advance, special = compare(BEFORE, after).items

    assert (place.label, shown(place.runs)) == ("工事場所", "[-鳥栖市轟木町地内-]{+鳥栖市本町地内+}")
    assert (advance.after, advance.runs) == ("（定めなし）", ())
    assert (special.before, special.after) == ("（定めなし）", "1　夜間は施工しない。")


def test_the_clause_set_and_the_tax_are_compared_too():
    found = items(clause_set="工事約款（令和9年4月1日）", tax=900_000)

    assert found["約款"] == ("工事約款（令和8年4月1日）", "工事約款（令和9年4月1日）", "")
    assert found["うち消費税及び地方消費税の額"][2] == "－100,000円（10.0％減）"


def test_a_changed_article_shows_its_changed_words():
    changed = Article(title="（支払）", paragraphs=("適法な請求を受けた日から30日以内に支払う。",))

    *same, payment = compare(BEFORE, replace(BEFORE, articles=(*ARTICLES[:2], changed))).articles

    assert [article.state for article in same] == ["same", "same"]
    assert shown(payment.runs) == "適法な請求を受けた日から[-40-]{+30+}日以内に支払う。"


def test_an_inserted_article_moves_the_others_without_changing_them():
    new = Article(title="（監督員）", paragraphs=("監督員を置く。",))

    found = compare(BEFORE, replace(BEFORE, articles=(ARTICLES[0], new, *ARTICLES[1:]))).articles

    assert [(a.title, a.state, a.before_number, a.after_number) for a in found] == [
        ("（総則）", "same", 1, 1),
        ("（監督員）", "added", None, 2),
        ("（検査及び引渡し）", "same", 2, 3),
        ("（支払）", "same", 3, 4),
    ]
    assert found[2].notes == ("第2条から第3条になりました。",)
    assert shown(found[1].runs) == "{+監督員を置く。+}"


def test_a_removed_article_stands_where_it_stood():
    assert articles(ARTICLES[0], ARTICLES[2]) == [
        ("（総則）", "same"),
        ("（検査及び引渡し）", "removed"),
        ("（支払）", "same"),
    ]
    assert articles(*ARTICLES[:2])[-1] == ("（支払）", "removed")


def test_a_renamed_article_is_known_by_its_words():
    renamed = Article(title="（検査）", paragraphs=("10日以内に検査を完了する。",))

    change = compare(BEFORE, replace(BEFORE, articles=(ARTICLES[0], renamed, ARTICLES[2]))).articles[1]

    assert (change.state, shown(change.runs)) == ("changed", "[-14-]{+10+}日以内に検査を完了する。")
    assert change.notes == ("題が「（検査及び引渡し）」から「（検査）」になりました。",)


def test_another_article_under_another_title_is_one_removed_and_one_added():
    other = Article(title="（暴力団の排除）", paragraphs=("暴力団員と認められるときは解除する。",))

    assert articles(ARTICLES[0], other, ARTICLES[2]) == [
        ("（総則）", "same"),
        ("（暴力団の排除）", "added"),
        ("（検査及び引渡し）", "removed"),
        ("（支払）", "same"),
    ]


def test_articles_of_one_title_are_matched_in_order():
    twice = (Article(title="（雑則）", paragraphs=("甲",)), Article(title="（雑則）", paragraphs=("乙",)))

    found = compare(replace(BEFORE, articles=twice), replace(BEFORE, articles=twice)).articles

    assert [article.state for article in found] == ["same", "same"]


def test_the_same_bytes_are_the_same_document_whatever_its_pages_say():
    [document] = documents(replace(SPECIFICATION, pages=()))

    assert (document.state, document.passages) == ("same", ())


def test_a_changed_document_shows_the_page_and_the_words():
    pages = (SPECIFICATION.pages[0], "第2章 材料\n上等の品質\n2 / 2")

    [document] = documents(replace(SPECIFICATION, sha256="b2", pages=pages))

    [passage] = document.passages
    assert (document.state, passage.place) == ("changed", "2ページ")
    assert shown(passage.runs) == "第2章 材料\n[-中等以上-]{+上等+}の品質\n"


def test_an_added_page_shows_only_itself():
    pages = ("第1章 総則\n適用範囲\n1 / 3", "附則\n施行日\n2 / 3", "第2章 材料\n中等以上の品質\n3 / 3")

    [document] = documents(replace(SPECIFICATION, sha256="b2", pages=pages))

    [passage] = document.passages
    assert (passage.place, shown(passage.runs)) == ("2ページ（追加）", "{+附則\n施行日\n+}")
    assert document.notes == ("2ページから3ページになりました。",)


def test_a_number_in_a_table_is_not_taken_for_a_page_number():
    old, new = (f"数量\n{number}" for number in (1, 2))

    assert [shown(passage.runs) for passage in passages([old], [new])] == ["数量\n[-1\n-]{+2\n+}"]


def test_what_runs_along_with_the_page_numbers_is_compared_once():
    old = [f"本文{n}\n建設第12号 {n} / 3" for n in (1, 2, 3)]
    new = [f"本文{n}\n建設第13号 {n} / 4" for n in (1, 2, 3)] + ["附則\n建設第13号 4 / 4"]

    number, added = passages(old, new)

    assert (number.place, shown(number.runs)) == ("1ページ", "建設第[-12-]{+13+}号\n本文1\n")
    assert (added.place, shown(added.runs)) == ("4ページ（追加）", "{+附則\n+}")


@pytest.mark.parametrize("line", ["数量 12 / 5", "2 / 4", "0.2 / 5"])
def test_only_a_pages_own_number_is_left_out(line):
    old, new = (["1頁", f"本文\n{text}", "3頁", "4頁", "5頁"] for text in (line, "なし"))

    [passage] = passages(old, new)

    assert line in joined(passage.runs, "delete")


def test_text_that_flows_on_to_the_next_page_is_not_changed():
    lines = [f"{number}行目の定め" for number in range(60)]
    old = ["\n".join(lines[start : start + 20]) for start in (0, 20, 40)]
    flowed = [*lines[:5], "新しい定め", *lines[5:]]
    new = ["\n".join(flowed[start : start + 20]) for start in (0, 20, 40, 60)]

    [passage] = passages(old, new)

    assert (passage.place, shown(passage.runs)) == (
        "1ページ（追加）",
        "4行目の定め\n{+新しい定め\n+}5行目の定め\n",
    )


def test_a_line_broken_elsewhere_is_no_change():
    [document] = documents(
        replace(SPECIFICATION, sha256="b2", pages=("第1章 総\n則\n適用範囲", SPECIFICATION.pages[1]))
    )

    assert (document.state, document.passages, document.notes) == ("changed", (), (NO_DIFFERENCE,))


def test_other_bytes_with_the_same_words_say_so():
    [document] = documents(replace(SPECIFICATION, sha256="b2"))

    assert (document.state, document.notes) == ("changed", (NO_DIFFERENCE,))


def test_a_scan_without_words_says_so():
    scan = Paper(title="図面", sha256="c1", pages=("", " \n"))

    [document] = documents(replace(scan, sha256="c2"), before=(scan,))

    assert (document.passages, document.notes) == ((), (NO_WORDS,))


def test_documents_are_added_removed_and_renamed():
    drawing = Paper(title="図面", sha256="c1", pages=("平面図",))

    found = documents(
        replace(drawing, title="平面図"), Paper(title="内訳書", sha256="d1", pages=()), before=(SPECIFICATION, drawing)
    )

    assert [(document.title, document.state) for document in found] == [
        ("平面図", "changed"),
        ("内訳書", "added"),
        ("特記仕様書", "removed"),
    ]
    assert found[0].notes == ("題が「図面」から「平面図」になりました。",)


def test_a_title_outweighs_the_bytes_of_another_document():
    one, other = (Paper(title=title, sha256=title, pages=()) for title in ("仕様書", "図面"))

    found = documents(replace(one, sha256="図面"), other, before=(one, other))

    assert [(document.title, document.state) for document in found] == [("仕様書", "changed"), ("図面", "same")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("請負代金額 1,000,000円", "請負代金額 1,100,000円", "請負代金額 [-1,000,000-]{+1,100,000+}円"),
        ("サーバーを更新する。", "ルーターを更新する。", "[-サーバー-]{+ルーター+}を更新する。"),
        ("第12条の規定による。", "第13条の規定による。", "第[-12-]{+13+}条の規定による。"),
        ("受注者は負担する。", "受注者は、これを負担する。", "受注者は{+、これを+}負担する。"),
        ("甲は支払う。", "乙は支払う。", "[-甲-]{+乙+}は支払う。"),
        ("工事を中止する。", "契約解除の届出", "[-工事を中止する。-]{+契約解除の届出+}"),
        ("同じ\n古い\n同じ", "同じ\n同じ", "同じ\n[-古い\n-]同じ"),
        ("渡邉\U000e0102の工事", "渡邉の工事", "[-渡邉\U000e0102-]{+渡邉+}の工事"),
        ("", "新しい", "{+新しい+}"),
        ("古い", "", "[-古い-]"),
        ("", "", ""),
    ],
)
def test_words_change_as_a_reader_cuts_them(before, after, expected):
    assert shown(difference(before, after).runs) == expected


def test_a_line_break_carries_no_mark():
    runs = difference("請負代\n金額を払う", "請負代金\n額を払う").runs

    assert {run.mark for run in runs} == {""}
    assert joined(runs, "delete") == "請負代\n金額を払う"


def test_two_printed_contracts_differ_where_their_terms_do():
    dearer = replace(CONTRACT, conditions=replace(CONDITIONS, price=55_000_000, tax=5_000_000))
    old, new = ([page.replace("\r", "") for page in pages_of(render_contract(paper))] for paper in (CONTRACT, dearer))

    found = list(passages(old, new))

    assert {passage.place for passage in found} == {"1ページ"}
    assert "金[-50,000,000-]{+55,000,000+}円" in "".join(shown(passage.runs) for passage in found)


CLAUSES = st.text(alphabet="工事代金第条はの、。\nサーバー12,３abé \U000e0102\r\x0b", max_size=80)


@settings(deadline=None, max_examples=300)
@given(st.one_of(CLAUSES, st.text(max_size=40)), st.one_of(CLAUSES, st.text(max_size=40)))
def test_what_stayed_with_what_went_is_the_old_text_and_with_what_came_the_new(before, after):
    found = difference(before, after)

    assert joined(found.runs, "delete") == before
    assert joined(found.runs, "insert") == after
    assert all(run.text for run in found.runs)
    assert found.changed == any(run.mark for run in found.runs)


@settings(deadline=None)
@given(CLAUSES)
def test_a_text_beside_itself_is_one_run(text):
    assert difference(text, text).runs == ((Run(text, "same"),) if text else ())


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_a_long_text_keeps_its_words_too(data):
    line = st.sampled_from(["式", "m2", "1", "第1条", "記名", "定め", "a", "一式計上"])
    before, after = ("\n".join(data.draw(st.lists(line, min_size=400, max_size=600))) for _ in range(2))

    found = difference(before, after)

    assert (joined(found.runs, "delete"), joined(found.runs, "insert")) == (before, after)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_steps_walk_both_sequences_to_the_end(before, after):
    i = j = 0
    for step in steps(before, after):
        assert (step.i1, step.j1) == (i, j)
        if step.same:
            assert before[step.i1 : step.i2] == after[step.j1 : step.j2]
        i, j = step.i2, step.j2

    assert (i, j) == (len(before), len(after))


def test_a_document_too_repetitive_for_words_is_shown_by_lines():
    old = Paper(title="内訳書", sha256="d1", pages=("あ、い、" * 2000,))

    [document] = documents(replace(old, sha256="d2", pages=("う、あ、い、" * 2000,)), before=(old,))

    assert BY_LINE in document.notes
    assert {run.kind for run in document.passages[0].runs} == {"delete", "insert"}


def test_two_hundred_rewritten_pages_are_shown_in_part():
    old = Paper(title="仕様書", sha256="e1", pages=[f"{n}章\n" + f"定め{n}。\n" * 40 for n in range(200)])
    new = replace(old, sha256="e2", pages=[page.replace("定め", "新たな決まり") for page in old.pages])

    [document] = documents(new, before=(old,))

    letters = sum(len(run.text) for passage in document.passages for run in passage.runs)
    assert CUT_SHORT in document.notes
    assert 0 < letters <= MOST_SHOWN
    assert all(len(run.text) <= LONGEST_RUN + 1 for passage in document.passages for run in passage.runs)


@pytest.mark.parametrize(
    "line",
    [lambda page, n: "式", lambda page, n: f"{(page * 7 + n * 3) % 9}", lambda page, n: f"{page}頁{n}行の定め"],
    ids=["one line over and over", "few lines in disorder", "lines of their own"],
)
def test_two_hundred_pages_are_compared_in_bounded_work(line):
    # 比べる手間が頁数の二乗で増えるなら、この試験は何分も終わらない。
    old = Paper(title="内訳書", sha256="f1", pages=["\n".join(line(p, n) for n in range(45)) for p in range(200)])
    new = replace(old, sha256="f2", pages=["\n".join(line(p + 1, n * 2) for n in range(45)) for p in range(200)])

    [document] = documents(new, before=(old,))

    assert document.state == "changed"


def page_of(after: Side) -> str:
    return render_to_string("contracts/_comparison.html", {"comparison": compare(BEFORE, after)})


def test_the_page_shows_every_change_in_words_and_not_by_colour_alone():
    new = Article(title="（監督員）", paragraphs=("監督員を置く。",))
    page = page_of(
        replace(
            BEFORE,
            amount=12_100_000,
            terms=BEFORE.terms | {"工事場所": "鳥栖市<本町>地内"},
            articles=(ARTICLES[0], new, *ARTICLES[1:]),
            documents=(
                replace(SPECIFICATION, sha256="b2", pages=(SPECIFICATION.pages[0], "第2章 材料\n上等の品質\n2 / 2")),
            ),
        )
    )

    assert "＋1,100,000円（10.0％増）" in page
    assert '<ins><span class="visually-hidden">【追加】</span>鳥栖市&lt;本町&gt;地内<' in page
    assert '<del><span class="visually-hidden">【削除】</span>中等以上<' in page
    for words in (
        "第2条　（監督員）",
        "3の条は、前の版と同じです。",
        "第2条から第3条になりました。",
        "特記仕様書",
        "2ページ",
    ):
        assert words in page


def test_the_page_keeps_the_text_without_spaces_of_its_own():
    page = page_of(
        replace(BEFORE, articles=(Article(title="（総則）", paragraphs=("誠実に施工する。", "秘密を漏らさない。")),))
    )

    assert ">誠実に<del>" in page
    assert "を漏らさない。</div>" in page


def test_the_page_of_nothing_changed_says_so():
    page = page_of(BEFORE)

    assert "前の版と違うところはありません。" in page
    assert "<ins>" not in page

"""Every mail there is: one line of subject, two parts that say the same, its link's life, and whom to ask."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Organization
from notifications import table, words
from notifications.words import layout, patterns, samples, standard

MAILS = Path(settings.BASE_DIR) / "templates/notifications"
TEMPLATES = sorted(str(path.parent.relative_to(MAILS)) for path in MAILS.rglob("words.toml"))
LINK = "https://musubi.example.jp/tosu/sign/c2VjcmV0LXRva2Vu/"
# だれでも開ける、市の手引と決まりと問い合わせ。秘密ではない。
FORM = "https://www.city.tosu.example.jp/form/"
OPEN = {f"{settings.BASE_URL}/tosu/guide/", f"{settings.BASE_URL}/tosu/rules/", FORM}
# 職員のまとめが並べる、案件の画面。サインインした職員だけが開ける。
DESK = f"{settings.BASE_URL}/cases/"
ONLY_YOU = "このリンクは宛先の方だけのものです。ほかの方へ転送しないでください。"
FOR_STAFF = "この画面は、サインインした職員だけが開けます。リンクに期限はありません。"
BUTTON = "ボタンを押せない場合は、次のアドレスをブラウザで開いてください。"


def city(**changes: str) -> Organization:
    given = {
        "kind": "municipality",
        "slug": "tosu",
        "name": "鳥栖市",
        "help_desk": "契約検査課",
        "help_phone": "0942-85-3500",
        "help_hours": "平日",
        "help_email": "keiyaku@tosu.example.jp",
        "help_form": FORM,
    }
    return Organization(**(given | changes))


def written(template: str, own: words.Own | None = None, **changes: object) -> words.Words:
    link = LINK if standard.of(template).action else None
    context = samples.context(template) | changes
    return words.write(
        tenant=city(), template=template, context=context, link=link, code=samples.code(template), own=own
    )


class Letters(HTMLParser):
    """Read what a reader of the HTML sees, letter by letter; refuse tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen = ""
        self.links: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"title", "head"} & set(self.open):
            self.seen += data


def letters(text: str) -> str:
    """Take away what only marks the structure of a text, and what only lays it out."""
    text = re.sub(r"^(・|■ |▼ |-{5,}|\d{1,2}\. )", "", text, flags=re.MULTILINE)
    return re.sub(r"[\s：]", "", text)


def test_the_table_tells_of_every_mail_and_of_no_other():
    assert sorted(each.template for each in table.every() if each.template != "invitation") == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_table_names_a_link_exactly_where_the_mail_may_carry_one(template):
    assert bool(table.of(template).link) == bool(standard.of(template).action)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_has_one_subject_line_of_at_most_200_letters(template):
    said = written(template, case_title="令和8年度" * 40, work_title="道" * 200)

    assert 5 < len(said.subject) <= 200
    assert "\n" not in said.subject


@pytest.mark.parametrize("template", TEMPLATES)
def test_both_parts_say_the_same(template):
    said = written(template)

    seen = Letters(said.html).seen.replace(BUTTON, "").replace(LINK, "")
    told = re.sub(r"https?://\S+", "", said.text)  # HTML では、見出しがリンクになる
    assert letters(seen) == letters(told)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_says_until_when_its_link_lives_and_whom_it_is_for(template):
    said = written(template)

    for part in (said.text, said.html):
        if standard.of(template).life:
            assert ONLY_YOU in part
            assert samples.context(template)["expires"] in part or "日間使えます" in part
        else:
            assert (FOR_STAFF in part) == bool(standard.of(template).action)
            assert ONLY_YOU not in part


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_says_whom_to_ask(template):
    said = written(template)

    for part in (said.text, said.html):
        for whom in ("契約検査課", "0942-85-3500（平日）", "keiyaku@tosu.example.jp"):
            assert whom in part
        is_about_a_case = "案件名" in standard.of(template).values
        assert ("建設課（電話 0942-85-3600）" in part) == is_about_a_case or template == "contracts/signature_requested"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_carries_no_secret_but_its_one_link_or_its_one_code(template):
    said = written(template)

    found = set(re.findall(r"https?://[^\s\"<]+", said.text + said.html))
    assert {each for each in found - OPEN if not each.startswith(DESK)} == (
        {LINK} if standard.of(template).action else set()
    )
    assert set(Letters(said.html).links) == found
    assert not (LINK in said.text and samples.CODE in said.text)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_of_the_pattern_is_left_in_a_mail(template):
    said = written(template)

    for part in (said.subject, said.text, re.sub(r"style=\"[^\"]*\"", "", said.html)):
        assert not re.search(r"[{}]|None|\bTrue\b|\bFalse\b", part)
    assert "\n\n\n" not in said.text
    assert not re.search(r"<[a-z/]", said.text)
    assert '<html lang="ja">' in said.html


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_organization_may_use_every_placeholder_that_is_offered(template):
    offered = standard.of(template).values
    assert set(offered) <= set(standard.glossary().names)
    assert {name for part in ("subject", "to", "lead", "life") for name in _in(template, part)} <= set(offered)

    said = written(template, words.Own(note="".join(f"{{{name}}}" for name in offered)))

    assert "{" not in said.text


def _in(template: str, part: str) -> list[str]:
    return patterns.placeholders(getattr(standard.of(template), part))


def test_names_are_shown_literally_in_html():
    said = written("contracts/declined", case_title="市道<1>号 & 橋", reason="<script>alert(1)</script>")

    assert "市道<1>号 & 橋" in said.text
    assert "市道&lt;1&gt;号 &amp; 橋" in said.html
    assert "<script>" not in said.html


@pytest.mark.parametrize(
    "typed",
    [
        "金額が違います。\n\n▼ こちらで直す\nhttps://evil.example/",
        "▼ こちらで直す\nhttps://evil.example/",
        "一つ目\r\n1. 二つ目\r\n・三つ目",
        "https://evil.example/",
        "誤り\u2028\u2028電話：090-0000-0000",
    ],
)
def test_what_people_type_makes_no_link_and_no_line_of_its_own(typed):
    said = written("contracts/declined", reason=typed)

    (table_,) = [block for block in layout.blocks(said.main, ours=said.ours) if "理由" in str(block.rows)]
    assert [row.label for row in table_.rows] == ["理由"]
    assert "".join(table_.rows[0].lines) == "".join(line.strip() for line in typed.splitlines())
    assert set(Letters(said.html).links) <= OPEN


def test_a_long_name_is_cut_in_the_subject_and_whole_in_the_mail():
    name = "市道轟木川護岸補修工事その" * 20

    said = written("contracts/signature_requested", case_title=name)

    assert said.subject.startswith("鳥栖市様 より市道轟木川")
    assert said.subject.endswith("…への署名依頼が届いています")
    assert len(said.subject) <= 200
    assert name in said.text


def test_a_fixed_text_longer_than_a_subject_is_cut_at_its_end():
    assert patterns.fitting("あ" * 300, {}, limit=200) == "あ" * 199 + "…"
    assert len(patterns.fitting("い" * 190 + "{名}", {"名": "う" * 11}, limit=200)) <= 200


def test_own_words_stand_in_place_of_the_standard_and_a_note_above_the_link():
    own = words.Own(
        "{案件名}の署名のお願い", "{宛名} 様、署名を\nお願いします。", "・年度末は早めに\n・印鑑は要りません"
    )

    said = written("contracts/signature_requested", own)

    assert said.subject == "市道元町線道路改良工事の署名のお願い"
    assert "髙﨑　𠮷男 様、署名を\nお願いします。" in said.text
    assert "署名依頼が届いています" not in said.text
    assert said.text.index("・年度末は早めに") < said.text.index(LINK)
    assert said.html.count("<li") == 3 + 2


def test_a_mail_that_one_may_answer_says_so():
    said = written("contracts/declined", reply_to="keiyaku@city.example.jp")

    assert "返信は、keiyaku@city.example.jp に届きます。" in said.text
    assert "お答えできません" not in said.text


def test_an_organization_without_a_help_desk_is_still_named():
    bare = city(help_desk="", help_phone="", help_hours="", help_email="", help_form="", kind="guarantor")

    said = words.write(
        tenant=bare,
        template="accounts/password_link",
        context=samples.context("accounts/password_link"),
        link=LINK,
        code=None,
    )

    assert "お問い合わせ：鳥栖市\n" in said.text
    assert "電話：" not in said.text
    assert set(Letters(said.html).links) == {LINK}

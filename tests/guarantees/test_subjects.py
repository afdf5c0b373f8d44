"""The subject of a mail is written as each city wants it, and tells type and case when it comes back."""

import pytest

from contracts import rules
from contracts.presets import load
from guarantees.rules import subjects
from guarantees.rules.subjects import Subject

NAMES = rules.GUARANTEE_TYPES
ABOUT = Subject(type="前払金保証", number="令7-第12号", title="市道〇〇線道路改良工事", contractor="株式会社鳥栖建設")


def every(template: str) -> dict[str, str]:
    return dict.fromkeys(NAMES, template)


# 実際に使われている件名の定め
SHIGA = every("【電子保証】{number}{title}")
TOTTORI = {
    "contract": "【契約保証】{title}",
    "advance": "【前払保証】{title}",
    "interim_advance": "【中間前払保証】{title}",
}
NOBEOKA = every("電子保証認証キー：{title}")
GIFU = every("{type}{number}{contractor}")


@pytest.mark.parametrize(
    ("template", "written"),
    [
        (SHIGA["advance"], "【電子保証】令7-第12号市道〇〇線道路改良工事"),
        (TOTTORI["advance"], "【前払保証】市道〇〇線道路改良工事"),
        (NOBEOKA["advance"], "電子保証認証キー：市道〇〇線道路改良工事"),
        (GIFU["advance"], "前払金保証令7-第12号株式会社鳥栖建設"),
    ],
)
def test_a_subject_is_written_from_the_template_and_recognised_again(template, written):
    assert subjects.write(template, ABOUT) == written
    assert subjects.fits(template, f"Re: ＦＷ: {written}", ABOUT)
    assert subjects.fits(template, written.replace("〇〇", "○○"), ABOUT)
    assert not subjects.fits(template, f"{written}（その2）", ABOUT)


@pytest.mark.parametrize(
    ("templates", "subject", "told"),
    [
        (TOTTORI, "【前払保証】市道改良", ("advance",)),
        (TOTTORI, "転送：【中間前払保証】 市道改良", ("interim_advance",)),
        (TOTTORI, "【契約保証】市道改良", ("contract",)),
        (TOTTORI, "【請求書】市道改良", ()),
        (TOTTORI, "【前払保証】", ()),
        (SHIGA, "【電子保証】12市道改良", ("contract", "advance", "interim_advance")),
        (SHIGA, "【電子保証】12市道改良（中間前払金保証）", ("interim_advance",)),
        (GIFU, "前払金保証12株式会社鳥栖建設", ("advance",)),
        (GIFU, "中間前払金保証１２株式会社鳥栖建設", ("interim_advance",)),
        (NOBEOKA, "電子保証認証キー:市道改良", ("contract", "advance", "interim_advance")),
    ],
)
def test_a_subject_tells_the_type_of_guarantee(templates, subject, told):
    assert subjects.types(templates, subject, names=NAMES) == told


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("【電子保証】令７－第１２号 市道○○線道路改良工事", True),
        ("認証キーの件（令7-第12号）", True),
        ("市道◯◯線　道路改良工事の保証について", True),
        ("令7-第121号の件", False),
        ("令7-第112号の件", False),
        ("市道〇〇線の件", False),
        ("", False),
    ],
)
def test_a_subject_names_a_case_by_its_whole_number_or_title(subject, found):
    assert subjects.mentions(subject, number="令7-第12号", title="市道〇〇線道路改良工事") == found


def test_a_bare_number_is_not_found_in_a_longer_one():
    assert subjects.mentions("契約保証 12 改良", number="12", title="別")
    assert not subjects.mentions("契約保証 112 改良", number="12", title="別")
    assert not subjects.mentions("契約保証", number="", title="")


def test_an_endless_subject_is_read_no_further_than_a_subject_goes():
    endless = "【前払保証】" + "市" * 1_000_000

    assert subjects.types(TOTTORI, endless, names=NAMES) == ("advance",)
    assert len(subjects.plain(endless)) == subjects.LONGEST


def test_the_usual_subject_holds_where_a_city_says_nothing_and_its_own_where_it_does():
    tosu = load("tosu")
    assert subjects.write(rules.mail_subjects(tosu)["advance"], ABOUT) == (
        "【前払金保証】令7-第12号 市道〇〇線道路改良工事"
    )
    tosu["guarantee"]["subjects"] = {"contract": "【契約保証】{title}"}

    found = rules.mail_subjects(tosu)

    assert found["contract"] == "【契約保証】{title}"
    assert found["advance"].startswith("【{type}】")


def put(**values):
    data = load("tosu")
    data["guarantee"].update(values)
    return data


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"policy": "key"}, "「policy」（提出するもの）はkey_only"),
        ({"policy": "key_and_screen"}, "「papers」（提出書類）の「contract」が、「policy」"),
        ({"policy": "printed_notice"}, "印刷したお知らせを受け取る方法がありません"),
        (
            {"policy": "printed_notice", "channels": ["bring", "upload"]},
            "「upload」では、印刷したお知らせを",
        ),
        ({"subjects": {"contract": "契約保証{案件}"}}, "「{案件}」は差し込めません"),
        ({"subjects": {"contract": "契約保証{contractor}"}}, "案件を見分ける「{number}」か「{title}」"),
        ({"subjects": {"bid_bond": "{title}"}}, "「bid_bond」という項目はありません"),
    ],
)
def test_a_policy_or_a_subject_that_cannot_hold_is_refused_by_its_name(values, named):
    with pytest.raises(rules.RuleError) as refusal:
        rules.validate(put(**values))

    assert named in str(refusal.value)


@pytest.mark.parametrize(
    ("values", "policy"),
    [
        ({}, "key_only"),
        ({"policy": "any"}, "any"),
        ({"policy": "printed_notice", "channels": ["post"]}, "printed_notice"),
    ],
)
def test_a_city_says_what_it_wants_to_be_given(values, policy):
    data = put(**values)
    rules.validate(data)

    assert rules.guarantee_policy(data) == policy


def test_a_version_stored_before_the_policy_existed_says_it_by_its_papers():
    tosu, usuki = load("tosu"), load("usuki")
    for data in (tosu, usuki):
        data["guarantee"].pop("policy", None)

    assert [rules.guarantee_policy(data) for data in (tosu, usuki)] == ["key_only", "key_and_screen"]

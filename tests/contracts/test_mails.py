"""Every mail can be written, says what happens next, and carries no secret but its one link."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Organization
from notifications import mail
from notifications.words import standard

FOLDER = Path(settings.BASE_DIR) / "templates/notifications/contracts"
TEMPLATES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
SUBJECTS = {
    "signature_requested": "鳥栖市様 より市道<1>号線改良工事への署名依頼が届いています",
    "concluded": "電子署名完了のお知らせ",
}
CONTEXT = {
    **standard.glossary().samples,
    "case_number": "鳥工第1号",
    "case_title": "市道<1>号線改良工事",
    "return_reason": "支店名が違います",
    "reason": "金額 & 工期の誤り",
}
LINK = "https://musubi.example.jp/tosu/sign/c2VjcmV0LXRva2Vu/"
# だれでも開ける、市の手引と決まり。秘密ではない。
OPEN = {f"{settings.BASE_URL}/tosu/guide/", f"{settings.BASE_URL}/tosu/rules/"}
LINKLESS = {name for name in TEMPLATES if not standard.of(f"contracts/{name}").action}
CODE = "1234-5678"


def city() -> Organization:
    return Organization(
        slug="tosu",
        name="鳥栖市",
        help_desk="契約検査課",
        help_phone="0942-85-3500",
        help_hours="平日",
        help_email="keiyaku@tosu.example.jp",
    )


def words(template: str, **changes: str) -> mail.Words:
    link = None if template in LINKLESS else LINK
    code = CODE if template == "one_time_code" else None
    return mail.words(tenant=city(), template=f"contracts/{template}", context=CONTEXT | changes, link=link, code=code)


def test_every_message_has_its_words_and_every_folder_its_message():
    source = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "contracts").rglob("messages.py"))
    named = set(re.findall(r'^\s*(?:notify\([^"]*|_end_notice\([^"]*)?"([a-z_]+)",', source, re.MULTILINE))
    named |= set(re.findall(r'_end_notice\(version, "([a-z_]+)"', source))
    named |= set(re.findall(r'"(council_[a-z]+)"', source))
    services = (Path(settings.BASE_DIR) / "contracts" / "services").rglob("*.py")
    named |= {
        name for path in services for name in re.findall(r'(?:template = |contracts/)"?([a-z_]+)"', path.read_text())
    }

    assert set(TEMPLATES) <= named


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_has_one_subject_line_a_plain_and_a_html_part_and_the_city_to_ask(template):
    said = words(template)

    assert said.subject == SUBJECTS.get(template, said.subject)
    assert "\n" not in said.subject
    for part in (said.text, said.html):
        assert ("鳥工第1号" in part) == ("工事番号" in standard.of(f"contracts/{template}").values)
        assert "0942-85-3500" in part
        assert "{{" not in part
        assert "{%" not in part
    assert not re.search(r"<[a-z/]", said.text)
    assert "<1>" not in said.html
    assert "style=" in said.html


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_carries_its_link_and_no_other_secret(template):
    said = words(template)

    found = set(re.findall(r"https?://[^\s\"<]+", said.text + said.html))
    assert found - OPEN == (set() if template in LINKLESS else {LINK})


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_says_when_its_link_ends_and_what_comes_next(template):
    said = words(template)

    if template in {"consent_invited", "signature_requested", "concluded"}:
        assert CONTEXT["expires"] in said.text
        assert "1. " in said.text
    assert "。" in said.text


def test_a_first_invitation_speaks_of_no_return_and_a_case_without_deadline_of_none():
    said = words("consent_invited", return_reason="", deadline="")

    assert "差し戻されて" not in said.text + said.html
    assert "契約締結期限" not in said.text + said.html


def test_a_code_stands_in_no_mail_that_carries_a_link():
    for template in TEMPLATES:
        said = words(template)
        assert (CODE in said.text, CODE in said.html) == ((template == "one_time_code",) * 2)
    assert LINK not in words("one_time_code").text


def test_the_request_says_how_the_code_comes_and_whom_to_call():
    told = words("signature_requested")

    for part in (told.text, told.html):
        assert "アクセスコードは、鳥栖市 建設課から、このメールとは別に（電話などで）お伝えします" in part
        assert "0942-85-3600" in part
    assert "コード" not in words("signature_requested", level="link").text
    assert "契約事務担当者のメールアドレスへお送りします" in words("signature_requested", level="one_time_code").text

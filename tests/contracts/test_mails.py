"""What the mails about a contract say in each case; tests/notifications/test_words.py holds what all have in common."""

import pytest

from accounts.models import Organization
from notifications import mail
from notifications.words import samples

LINK = "https://musubi.example.jp/tosu/sign/c2VjcmV0LXRva2Vu/"


def words(template: str, *, link: str | None = LINK, **changes: object) -> mail.Words:
    city = Organization(kind="municipality", slug="tosu", name="鳥栖市", help_phone="0942-85-3500")
    context = samples.context(f"contracts/{template}") | changes
    return mail.words(tenant=city, template=f"contracts/{template}", context=context, link=link)


def test_the_request_and_the_completion_have_the_subjects_that_the_cities_know():
    request = words("signature_requested", case_title="市道<1>号線改良工事")

    assert request.subject == "鳥栖市様 より市道<1>号線改良工事への署名依頼が届いています"
    assert words("concluded").subject == "電子署名完了のお知らせ"


def test_a_first_invitation_speaks_of_no_return_and_a_case_without_deadline_of_none():
    said = words("consent_invited", return_reason="", deadline="")

    assert "差し戻されて" not in said.text + said.html
    assert "契約締結期限" not in said.text + said.html


def test_the_request_says_how_the_code_comes_and_whom_to_call():
    told = words("signature_requested")

    for part in (told.text, told.html):
        assert "アクセスコードは、鳥栖市 建設課から、このメールとは別に（電話などで）お伝えします" in part
        assert "0942-85-3600" in part
    assert "コード" not in words("signature_requested", level="link").text
    assert "契約事務担当者のメールアドレスへお送りします" in words("signature_requested", level="one_time_code").text
    assert "建設課（電話 0942-85-3500）へ" in words("signature_requested", office_phone="").text


@pytest.mark.parametrize(
    ("late", "lateness", "said"),
    [(True, "契約締結期限を過ぎています", ""), (False, "署名の指示と別の日になりました", "期限は過ぎていません。")],
)
def test_a_contract_fixed_on_another_day_says_whether_that_was_late(late, lateness, said):
    told = words("fixed_on_another_day", late=late, lateness=lateness)

    assert lateness in told.subject
    assert ("期限は過ぎていません。" in told.text) == bool(said)


def test_a_firm_that_withdrew_is_shown_no_page_of_the_staff():
    assert "案件を開く" not in words("consent_withdrawn", link=None).text

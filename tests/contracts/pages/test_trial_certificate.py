"""試験用の証明書で動いている間は、どの画面もそう言う。"""

import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.urls import reverse

from accounts.models import Role
from contracts.models import Purpose

pytestmark = pytest.mark.django_db
SAYS = "自己署名の試験用証明書"
PAGES = sorted((Path(configured.BASE_DIR) / "templates").rglob("*.html"))
# そう告げる画面の枠の中に出る、メールの見本。
FRAMED = {"mail_look.html"}
# 手元の部品を持たない、外で開く頁。証拠一式（packs）は自分の枠で告げる。
ELSEWHERE = {"notifications", "pdf", "packs"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(configured.BASE_DIR)))
def test_every_whole_page_grows_from_the_frame_that_says_so(path: Path):
    text = path.read_text()
    whole = "<html" in text and not ELSEWHERE & set(path.parts)

    assert not whole or path.name in FRAMED or '{% include "_test_certificate.html" %}' in text


def test_the_sentence_stands_outside_of_what_a_page_may_replace():
    frame = (Path(configured.BASE_DIR) / "templates/base.html").read_text()
    before, _, _ = frame.partition('{% include "_test_certificate.html" %}')

    assert len(re.findall(r"{% block ", before)) == len(re.findall(r"{% endblock", before))


def test_public_pages_pages_behind_a_mail_and_those_of_staff_say_so(client, desk, tosu):
    tosu.sent()
    staff, mailed = desk(tosu.tenant, Role.DRAFTER), tosu.address(Purpose.SIGN)

    pages = [
        client.get(reverse("public_verify")),
        client.get("/nowhere/"),
        client.get(reverse("account_login")),
        client.get(mailed, follow=True),
        staff.get(reverse("case", args=[tosu.case.pk])),
    ]

    assert [SAYS in page.content.decode() for page in pages] == [True] * len(pages)


def test_with_a_real_certificate_nothing_is_said(client, settings):
    settings.TEST_CERTIFICATE = False

    assert SAYS not in client.get(reverse("public_verify")).content.decode()


def test_a_pack_says_so_in_its_own_frame():
    assert "試験用の証明書" in (Path(configured.BASE_DIR) / "templates/packs/base.html").read_text()

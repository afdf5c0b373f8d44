"""A key is masked where people wrote it, whichever way they typed it; the words around it stay."""

import pytest
from django.utils import timezone

from audit.models import Event
from guarantees.hushing import hush
from guarantees.models import Attachment, Channel
from guarantees.services import arriving
from tests.guarantees.conftest import KEY, NUMBER, officer
from tests.guarantees.incoming import mailed, notice


@pytest.mark.parametrize(
    "written",
    [KEY, KEY.lower(), KEY.upper(), "Ｋａｇｉ７－Ｋ２ＱＺ９ｘ", "Ｋagi７-K2QZ9x"],
)
def test_a_key_is_masked_however_it_was_typed(written):
    assert hush(f"【前払金保証】認証キー：{written}／鳥工第1号", [KEY]) == "【前払金保証】認証キー：••••／鳥工第1号"


def test_words_without_the_key_stay_as_they_are():
    said = "【前払金保証】鳥工第1号 (.*)"

    assert hush(said, [KEY, ""]) == said
    assert hush("a.b", ["a+b"]) == "a.b"


@pytest.mark.django_db
def test_what_a_mail_tells_of_the_key_is_kept_masked(case):
    paper = notice(f"お知らせ_{KEY}.pdf")
    letter = mailed(case, paper, subject=f"{case.number} 認証キー {KEY}", sender=f"{KEY} <a@example.jp>")

    (arrival,) = arriving.bring(
        [letter], city=case.tenant, actor=officer(case.tenant), at=timezone.now(), channel=Channel.EMAIL
    )

    assert arrival.case_id == case.pk
    assert arrival.mail["subject"] == f"{case.number} 認証キー ••••"
    assert arrival.notice["number"] == NUMBER
    names = set(Attachment.unscoped.filter(arrival=arrival).values_list("name", flat=True))
    assert names == {"お知らせ_••••.pdf", "保証のお知らせ.eml"}
    event = Event.objects.of_thread(case.tenant_id, case.thread).get(action="guarantee.papers_read")
    assert KEY not in event.data

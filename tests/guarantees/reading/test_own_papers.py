"""このシステムの保証機関の側が出す二つの紙も、読める（R88、R105）。ほかの人が組んだ様式である。"""

from dataclasses import replace
from datetime import datetime

import pytest

from contracts.dates import JST
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.issuing import papers
from guarantees.reading import Kind, read
from tests.guarantees.papers.written import CERTIFICATE, LONG_TITLE, NOTICE

from .alike import differences

AT = datetime(2026, 5, 10, 9, 0, tzinfo=JST)
GUARANTOR = papers.Guarantor(
    name="西日本建設業保証株式会社",
    address="大阪市西区立売堀二丁目1番2号",
    title="取締役社長",
    representative="保証　太郎",
    branch="佐賀支店",
    phone="0952-22-0335",
)


@pytest.mark.parametrize(
    "facts", [NOTICE, replace(NOTICE, type="contract", work_title=LONG_TITLE)], ids=["前払金保証", "契約保証"]
)
def test_the_notice_of_the_issuing_side_is_read(facts: NoticeFacts):
    reading = read(papers.render_notice(facts, guarantor=GUARANTOR))

    assert (reading.kind, differences(reading.notice, facts), reading.why) == (Kind.NOTICE, {}, "")


@pytest.mark.parametrize(
    "facts",
    [
        CERTIFICATE,
        replace(CERTIFICATE, changed=True, work_title=LONG_TITLE, base_price=90_000_000),
    ],
    ids=["当初", "変更"],
)
def test_the_certificate_of_the_issuing_side_is_read(facts: CertificateFacts):
    reading = read(papers.render_certificate(facts, guarantor=GUARANTOR, at=AT))

    assert (reading.kind, differences(reading.certificate, facts)) == (Kind.CERTIFICATE, {})

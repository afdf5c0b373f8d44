"""保証証書と見分け、その記載事項を読む（R105、R113）。"""

from dataclasses import replace
from datetime import date

import pytest

from guarantees.facts import CertificateFacts
from guarantees.reading import Kind, extraction, papers, read
from tests.guarantees.papers import certificates, notices
from tests.guarantees.papers.written import CERTIFICATE, LONG_TITLE
from tests.signing.producers import weasyprint_made

from .alike import differences

# 様式によって表題の書き方が違う。
TITLES = {"罫線の様式（WeasyPrint）": "前払金保証証書"}
CHANGED = replace(CERTIFICATE, changed=True, work_title=LONG_TITLE)


@pytest.mark.parametrize("facts", [CERTIFICATE, CHANGED], ids=["当初", "変更"])
@pytest.mark.parametrize("layout", certificates.LAYOUTS)
def test_every_field_is_read_in_each_layout(layout: str, facts: CertificateFacts):
    reading = read(certificates.LAYOUTS[layout](facts))

    expected = replace(facts, title=TITLES.get(layout, facts.title))
    assert (reading.kind, differences(reading.certificate, expected), reading.why) == (Kind.CERTIFICATE, {}, "")
    assert reading.notice is None
    assert reading.missing == ()


def test_the_part_of_the_price_that_is_guaranteed_is_told_from_the_whole():
    certificate = read(certificates.ruled(replace(CERTIFICATE, base_price=90_000_000))).certificate

    assert certificate is not None
    assert (certificate.price, certificate.base_price) == (100_000_000, 90_000_000)


def facts_of(**values: str) -> CertificateFacts:
    """Read a certificate that says only so much."""
    rows = {"被保証者": "鳥栖市長", "保証金額": "1円"} | values
    cells = "".join(f"<tr><th>{name}<td>{value}" for name, value in rows.items())
    style = "table{border-collapse:collapse}td,th{border:1px solid}"
    pdf = weasyprint_made(notices.page(style, f"<h2>保証証書（契約保証）</h2><table>{cells}</table>"))
    return papers.certificate(papers.Sheet(extraction.pages(pdf)[0]))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("40,000,000円", 40_000_000),
        ("金４０，０００，０００円也", 40_000_000),
        ("￥40,000,000-", 40_000_000),
        ("40,000千円", 40_000_000),
        ("4,000万円", 40_000_000),
        ("別紙のとおり", None),
    ],
)
def test_yen_are_read_as_they_are_written(written: str, amount: int | None):
    assert facts_of(保証金額=written).amount == amount


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("令和 8年 5月10日から令和 9年 3月31日まで", (date(2026, 5, 10), date(2027, 3, 31))),
        ("自 令和八年五月十日 至 令和九年三月三十一日", (date(2026, 5, 10), date(2027, 3, 31))),
        ("平成31年4月1日～令和元年5月1日", (date(2019, 4, 1), date(2019, 5, 1))),
        ("R8.5.10 - R9.3.31", (date(2026, 5, 10), date(2027, 3, 31))),
        ("２０２６年５月１０日～２０２７年３月３１日", (date(2026, 5, 10), date(2027, 3, 31))),
        ("令和9年3月31日", (None, date(2027, 3, 31))),
        ("令和9年2月31日まで", (None, None)),
    ],
)
def test_periods_are_read_in_every_calendar(written: str, days: tuple[date | None, date | None]):
    facts = facts_of(保証期間=written)

    assert (facts.guaranteed_from, facts.guaranteed_until) == days

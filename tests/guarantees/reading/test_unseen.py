"""読み取りを作ったあとで描いた組み方でも読めるか。

初めの結果（題の短いものと長いもの、お知らせは六項目）は次のとおり。第一回から第三回はそのあと直した。直しに使っていない
最後の組（held_out）は、初めの結果がそのまま今の結果である。

- 第一回 お知らせ 7 種: 84 項目のうち 61 を読めた（誤り 3、読めず 20）。証書 2 種: すべて。
- 第二回 お知らせ 4 種: 48 項目のうち 42（誤り 2、読めず 4）。証書 1 種: すべて。
- 第三回 お知らせ 4 種: 48 項目のうち 35（誤り 3、読めず 10）。証書 1 種: すべて。
- 最後の組 お知らせ 4 種: 48 項目すべて。証書 1 種: すべて。
"""

from dataclasses import replace

import pytest

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.reading import Kind, read
from tests.guarantees.papers import held_out, round_one, round_three, round_two
from tests.guarantees.papers.written import CERTIFICATE, LONG_TITLE, NOTICE

from .alike import differences

LONG_NOTICE = replace(NOTICE, type="contract", work_title=LONG_TITLE)
LONG_CERTIFICATE = replace(CERTIFICATE, changed=True, work_title=LONG_TITLE)
TRIED_NOTICES = round_one.NOTICES | round_two.NOTICES | round_three.NOTICES
TRIED_CERTIFICATES = round_one.CERTIFICATES | round_two.CERTIFICATES | round_three.CERTIFICATES


@pytest.mark.parametrize("layout", TRIED_NOTICES)
def test_notices_that_the_reader_was_mended_on_are_read(layout: str):
    reading = read(TRIED_NOTICES[layout](LONG_NOTICE))

    assert (reading.kind, differences(reading.notice, LONG_NOTICE), reading.why) == (Kind.NOTICE, {}, "")


@pytest.mark.parametrize("layout", TRIED_CERTIFICATES)
def test_certificates_drawn_after_the_reader_are_read(layout: str):
    reading = read(TRIED_CERTIFICATES[layout](LONG_CERTIFICATE))

    assert (reading.kind, differences(reading.certificate, LONG_CERTIFICATE)) == (Kind.CERTIFICATE, {})


@pytest.mark.parametrize("facts", [NOTICE, LONG_NOTICE], ids=["短い工事名", "行に分かれる工事名"])
@pytest.mark.parametrize("layout", held_out.NOTICES)
def test_notices_that_the_reader_was_never_mended_on_are_read(layout: str, facts: NoticeFacts):
    reading = read(held_out.NOTICES[layout](facts))

    assert (reading.kind, differences(reading.notice, facts), reading.why) == (Kind.NOTICE, {}, "")


@pytest.mark.parametrize("facts", [CERTIFICATE, LONG_CERTIFICATE], ids=["当初", "変更"])
@pytest.mark.parametrize("layout", held_out.CERTIFICATES)
def test_certificates_that_the_reader_was_never_mended_on_are_read(layout: str, facts: CertificateFacts):
    reading = read(held_out.CERTIFICATES[layout](facts))

    assert (reading.kind, differences(reading.certificate, facts)) == (Kind.CERTIFICATE, {})

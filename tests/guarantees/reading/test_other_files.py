"""お知らせでないもの、読めないものには、何であるかとどうすればよいかを告げる。"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from guarantees import reading
from guarantees.reading import Kind, read
from tests.guarantees.papers import certificates, notices, others
from tests.guarantees.papers.written import CERTIFICATE, NOTICE
from tests.signing import producers

from .alike import differences

UNREADABLE = {
    "色のある走査": (producers.scanned_in_colour, Kind.SCAN, "文字の情報がありません"),
    "白黒の走査": (producers.scanned_in_black, Kind.SCAN, "文字の情報がありません"),
    "字の意味のない字体": (others.without_meaning, Kind.SCAN, "日本語の文字を読み取れません"),
    "保証工事一覧": (others.list_of_works, Kind.UNKNOWN, "保証工事一覧の画面のようです"),
    "お客様控え": (others.customers_copy, Kind.UNKNOWN, "お客様控えのようです"),
    "契約書": (others.agreement, Kind.UNKNOWN, "請負契約書のようです"),
    "ほかの書類": (producers.weasyprint_made, Kind.UNKNOWN, "お知らせではないようです"),
    "PDFでないもの": (lambda: b"PK\3\4", Kind.UNKNOWN, "PDFとして開けません"),
    "空のファイル": (lambda: b"", Kind.UNKNOWN, "PDFとして開けません"),
    "途中で切れたPDF": (lambda: notices.as_in_the_guide(NOTICE)[:2000], Kind.UNKNOWN, "PDFとして開けません"),
    "パスワードの要るPDF": (
        lambda: others.locked(notices.as_in_the_guide(NOTICE)),
        Kind.UNKNOWN,
        "パスワードが必要です",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_paper_of_a_guarantee_is_named_with_what_to_do(name: str):
    made, kind, why = UNREADABLE[name]

    found = read(made())

    assert (found.kind, found.notice, found.certificate, found.missing) == (kind, None, None, ())
    assert why in found.why
    assert found.why.endswith("。")


def test_a_notice_that_may_be_read_but_not_changed_is_read():
    found = read(others.kept_from_changes(notices.as_in_the_guide(NOTICE)))

    assert differences(found.notice, NOTICE) == {}


def test_text_recognised_under_a_scan_is_read_with_a_warning():
    found = read(others.recognised_scan())

    assert differences(found.notice, NOTICE) == {}
    assert "一字ずつ見比べてください" in found.why


def test_text_that_nobody_sees_is_not_read_beside_text_that_is_seen():
    found = read(others.with_hidden_key(NOTICE, "EVIL000000"))

    assert found.notice is not None
    assert found.notice.key == NOTICE.key


def test_what_stands_in_the_fields_of_a_form_is_read():
    assert differences(read(others.filled_form(NOTICE)).notice, NOTICE) == {}


def test_both_papers_in_one_file_are_read():
    found = read(others.joined(notices.as_in_the_guide(NOTICE), certificates.ruled(CERTIFICATE)))

    assert found.kind is Kind.NOTICE
    assert differences(found.notice, NOTICE) == {}
    assert found.certificate is not None
    assert found.certificate.amount == CERTIFICATE.amount


def test_two_notices_in_one_file_are_to_be_parted():
    other = replace(NOTICE, number="2070004427", type="contract")

    found = read(others.joined(notices.as_in_the_guide(NOTICE), notices.as_in_the_guide(other)))

    assert "1件ずつに分けて" in found.why


def test_a_file_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    endless = tmp_path / "child.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(reading, "CHILD", endless)
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.5)

    assert "複雑すぎます" in read(b"%PDF-1.7").why


def test_a_reader_that_fails_says_nothing_of_what_it_read(monkeypatch, tmp_path, caplog):
    failing = tmp_path / "child.py"
    failing.write_text("raise SystemExit('K7QX2M9TRA')")
    monkeypatch.setattr(reading, "CHILD", failing)

    assert "複雑すぎます" in read(b"%PDF-1.7").why
    assert "ended with 1" in caplog.text
    assert "K7QX2M9TRA" not in caplog.text


@pytest.mark.parametrize("deed", ["open(sys.argv[2], 'wb', buffering=0).write(b'x')", "bytes(2**30)"])
def test_the_process_that_reads_can_neither_write_a_file_nor_take_much_memory(deed: str, tmp_path: Path):
    program = f"import runpy, sys; runpy.run_path(sys.argv[1])['_limit'](); {deed}"
    command = [sys.executable, "-c", program, str(reading.CHILD), str(tmp_path / "kept")]

    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_a_large_file_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(reading, "LARGEST", 10)

    assert "大きすぎます" in read(b"%PDF-1.7 and more").why


def test_the_key_does_not_show_when_a_reading_is_written_out():
    found = read(notices.typewritten(NOTICE))

    assert found.notice is not None
    assert found.notice.key == NOTICE.key
    assert str(NOTICE.key) not in repr(found)

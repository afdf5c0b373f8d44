"""`manage.py read_notice`"""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.guarantees.papers import certificates, notices, others
from tests.guarantees.papers.written import CERTIFICATE, NOTICE


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "お知らせ.pdf"
    path.write_bytes(notices.typewritten(NOTICE))
    return path


def test_it_shows_the_fields_with_the_key_masked(paper: Path, capsys):
    call_command("read_notice", str(paper))

    assert capsys.readouterr().out.splitlines() == [
        "書類: 電子証書閲覧用「認証キー」等のお知らせ",
        "区分: 前払金保証",
        "保証契約番号: 2070004426",
        "認証キー: ●●●●●●●●",
        "工事名: 市道轟木・今泉線道路改良工事（第３工区）",
        "発注者: 鳥栖市長",
        "保証機関: 西日本建設業保証株式会社",
    ]


def test_it_speaks_json_and_shows_the_key_only_when_asked(paper: Path, capsys):
    call_command("read_notice", str(paper), "--json")
    masked = json.loads(capsys.readouterr().out)
    call_command("read_notice", str(paper), "--json", "--show-key")
    shown = json.loads(capsys.readouterr().out)

    assert (masked["kind"], masked["notice"]["number"], masked["missing"]) == ("notice", "2070004426", [])
    assert (masked["notice"]["key"], shown["notice"]["key"]) == ("●●●●●●●●", NOTICE.key)


def test_it_shows_a_certificate(paper: Path, capsys):
    paper.write_bytes(certificates.typewritten(CERTIFICATE))

    call_command("read_notice", str(paper))

    shown = capsys.readouterr().out
    assert "書類: 保証証書" in shown
    assert "保証金額: 40,000,000円" in shown
    assert "保証期間の終わり: 2027-03-31" in shown


def test_it_fails_and_says_why_unless_everything_was_read(paper: Path, capsys):
    paper.write_bytes(others.customers_copy())

    with pytest.raises(SystemExit) as left:
        call_command("read_notice", str(paper))

    assert left.value.code == 1
    assert "お客様控えのようです" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CommandError, match=r"ない\.pdf を読めません"):
        call_command("read_notice", str(tmp_path / "ない.pdf"))

"""`manage.py verify_pdf`"""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.embedded import pki as authority
from signing import setup

from .conftest import Grown


@pytest.fixture(autouse=True)
def trust_read_anew():
    """Read the trust of the settings anew: a process keeps what it has read once."""
    setup.trust.cache_clear()
    yield
    setup.trust.cache_clear()


@pytest.fixture
def files(tmp_path: Path, contract: bytes, concluded: Grown) -> tuple[Path, Path]:
    signed, unsigned = tmp_path / "契約書.pdf", tmp_path / "案.pdf"
    signed.write_bytes(concluded.pdf)
    unsigned.write_bytes(contract)
    return signed, unsigned


def test_it_says_what_the_panel_of_acrobat_says(files, pki: authority.PkiPaths, settings, capsys):
    settings.TRUST_ROOTS = pki.trust_roots

    call_command("verify_pdf", str(files[0]))

    shown = capsys.readouterr().out
    for sentence in (
        "判定: 合格  署名済みであり、すべての署名が有効です。",
        "水準: PAdES-B-LTA",
        "バージョン 1: Musubi Sign Dept. により署名済み",
        "バージョン 3: Musubi Timestamp Service により署名済み",
        "埋め込みタイムスタンプが署名に含まれています",
        "署名はLTV対応です。",
        "署名者のIDは有効です。",
        "署名の場所: 日本",
        "FIELD_2336416_0（不可視署名）",
        "2026-03-05 10:20:30 +09:00 JSTに承認しました",
    ):
        assert sentence in shown


def test_it_fails_unless_all_are_valid_and_speaks_json(files, pki: authority.PkiPaths, settings, capsys):
    settings.TRUST_ROOTS = None

    with pytest.raises(SystemExit) as left:
        call_command("verify_pdf", *map(str, files), "--json", "--trust", str(pki.trust_roots))

    assert left.value.code == 1
    reports = json.loads(capsys.readouterr().out)
    assert [each["verdict"] for each in reports] == ["VALID", "UNSIGNED"]


def test_it_needs_a_root_and_a_file(files, settings, tmp_path: Path, pki: authority.PkiPaths):
    settings.TRUST_ROOTS = None

    with pytest.raises(CommandError, match="--trust"):
        call_command("verify_pdf", str(files[0]))
    with pytest.raises(CommandError, match="読めません"):
        call_command("verify_pdf", str(tmp_path / "nowhere.pdf"), "--trust", str(pki.trust_roots))
    with pytest.raises(CommandError, match="証明書がありません"):
        call_command("verify_pdf", str(files[0]), "--trust", str(files[0]))

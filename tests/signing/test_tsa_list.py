"""時刻認証局の一覧は、書いたとおりに読まれ、書き損じは起動のときに断られる。"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config.embedded import pki as authority
from signing import setup
from signing.timestamps import Entry, read_entries

FINGERPRINT = "AB" * 32

WHOLE = f"""
[[tsa]]
name = "甲認定タイムスタンプ"
url = "https://tsa.example.jp/"
policy = "1.2.392.200127.1.1"
issuers = ["{FINGERPRINT}"]
certificates = ["{":".join(["cd"] * 32)}"]
hash = "sha512"
accredited = true

[[tsa]]
url = "http://second.example.jp/tsa"
"""

MISTAKES = {
    'url = "ftp://tsa.example.jp/"': "http か https",
    'name = "甲"': "url がありません",
    'url = "https://tsa.example.jp/"\nhash = "sha1"': "sha256 か sha512",
    'url = "https://tsa.example.jp/"\npolicy = "qualified"': "OID",
    'url = "https://tsa.example.jp/"\nissuers = ["abcd"]': "issuers には SHA-256",
    f'url = "https://tsa.example.jp/"\ncertificates = "{FINGERPRINT}"': "certificates には SHA-256",
    'url = "https://tsa.example.jp/"\naccredited = "yes"': "accredited を読み取れません",
    'url = "https://tsa.example.jp/"\ncertificate = []': "certificate を読み取れません",
    "url = ": "読めません",
}


def test_every_entry_is_read_in_its_order(tmp_path: Path):
    path = tmp_path / "tsa.toml"
    path.write_text(WHOLE, encoding="utf-8")

    assert read_entries(path) == [
        Entry(
            url="https://tsa.example.jp/",
            name="甲認定タイムスタンプ",
            policy="1.2.392.200127.1.1",
            certificates=frozenset({bytes.fromhex("cd" * 32)}),
            issuers=frozenset({bytes.fromhex(FINGERPRINT)}),
            hash="sha512",
            accredited=True,
        ),
        Entry(url="http://second.example.jp/tsa"),
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, tmp_path: Path):
    path = tmp_path / "tsa.toml"
    path.write_text(f"[[tsa]]\n{mistake}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=f"tsa.toml を.*{MISTAKES[mistake]}"):
        read_entries(path)


@pytest.mark.parametrize("content", ["", "[tsa]\nurl = 'http://a.example.jp/'", "tsa = ['http://a.example.jp/']"])
def test_a_list_that_is_no_list_is_refused(content: str, tmp_path: Path):
    (tmp_path / "tsa.toml").write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match="表だけを並べて"):
        read_entries(tmp_path / "tsa.toml")


def test_a_password_in_the_address_is_never_part_of_the_name():
    assert Entry("https://user:secret@tsa.example.jp/").label == "tsa.example.jp"


@pytest.fixture
def configured(settings: Settings, pki: authority.PkiPaths) -> Iterator[Settings]:
    _forget()
    settings.TRUST_ROOTS, settings.SIGNING_CHAIN = pki.trust_roots, pki.chain
    settings.TSA_URLS, settings.TSA_LIST = [], ""
    yield settings
    _forget()


def _forget() -> None:
    """Forget what this process has built from the settings."""
    setup.authorities.cache_clear()
    setup.trust.cache_clear()


def test_the_addresses_or_the_list_make_the_order(configured: Settings, tmp_path: Path):
    configured.TSA_URLS = ["http://one.example.jp/", "http://two.example.jp/"]
    assert [each.entry.label for each in setup.authorities().in_order()] == ["one.example.jp", "two.example.jp"]

    setup.authorities.cache_clear()
    (tmp_path / "tsa.toml").write_text(WHOLE, encoding="utf-8")
    configured.TSA_URLS, configured.TSA_LIST = [], str(tmp_path / "tsa.toml")
    assert [each.hash for each in setup.authorities().in_order()] == ["sha512", "sha256"]


def test_both_at_once_or_a_mistake_are_refused_at_the_start(configured: Settings):
    configured.TSA_URLS, configured.TSA_LIST = ["http://one.example.jp/"], "tsa.toml"
    with pytest.raises(ImproperlyConfigured, match="どちらか一つ"):
        setup.authorities()

    configured.TSA_URLS, configured.TSA_LIST = ["one.example.jp"], ""
    with pytest.raises(ImproperlyConfigured, match="http か https"):
        setup.authorities()

"""始まったばかりのプロセスも、最初の署名を、温まったプロセスと同じ問いの数で済ませる。"""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded import pki as authority
from signing import network, setup
from signing.keys import KeyUnusable
from tests.signing.conftest import approval, free_port

from .faulty_tsa import FaultyTsa, running

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def tsa(pki: authority.PkiPaths) -> Iterator[FaultyTsa]:
    with running(pki) as serving:
        yield serving


@pytest.fixture
def fresh(pki: authority.PkiPaths, tsa: FaultyTsa, settings: Any) -> Iterator[Any]:
    """Begin like a new process, with one key for everyone and one authority."""
    tsa.forget()
    settings.TRUST_ROOTS, settings.SIGNING_CHAIN = pki.trust_roots, pki.chain
    settings.TSA_URLS, settings.TSA_LIST, settings.SIGNING_KEYS = [tsa.url("ok")], "", ""
    settings.SIGNING_PKCS12, settings.SIGNING_PKCS12_PASSPHRASE = pki.pkcs12, pki.passphrase.read_text()
    _forget()
    yield settings
    _forget()


def _forget() -> None:
    for made in (setup.trust, setup.authorities, setup.keyring, setup._sealer):
        made.cache_clear()


def warm() -> None:
    thread = setup.warm()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def two_keys(pki: authority.PkiPaths, folder: Path) -> str:
    """List the trial key twice: for everyone, and as a city's own."""
    (folder / "pin").write_text(pki.passphrase.read_text())
    held = f'pkcs12 = {{ file = "{pki.pkcs12}", passphrase_file = "pin" }}'
    entries = [f'[[key]]\nname = "shared"\nshared = true\n{held}', f'[[key]]\nname = "own"\nowners = ["tosu"]\n{held}']
    (folder / "keys.toml").write_text("\n".join(entries))
    return str(folder / "keys.toml")


def test_the_first_approval_of_a_warmed_process_asks_for_its_timestamps_alone(
    fresh: Any, tsa: FaultyTsa, contract: bytes, monkeypatch: pytest.MonkeyPatch
):
    warm()
    monkeypatch.setattr(socket, "create_connection", lambda *_where: pytest.fail("a new connection"))
    tsa.asked.clear()

    setup.appoint("tosu", network.now()).sealer.approve(contract, approval(), final=True)

    assert tsa.asked == ["ok"] * 2


def test_an_authority_that_is_away_is_said_in_the_log_and_the_keys_are_prepared_all_the_same(
    fresh: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    fresh.TSA_URLS = [f"http://127.0.0.1:{free_port()}/"]

    warm()

    assert "the timestamp authorities cannot be prepared now" in caplog.text
    monkeypatch.setattr(network, "ask", lambda *_question, **_options: pytest.fail("asked again"))
    assert setup.sealer().evidence().ocsps


def test_a_key_that_cannot_be_used_is_said_in_the_log(fresh: Any, caplog: pytest.LogCaptureFixture):
    fresh.SIGNING_PKCS12_PASSPHRASE = "another"

    warm()

    assert "the key of everyone cannot be prepared now" in caplog.text
    with pytest.raises(KeyUnusable):
        setup.sealer()


def test_every_key_and_the_authorities_share_their_evidence(fresh: Any, pki: authority.PkiPaths, tmp_path: Path):
    fresh.SIGNING_KEYS = two_keys(pki, tmp_path)

    shared, own = (setup.appoint(owner, network.now()).sealer for owner in ("usuki", "tosu"))

    assert shared is not own
    assert shared.evidence() is own.evidence()

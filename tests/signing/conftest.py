"""本物の認証局と TSA を、別プロセスの HTTP で。ワーカーごとに一度だけ起こす。"""

import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import weasyprint

from config.embedded import pki as authority
from signing.keys import Pkcs12Key
from signing.sealing import Approval, Sealed, Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust

from .p256 import add_p256_signer

ROOT = Path(__file__).parents[2]
APPROVED_AT = datetime(2026, 3, 5, 1, 20, 30, tzinfo=UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(paths: authority.PkiPaths) -> subprocess.Popen[bytes]:
    """Start the responders and wait until they answer."""
    command = [sys.executable, "-m", "config.embedded.pki_server", str(paths.directory), str(paths.port)]
    child = subprocess.Popen(command, cwd=ROOT)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{paths.port}/health", timeout=1):
                return child
        except OSError:
            assert child.poll() is None, "the responders stopped"
            time.sleep(0.05)
    raise AssertionError("the responders did not start")


def stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    assert child.wait(10) == 0


def approval(step: int = 0, name: str = "契約 太郎", email: str = "taro@kensetsu.example.jp") -> Approval:
    return Approval(document="2336416", step=step, name=name, email=email, at=APPROVED_AT)


def sealer_of(paths: authority.PkiPaths, *urls: str, pkcs12: str = "signer.p12") -> Sealer:
    trust = Trust.load([paths.trust_roots], [paths.chain])
    key = Pkcs12Key(paths.directory / pkcs12, paths.passphrase.read_text())
    return Sealer(key, TimestampAuthorities(urls or [paths.tsa_url], trust=trust))


@dataclass(frozen=True)
class Grown:
    """A whole document, and what its last approval appended."""

    pdf: bytes
    sealed: Sealed


def approve(with_sealer: Sealer, pdf: bytes, by: Approval, *, final: bool) -> Grown:
    """Append an approval to a document that is read for it."""
    sealed = with_sealer.approve(pdf, by, final=final)
    return Grown(pdf + sealed.tail, sealed)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[authority.PkiPaths]:
    paths = authority.create(tmp_path_factory.mktemp("pki") / "authority", free_port())
    add_p256_signer(paths)
    child = serve(paths)
    yield paths
    stop(child)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> authority.PkiPaths:
    """Make authorities that nobody trusts and whose responders do not run."""
    return authority.create(tmp_path_factory.mktemp("stranger") / "authority", free_port())


@pytest.fixture(scope="session")
def trust(pki: authority.PkiPaths) -> Trust:
    return Trust.load([pki.trust_roots])


@pytest.fixture(scope="session")
def sealer(pki: authority.PkiPaths) -> Sealer:
    return sealer_of(pki)


@pytest.fixture(scope="session")
def contract() -> bytes:
    """Make a five-page contract the way the product does: PDF/A-3, a link, headings that become bookmarks."""
    articles = "".join(f"<h2>第{n}条</h2><p>{'甲と乙は誠実に履行する。' * 40}</p>" for n in range(1, 12))
    html = f'<html lang="ja"><title>工事請負契約書</title><body>{articles}<a href="https://example.jp/">規則</a></body>'
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint 70 は sRGB2014.icc を閉じ忘れる
        return bytes(weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/a-3u"))


@pytest.fixture(scope="session")
def approved(sealer: Sealer, contract: bytes) -> Grown:
    return approve(sealer, contract, approval(0), final=False)


@pytest.fixture(scope="session")
def concluded(sealer: Sealer, approved: Grown) -> Grown:
    city = approval(1, "市長 花子", "keiyaku@city.example.jp")
    sealed = sealer.approve(approved.sealed.standing, city, final=True)
    return Grown(approved.pdf + sealed.tail, sealed)

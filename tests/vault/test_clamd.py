"""What clamd finds, cannot look at, or does not answer: never taken for clean."""

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests import clamav
from vault import clamd

MALWARE = clamav.TEST_STRING.encode()


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with clamav.running(tmp_path_factory.mktemp("clamd")) as places:
        yield places


@pytest.fixture(params=["socket", "port"])
def scanned(request: pytest.FixtureRequest, scanner: tuple[str, str], settings) -> None:
    settings.CLAMD_ADDRESS = scanner[request.param == "port"]


def zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("契約書.pdf", content)
    return made.getvalue()


def mailed(content: bytes) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "認証キー等のお知らせ", "a@example.jp", "b@example.jp"
    mail.set_content("添付のとおり")
    mail.add_attachment(content, maintype="application", subtype="zip", filename="notice.zip")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "content", [MALWARE, zipped(MALWARE), mailed(zipped(MALWARE))], ids=["plain", "zip", "zip-in-mail"]
)
def test_malware_is_named_however_it_is_wrapped(scanned, content):
    with pytest.raises(clamd.Infected, match=r"Musubi\.Test"):
        clamd.scan([content[:10], content[10:]])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 contract", zipped(b"contract")], ids=["empty", "plain", "zip"])
def test_what_is_clean_passes(scanned, content):
    clamd.scan([content])


@pytest.mark.parametrize("size", [(3 << 20) + 1, 5 << 20, 40 << 20], ids=["unseen", "cut-off", "far-too-large"])
def test_what_is_too_large_to_look_at_is_not_clean(scanned, size):
    with pytest.raises(clamd.Unscanned, match=r"分けて|受け取れません"):
        clamd.scan([b"a" * (1 << 20)] * (size >> 20) + [b"a" * (size & 0xFFFFF)])


def test_a_scanner_that_is_away_is_not_clean(settings, tmp_path):
    settings.CLAMD_ADDRESS = str(tmp_path / "nobody.sock")

    with pytest.raises(clamd.Unscanned, match="数分後"):
        clamd.scan([b"contract"])


@pytest.mark.parametrize("answer", [b"", b"stream: no idea\0", b"OK"], ids=["hangs-up", "babbles", "half-said"])
def test_an_answer_that_says_nothing_is_not_clean(settings, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{server.getsockname()[1]}"
        serving = threading.Thread(target=_answer, args=(server, answer))
        serving.start()

        with pytest.raises(clamd.Unscanned, match="数分後"):
            clamd.scan([b"contract"])

        serving.join(20)


def _answer(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)


def test_a_scanner_that_never_answers_is_given_up(settings, monkeypatch):
    monkeypatch.setattr(clamd, "WHOLE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{server.getsockname()[1]}"

        with pytest.raises(clamd.Unscanned, match="数分後"):
            clamd.scan([b"contract"])


def test_without_a_scanner_nothing_is_asked(settings):
    settings.CLAMD_ADDRESS = ""

    clamd.scan([MALWARE])

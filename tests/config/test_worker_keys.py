"""使えない署名の鍵があれば、worker は理由を示して始まらない。"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from tests.signing import keymaker

WORKER = [
    sys.executable,
    *["-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "INFO", "--queues", "nobody-rings"],
]


def start_a_worker(**given: str) -> subprocess.Popen[str]:
    """Start a worker that listens where nobody rings."""
    environment = {
        name: value for name, value in os.environ.items() if name != "SIGNING_PKCS12_PASSPHRASE_FILE" or not given
    }
    return subprocess.Popen(
        WORKER,
        cwd=settings.BASE_DIR,
        env=environment | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_worker_does_not_start_with_a_key_that_may_not_sign(tmp_path: Path):
    path = keymaker.file(tmp_path / "k.p12", rsa.generate_private_key(65537, 2048))

    worker = start_a_worker(SIGNING_KEYS="", SIGNING_PKCS12=str(path), SIGNING_PKCS12_PASSPHRASE="secret")
    said, _ = worker.communicate(timeout=90)

    assert worker.returncode == 1
    assert "RSA 鍵は 3072 ビット以上が必要です" in said
    assert "worker を始めません" in said


def said_until(phrase: str, **given: str) -> str:
    """Start a worker, return what it says until a phrase comes, and stop it."""
    worker = start_a_worker(**given)
    patience = threading.Timer(90, worker.kill)
    patience.start()
    said = ""
    try:
        for line in worker.stdout or ():
            said += line
            if phrase in line:
                return said
    finally:
        patience.cancel()
        worker.terminate()
        worker.communicate(timeout=60)
    raise AssertionError(said)


def test_a_worker_starts_with_a_key_that_may_sign():
    assert "shared: Musubi Sign Dept." in said_until(" ready.")


def test_a_worker_prepares_for_its_first_signature_and_starts_though_the_authority_is_away():
    away = "the timestamp authorities cannot be prepared now"

    said_until(away, TSA_URLS="http://127.0.0.1:1024/", SIGNING_PKCS12_PASSPHRASE=settings.SIGNING_PKCS12_PASSPHRASE)

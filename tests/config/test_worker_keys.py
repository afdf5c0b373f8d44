"""使えない署名の鍵があれば、worker は理由を示して始まらない。"""

import itertools
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

    worker = start_a_worker(SIGNING_PKCS12=str(path), SIGNING_PKCS12_PASSPHRASE="secret")
    said, _ = worker.communicate(timeout=90)

    assert worker.returncode == 1
    assert "RSA 鍵は 3072 ビット以上が必要です" in said
    assert "worker を始めません" in said


def test_a_worker_starts_with_a_key_that_may_sign():
    worker = start_a_worker()
    patience = threading.Timer(90, worker.kill)
    patience.start()
    try:
        assert worker.stdout is not None
        said = "".join(itertools.takewhile(lambda line: " ready." not in line, worker.stdout))
        assert worker.poll() is None, said
    finally:
        patience.cancel()
        worker.terminate()
        worker.communicate(timeout=60)

    assert "shared: Musubi Sign Dept." in said

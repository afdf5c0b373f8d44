"""使えない署名の鍵があれば、worker は理由を示して始まらない。"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from tests.signing import keymaker


def start_a_worker(path: Path, passphrase: str) -> subprocess.CompletedProcess[str]:
    """Start a worker that would stop at once by itself, with a key."""
    given = {"SIGNING_PKCS12": str(path), "SIGNING_PKCS12_PASSPHRASE": passphrase, "REDIS_URL": "memory://"}
    environment = {**os.environ, **given}
    environment.pop("SIGNING_PKCS12_PASSPHRASE_FILE", None)
    return subprocess.run(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "INFO"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("bits", "passphrase", "reason"),
    [(2048, "secret", "RSA 鍵は 3072 ビット以上が必要です"), (3072, "wrong", "開けません")],
)
def test_a_worker_does_not_start_with_a_key_that_may_not_sign(bits, passphrase, reason, tmp_path: Path):
    path = keymaker.file(tmp_path / "k.p12", rsa.generate_private_key(65537, bits))

    ended = start_a_worker(path, passphrase)

    assert ended.returncode != 0
    assert reason in ended.stderr
    assert "worker を始めません" in ended.stderr

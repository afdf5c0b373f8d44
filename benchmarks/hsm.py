"""SoftHSM2 の中に、認証局の署名者と同じ鍵を置く。"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from benchmarks import ours
from config.embedded.pki import PkiPaths
from signing.keys import Pkcs11Key
from tests.signing.softhsm import LABEL, LIBRARY, SoftHsm


@contextmanager
def tokens(made: PkiPaths, names: dict[str, str]) -> Iterator[dict[str, Pkcs11Key]]:
    """Open for each kind of key a token with the named signer's key; nothing where SoftHSM2 is not installed."""
    if not LIBRARY.exists():
        yield {}
        return
    with tempfile.TemporaryDirectory() as directory:
        home = SoftHsm(Path(directory))
        home.create()
        os.environ["SOFTHSM2_CONF"] = str(home.conf)
        yield {kind: _token(home, made, name) for kind, name in names.items()}


def _token(home: SoftHsm, made: PkiPaths, name: str) -> Pkcs11Key:
    file = ours.key(made, made.directory / f"{name}.p12")
    slot = home.token(name, load_pem_private_key((made.directory / f"keys/{name}.pem").read_bytes(), None))
    chain = (x509.load_der_x509_certificate(each.dump()) for each in (file.certificate, *file.chain))
    home.pem(name).write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    return Pkcs11Key(slot, LABEL, certificates=home.pem(name))

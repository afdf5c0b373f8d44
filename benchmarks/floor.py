"""下限: 署名の計算と SHA-256 と TSA との往復だけ。PDF も証明書も、答えの確かめもない。"""

import hashlib
import http.client
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from config.embedded.pki import PkiPaths
from signing.timestamps.tokens import Question

HEADERS = {"Content-Type": "application/timestamp-query"}
BLANK = bytes(32)


class Floor:
    """A key and a kept connection, and nothing else."""

    def __init__(self, made: PkiPaths, name: str) -> None:
        self._key = serialization.load_pem_private_key((made.directory / f"keys/{name}.pem").read_bytes(), None)
        place = urlsplit(made.tsa_url)
        self._line = http.client.HTTPConnection(str(place.hostname), place.port)
        self._path = place.path
        self._request = Question.about(BLANK).der

    def contract(self, body: bytes = b"") -> None:
        """Do what two approvals and a document timestamp cannot do without; `body` is what must be hashed."""
        digest = hashlib.sha256(body).digest()
        for _approval in range(2):
            self.sign(digest)
            self.stamp(digest)
        self.stamp(digest)

    def sign(self, data: bytes) -> bytes:
        """Make one raw signature."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def renewal(self, body: bytes) -> None:
        """Do what an archive timestamp cannot do without."""
        self.stamp(hashlib.sha256(body).digest())

    def stamp(self, digest: bytes) -> bytes:
        """Make one round trip to the TSA."""
        self._line.request("POST", self._path, self._request.replace(BLANK, digest), HEADERS)
        return self._line.getresponse().read()

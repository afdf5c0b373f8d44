"""署名の値を、証明書の公開鍵で確かめる。弱い方式でも計算はし、弱いことは別に言う。"""

import hashlib
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signing.results import Problem
from signing.verification.der import CONTEXT_0, CONTEXT_1, CONTEXT_2, SEQUENCE, Malformed, Node
from signing.verification.problems import FORGED, UNKNOWN_ALGORITHM

Hash: TypeAlias = hashes.HashAlgorithm | Prehashed

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - 古い署名を確かめるためだけに。弱いことは is_weak が言う  # nosec B303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
}
DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
WEAK_DIGESTS = {"sha1", "sha224"}
PSS, MGF1, ED25519, ED448 = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8", "1.3.101.112", "1.3.101.113"
# 署名方式に含まれるダイジェスト。空のものは、別に書かれたダイジェストを使う。
RSA_WITH = {
    "1.2.840.113549.1.1.1": "",
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
ECDSA_WITH = {
    "1.2.840.10045.2.1": "",
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
SMALLEST_RSA = 2048
SMALLEST_CURVE = 256
DEFAULT_SALT = 20  # RFC 4055 3.1


class Unusable(Exception):
    """A value is wrong or cannot be checked; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def digest_named(algorithm: Node) -> str:
    """Return hashlib's name of a digest's AlgorithmIdentifier; raises Unusable, Malformed."""
    identifier = identifier_of(algorithm)
    if identifier not in DIGESTS:
        raise Unusable(UNKNOWN_ALGORITHM)
    return DIGESTS[identifier]


def identifier_of(algorithm: Node) -> str:
    """Return the identifier in an AlgorithmIdentifier; raises Malformed."""
    children = algorithm.children()
    if not children:
        raise Malformed("an empty algorithm")
    return children[0].oid()


def digest(name: str, data: bytes) -> bytes:
    """Return a digest."""
    return hashlib.new(name, data).digest()


def is_weak(key: PublicKeyTypes, algorithm: Node, digest_name: str) -> bool:
    """Tell whether a signature with these should no longer be relied on."""
    own = (RSA_WITH | ECDSA_WITH).get(identifier_of(algorithm)) or digest_name
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SMALLEST_RSA:
        return True
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < SMALLEST_CURVE:
        return True
    return bool({own, digest_name} & WEAK_DIGESTS)


def is_weak_digest(name: str) -> bool:
    """Tell whether a digest should no longer be relied on."""
    return name in WEAK_DIGESTS


def check(
    key: PublicKeyTypes, algorithm: Node, digest_name: str, signature: bytes, data: bytes, *, hashed: bool = False
) -> None:
    """Check a signature over data (or over its digest when `hashed`); raises Unusable, Malformed.

    `digest_name` is the digest named beside the algorithm; empty when the algorithm must name its own.
    """
    identifier, *parameters = algorithm.children()
    kind = identifier.oid()

    def using(name: str) -> Hash:
        return Prehashed(_HASHES[name]) if hashed else _HASHES[name]

    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == PSS:
            scheme, name = _pss(parameters, digest_name)
            key.verify(signature, data, scheme, using(name))
        elif isinstance(key, rsa.RSAPublicKey) and kind in RSA_WITH:
            key.verify(signature, data, padding.PKCS1v15(), using(RSA_WITH[kind] or digest_name))
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind in ECDSA_WITH:
            key.verify(signature, data, ec.ECDSA(using(ECDSA_WITH[kind] or digest_name)))
        elif not hashed and _is_edwards(key, kind):
            key.verify(signature, data)  # type: ignore[call-arg, union-attr]
        else:
            raise Unusable(UNKNOWN_ALGORITHM)
    except InvalidSignature as error:
        raise Unusable(FORGED) from error
    except (UnsupportedAlgorithm, ValueError, KeyError) as error:
        raise Unusable(UNKNOWN_ALGORITHM) from error


def _is_edwards(key: PublicKeyTypes, kind: str) -> bool:
    return (isinstance(key, ed25519.Ed25519PublicKey) and kind == ED25519) or (
        isinstance(key, ed448.Ed448PublicKey) and kind == ED448
    )


def _pss(parameters: list[Node], digest_name: str) -> tuple[padding.PSS, str]:
    """Read RSASSA-PSS-params (RFC 4055 3.1); the digest must be the one named beside it (RFC 4056 3)."""
    given = {each.tag: each for each in parameters[0].children()} if parameters else {}
    hashed = digest_named(given[CONTEXT_0].only(SEQUENCE)) if CONTEXT_0 in given else "sha1"
    mask = "sha1"
    if CONTEXT_1 in given:
        generator, own = given[CONTEXT_1].only(SEQUENCE).children()
        if generator.oid() != MGF1:
            raise Unusable(UNKNOWN_ALGORITHM)
        mask = digest_named(own)
    if digest_name and hashed != digest_name:
        raise Malformed("another digest than named")
    salt = given[CONTEXT_2].children()[0].integer() if CONTEXT_2 in given else DEFAULT_SALT
    return padding.PSS(padding.MGF1(_HASHES[mask]), salt), hashed

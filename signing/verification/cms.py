"""署名の入れ物（CMS、RFC 5652）を読み、名指しされた証明書で署名の値を計算し直す。"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from signing.verification import algorithms, certificates
from signing.verification.algorithms import Unusable
from signing.verification.certificates import Certificate
from signing.verification.der import CONTEXT_0, CONTEXT_1, OCTETS, SEQUENCE, SET, Malformed, Node, read
from signing.verification.problems import ALTERED, WRONG_CERTIFICATE

SIGNED_DATA, DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
SIGNATURE_TIMESTAMP, REVOCATION_ARCHIVE = "1.2.840.113549.1.9.16.2.14", "1.2.840.113583.1.1.8"
MOST_CERTIFICATES = 100
VERSION_3_SUBJECT_KEY = 0x80
SHA1, SHA256 = "sha1", "sha256"

Attributes = dict[str, list[Node]]
Digest = Callable[[str], bytes]


@dataclass(frozen=True)
class Signed:
    """One signature container with its single signer."""

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    signer: Node
    digest_algorithm: Node
    attributes_raw: bytes | None
    attributes: Attributes
    signature_algorithm: Node
    signature: bytes
    unsigned: Attributes = field(default_factory=dict)

    @property
    def names_its_certificate(self) -> bool:
        """Tell whether the signed attributes name the signing certificate (ETSI EN 319 142-1 6.3)."""
        return SIGNING_CERTIFICATE in self.attributes or SIGNING_CERTIFICATE_V2 in self.attributes

    def certificate(self, others: Iterable[bytes] = ()) -> Certificate:
        """Return the signer's certificate from the container or from others; raises Malformed when it is missing."""
        for der in (*self.certificates, *others):
            candidate = certificates.load(der)
            if self._means(candidate):
                return candidate
        raise Malformed("the signing certificate is missing")

    def check(self, certificate: Certificate, digest: Digest) -> None:
        """Compute everything anew from the digest of the content; raises Unusable or Malformed."""
        name = algorithms.digest_named(self.digest_algorithm)
        expected, algorithm = digest(name), self.signature_algorithm
        if self.attributes_raw is None:
            algorithms.check(certificate.key, algorithm, name, self.signature, expected, hashed=True)
            return
        if self._one(CONTENT_TYPE).oid() != self.content_type:
            raise Malformed("another content type")
        if self._one(MESSAGE_DIGEST).of(OCTETS).content != expected:
            raise Unusable(ALTERED)
        self._check_protection()
        self._check_named(certificate)
        algorithms.check(certificate.key, algorithm, name, self.signature, self.attributes_raw)

    def is_weak(self, certificate: Certificate) -> bool:
        """Tell whether it was made with an algorithm that should no longer be relied on."""
        name = algorithms.digest_named(self.digest_algorithm)
        return algorithms.is_weak(certificate.key, self.signature_algorithm, name)

    def _one(self, kind: str) -> Node:
        values = self.attributes.get(kind, [])
        if len(values) != 1:
            raise Malformed("an attribute is missing or repeated")
        return values[0]

    def _means(self, candidate: Certificate) -> bool:
        if self.signer.tag == VERSION_3_SUBJECT_KEY:
            return self.signer.content == candidate.key_identifier
        issuer, serial = self.signer.of(SEQUENCE).children()
        return serial.integer() == candidate.serial and issuer.raw == candidate.issuer

    def _check_protection(self) -> None:
        """RFC 6211: the algorithms named among the signed attributes are the ones used."""
        if ALGORITHM_PROTECTION not in self.attributes:
            return
        digest, *rest = self._one(ALGORITHM_PROTECTION).of(SEQUENCE).children()
        used = algorithms.identifier_of(self.signature_algorithm)
        if algorithms.identifier_of(digest) != algorithms.identifier_of(self.digest_algorithm) or not any(
            each.tag == CONTEXT_1 and each.children()[0].oid() == used for each in rest
        ):
            raise Malformed("other algorithms than the signed ones")

    def _check_named(self, certificate: Certificate) -> None:
        """RFC 5035: the first certificate named is the one that signed."""
        if SIGNING_CERTIFICATE_V2 in self.attributes:
            named = self._one(SIGNING_CERTIFICATE_V2).of(SEQUENCE).children()[0].children()[0].children()
            given = named[0].tag == SEQUENCE
            name = algorithms.digest_named(named[0]) if given else SHA256
            expected = named[1 if given else 0].of(OCTETS).content
        elif SIGNING_CERTIFICATE in self.attributes:
            named = self._one(SIGNING_CERTIFICATE).of(SEQUENCE).children()[0].children()[0].children()
            name, expected = SHA1, named[0].of(OCTETS).content
        else:
            return
        if algorithms.digest(name, certificate.der) != expected:
            raise Unusable(WRONG_CERTIFICATE)


def parse(der: bytes) -> Signed:
    """Read a ContentInfo with SignedData of exactly one signer; raises Malformed."""
    kind, content = _several(read(der).of(SEQUENCE), 2)
    if kind.oid() != SIGNED_DATA:
        raise Malformed("no signed data")
    _version, _digests, inner, *rest = content.of(CONTEXT_0).only(SEQUENCE).children()
    content_type, *carried = inner.of(SEQUENCE).children()
    listed = [each for node in rest if node.tag == CONTEXT_0 for each in node.children()]
    if not rest or len(listed) > MOST_CERTIFICATES:
        raise Malformed("no signer or too many certificates")
    return _of_signer(
        rest[-1].of(SET).only(SEQUENCE),
        content_type=content_type.oid(),
        content=carried[0].of(CONTEXT_0).only(OCTETS).content if carried else None,
        # 属性証明書など、ほかの種類は見ない。
        certificates=tuple(each.raw for each in listed if each.tag == SEQUENCE),
    )


def _of_signer(info: Node, **whole: object) -> Signed:
    _version, signer, digest, *rest = info.children()
    signed = rest.pop(0) if rest and rest[0].tag == CONTEXT_0 else None
    if len(rest) < 2:
        raise Malformed("a signer without a signature")
    algorithm, signature, *unsigned = rest
    return Signed(
        signer=signer,
        digest_algorithm=digest.of(SEQUENCE),
        attributes_raw=bytes([SET]) + signed.raw[1:] if signed is not None else None,  # RFC 5652 5.4
        attributes=_attributes(signed.children()) if signed is not None else {},
        signature_algorithm=algorithm.of(SEQUENCE),
        signature=signature.of(OCTETS).content,
        unsigned=_attributes(unsigned[0].of(CONTEXT_1).children()) if unsigned else {},
        **whole,  # type: ignore[arg-type]
    )


def _attributes(nodes: list[Node]) -> Attributes:
    found: Attributes = {}
    for node in nodes:
        kind, values = _several(node.of(SEQUENCE), 2)
        name = kind.oid()
        if name in found:
            raise Malformed("a repeated attribute")
        found[name] = values.of(SET).children()
    return found


def _several(node: Node, count: int) -> list[Node]:
    children = node.children()
    if len(children) != count:
        raise Malformed("other values than due")
    return children

# mypy: disable-error-code="no-untyped-call"
"""RFC 3161 の問いを作り、答えを読み、問いに対する答えであることを確かめる。通信はしない。"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing import network

CLOCK_TOLERANCE = timedelta(seconds=60)  # 認定 TSA は UTC(NICT) から 1 秒以内。それ以上の差は自分か相手の時計の故障
NONCE_BITS = 64
SMALLEST_RSA_BITS = 2048
LONGEST_REASON = 100
Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
HASHES: dict[str, type[Hash]] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
IMPRINTS = {32: "sha256", 64: "sha512"}
CERTIFICATE_NAMES = ("signing_certificate_v2", "signing_certificate")
MALFORMED = "応答の形が正しくありません"


class TimestampUnusable(Exception):
    """Say why one authority's answer was not accepted."""


@dataclass(frozen=True)
class Token:
    """A timestamp token that has passed every check; `authority` is the name people know its issuer by."""

    der: bytes
    at: datetime
    certificate: x509.Certificate
    authority: str

    @property
    def content(self) -> cms.ContentInfo:
        """Return the token parsed anew."""
        return cms.ContentInfo.load(self.der)


@dataclass(frozen=True)
class Question:
    """What was asked: the digest, and the nonce that ties the answer to this question alone."""

    digest: bytes
    nonce: int
    policy: str | None

    @classmethod
    def about(cls, digest: bytes, policy: str | None = None) -> "Question":
        """Ask about a SHA-256 or SHA-512 digest; raises ValueError for any other."""
        if len(digest) not in IMPRINTS:
            raise ValueError("digest must be a SHA-256 or SHA-512 digest")
        return cls(digest, secrets.randbits(NONCE_BITS) | 1 << NONCE_BITS - 1, policy)

    @property
    def der(self) -> bytes:
        """RFC 3161 2.4.1."""
        hash_algorithm = algos.DigestAlgorithm({"algorithm": IMPRINTS[len(self.digest)]})
        imprint = tsp.MessageImprint({"hash_algorithm": hash_algorithm, "hashed_message": self.digest})
        request = tsp.TimeStampReq(
            {"version": 1, "message_imprint": imprint, "req_policy": self.policy, "nonce": self.nonce, "cert_req": True}
        )
        return bytes(request.dump())


@dataclass(frozen=True)
class Signer:
    """An authority's certificate, looked at once and kept with its key ready to verify; `named` as tokens name it."""

    certificate: x509.Certificate
    named: bytes
    der: bytes
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey

    @classmethod
    def of(cls, certificate: x509.Certificate, named: bytes) -> "Signer":
        """RFC 3161 2.3: exactly one purpose, timeStamping, marked critical; raises TimestampUnusable."""
        purposes = certificate.extended_key_usage_value
        critical = "extended_key_usage" in certificate.critical_extensions
        if purposes is None or purposes.native != ["time_stamping"] or not critical:
            raise TimestampUnusable("発行者の証明書はタイムスタンプ用ではありません")
        key = serialization.load_der_public_key(certificate.public_key.dump())
        if isinstance(key, ec.EllipticCurvePublicKey):
            return cls(certificate, named, certificate.dump(), key)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA_BITS:
            return cls(certificate, named, certificate.dump(), key)
        raise TimestampUnusable("発行者の鍵が弱すぎます")


class Reply:
    """One answer, opened: raises TimestampUnusable when it was refused or is no token over what was asked."""

    def __init__(self, answer: bytes, question: Question) -> None:
        try:
            content = _granted(answer)
            self.der: bytes = content.dump()
            self._signed = content["content"]
            self._info = _content_of(self._signed)
            _check_info(self._info, question)
            (self._signer_info,) = self._signed["signer_infos"]
            self.at: datetime = self._info["gen_time"].native
            self.serial: int = self._info["serial_number"].native
        except TimestampUnusable:
            raise
        except Exception as error:  # 形の崩れた応答は何種類もの例外になる。どれも「使えない」
            raise TimestampUnusable(MALFORMED) from error

    def signed_by(self, known: Signer | None) -> Signer:
        """Return who signed (the known one if it is the same) once the signature is good; raises TimestampUnusable."""
        try:
            named = self._signer_info["sid"].dump()
            signer = known if known is not None and known.named == named else Signer.of(self._certificate(), named)
            self._check_attributes(signer)
            self._check_signature(signer)
        except TimestampUnusable:
            raise
        except Exception as error:  # 合わない署名も、形の崩れた署名も、同じく正しくない
            raise TimestampUnusable("トークンの署名が正しくありません") from error
        return signer

    @property
    def certificates(self) -> list[x509.Certificate]:
        """Return every certificate that came with the token."""
        return [each.chosen for each in self._signed["certificates"] if each.name == "certificate"]

    def _certificate(self) -> x509.Certificate:
        named = self._signer_info["sid"]
        for each in self.certificates:
            if _is_named(each, named):
                return each
        raise TimestampUnusable("トークンに発行者の証明書がありません")

    def _check_attributes(self, signer: Signer) -> None:
        """RFC 5652 5.4 and 11, RFC 5816: the signature covers this content and names this certificate."""
        found = {each["type"].native: each["values"] for each in self._signer_info["signed_attrs"]}
        if len(found) != len(self._signer_info["signed_attrs"]) or any(len(each) != 1 for each in found.values()):
            raise ValueError("an attribute twice")
        content = self._signed["encap_content_info"]["content"].contents
        digest = hashlib.new(self._digest_algorithm, content).digest()
        if found["content_type"][0].native != "tst_info" or found["message_digest"][0].native != digest:
            raise ValueError("another content")
        named = [_names(kind, found[kind][0], signer) for kind in CERTIFICATE_NAMES if kind in found]
        if not named or not all(named):
            raise ValueError("another certificate")

    @property
    def _digest_algorithm(self) -> str:
        name: str = self._signer_info["digest_algorithm"]["algorithm"].native
        _hash(name)
        return name

    def _check_signature(self, signer: Signer) -> None:
        covered = b"\x31" + self._signer_info["signed_attrs"].dump()[1:]  # RFC 5652 5.4: SET OF として署名する
        signature = self._signer_info["signature"].native
        algorithm = self._signer_info["signature_algorithm"]
        kind = algorithm.signature_algo
        bare = algorithm["algorithm"].native == "rsassa_pkcs1v15"  # ハッシュ関数を名乗らない書き方（RFC 3370 3.2）
        digest = _hash(self._digest_algorithm if bare else algorithm.hash_algo)
        if kind == "ecdsa" and isinstance(signer.key, ec.EllipticCurvePublicKey):
            signer.key.verify(signature, covered, ec.ECDSA(digest))
        elif kind in PADDINGS and isinstance(signer.key, rsa.RSAPublicKey):
            signer.key.verify(signature, covered, PADDINGS[kind](algorithm), digest)
        else:
            raise ValueError(kind)


def _is_named(certificate: x509.Certificate, named: cms.SignerIdentifier) -> bool:
    """RFC 5652 5.3."""
    if named.name == "subject_key_identifier":
        return bool(named.chosen.native == certificate.key_identifier)
    if named.chosen["serial_number"].native != certificate.serial_number:
        return False
    issuer, own = named.chosen["issuer"], certificate.issuer
    return bool(issuer.dump() == own.dump() or issuer == own)  # 名前としての比べ方（RFC 5280 7.1）は遅いので後に


def _pss(algorithm: algos.SignedDigestAlgorithm) -> padding.PSS:
    parameters = algorithm["parameters"]
    mask = padding.MGF1(_hash(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native))
    return padding.PSS(mask, parameters["salt_length"].native)


PADDINGS: dict[str, Callable[[algos.SignedDigestAlgorithm], padding.AsymmetricPadding]] = {
    "rsassa_pkcs1v15": lambda _algorithm: padding.PKCS1v15(),
    "rsassa_pss": _pss,
}


def _hash(name: str) -> Hash:
    if name not in HASHES:
        raise TimestampUnusable(f"トークンの署名に使われたハッシュ関数（{name}）を認めていません")
    return HASHES[name]()


def _names(kind: str, value: core.Sequence, signer: Signer) -> bool:
    """RFC 5035: the first certificate named is the signer's. Version 1 knows SHA-1 only, and RFC 3161 asks for it."""
    named = value["certs"][0]
    name = named["hash_algorithm"]["algorithm"].native if kind == "signing_certificate_v2" else "sha1"
    digest = hashlib.new(name, signer.der, usedforsecurity=False).digest()
    return bool(named["cert_hash"].native == digest)


class _Response(core.Sequence):  # type: ignore[misc]
    """RFC 3161 2.4.2: a rejection carries no token; asn1crypto's own class demands one."""

    # asn1crypto がこの一覧を書き換えて使うので、タプルにはできない。
    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


def _granted(answer: bytes) -> cms.ContentInfo:
    response = _Response.load(answer, strict=True)
    if response["status"]["status"].native not in {"granted", "granted_with_mods"}:
        raise TimestampUnusable(f"発行を断られました（{_refusal(response['status'])}）")
    token = response["time_stamp_token"]
    if isinstance(token, core.Void):
        raise TimestampUnusable("応答にトークンがありません")
    return token


def _refusal(status: tsp.PKIStatusInfo) -> str:
    """Word what the authority said; its own text is cut short and stripped of control characters."""
    failures = sorted(status["fail_info"].native or ())
    said = " ".join(each.native for each in status["status_string"]) if status["status_string"].native else ""
    text = "".join(each for each in said if each.isprintable())[:LONGEST_REASON]
    return "・".join(filter(None, [status["status"].native, *failures, text]))


def _content_of(signed: cms.SignedData) -> tsp.TSTInfo:
    capsule = signed["encap_content_info"]
    if signed["version"].native != "v3" or capsule["content_type"].native != "tst_info":
        raise TimestampUnusable(MALFORMED)
    return capsule["content"].parsed


def _check_info(info: tsp.TSTInfo, question: Question) -> None:
    imprint = info["message_imprint"]
    algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
    if algorithm != IMPRINTS[len(question.digest)] or digest != question.digest:
        raise TimestampUnusable("別の文書に対するトークンが返りました")
    if info["nonce"].native != question.nonce:
        raise TimestampUnusable("別の要求に対するトークンが返りました")
    if question.policy is not None and info["policy"].native != question.policy:
        raise TimestampUnusable(f"設定と違うポリシーのトークンが返りました（{info['policy'].native}）")
    if abs(info["gen_time"].native - network.now()) > CLOCK_TOLERANCE:
        raise TimestampUnusable("トークンの時刻がこのサーバの時計と60秒より離れています")
    if info["version"].native != "v1" or any(each["critical"].native for each in info["extensions"]):
        raise TimestampUnusable(MALFORMED)

"""RFC 3161 のタイムスタンプを取り、自分で確かめてから受け取る。確かめられない答えは使わない。"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from asn1crypto import algos, cms, core, tsp, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from signing import network
from signing.refusals import SealingUnavailable
from signing.revocation import Evidence, EvidenceStore
from signing.trust import Trust, name_of

LARGEST_ANSWER_BYTES = 128 * 1024
CLOCK_TOLERANCE = timedelta(seconds=60)  # 認定 TSA は UTC(NICT) から 1 秒以内。それ以上の差は自分か相手の時計の故障
REST = timedelta(seconds=60)
NONCE_BITS = 64


class TimestampUnusable(Exception):
    """Say why one authority's answer was not accepted."""


@dataclass(frozen=True)
class Token:
    """A timestamp token that has passed every check."""

    der: bytes
    at: datetime
    certificate: x509.Certificate

    @property
    def authority(self) -> str:
        """Return the name people know the authority by."""
        return name_of(self.certificate)

    @property
    def content(self) -> cms.ContentInfo:
        """Return the token parsed anew."""
        return cms.ContentInfo.load(self.der)


class TimestampAuthority:
    """One authority at one address."""

    def __init__(self, url: str, store: EvidenceStore) -> None:
        self.url = url
        self._store = store
        self._certificate: x509.Certificate | None = None
        self._others: tuple[x509.Certificate, ...] = ()
        self._failed_at: datetime | None = None

    @property
    def resting(self) -> bool:
        """Tell whether it failed within the last minute, so that others are asked first."""
        return self._failed_at is not None and network.now() - self._failed_at < REST

    async def stamp(self, digest: bytes) -> Token:
        """Return a verified token over a SHA-256 digest; raises TimestampUnusable."""
        try:
            token = await self._stamp(digest)
        except TimestampUnusable:
            self._failed_at = network.now()
            raise
        self._failed_at = None
        return token

    async def evidence(self) -> tuple[x509.Certificate, Evidence]:
        """Return the certificate it signs with now and what proves it, asking for a token to learn it."""
        certificate = self._certificate
        if certificate is None:
            certificate = (await self.stamp(secrets.token_bytes(32))).certificate
        return certificate, await self._evidence_of(certificate)

    async def _evidence_of(self, certificate: x509.Certificate) -> Evidence:
        try:
            return await self._store.of(certificate, self._others, extended_key_usage=frozenset({"time_stamping"}))
        except SealingUnavailable as error:
            raise TimestampUnusable(str(error).removesuffix("。")) from error

    async def _stamp(self, digest: bytes) -> Token:
        nonce = secrets.randbits(NONCE_BITS) | 1 << NONCE_BITS - 1
        answer = await self._ask(_request(digest, nonce))
        content = _granted(answer)
        try:
            signed = content["content"]
            info = signed["encap_content_info"]["content"].parsed
            _check_info(info, digest, nonce)
            extract_signer_info(signed)  # 署名者はただ一人
            certificates = extract_certs_for_validation(signed)
            certificate = certificates.signer_cert
            _check_purpose(certificate)
            self._others = tuple(certificates.other_certs)
            evidence = await self._evidence_of(certificate)
            kwargs = await validate_tst_signed_data(signed, self._store.context(evidence), lambda _algorithm: digest)
            status = TimestampSignatureStatus(**kwargs)
        except TimestampUnusable:
            raise
        except Exception as error:  # 形の崩れた応答は何種類もの例外になる。どれも「使えない」
            raise TimestampUnusable("応答の形が正しくありません") from error
        if not (status.intact and status.valid):
            raise TimestampUnusable("トークンの署名が正しくありません")
        if not status.trusted:
            raise TimestampUnusable("発行者の証明書を信頼できません")
        self._certificate = certificate
        return Token(content.dump(), info["gen_time"].native, certificate)

    async def _ask(self, request: tsp.TimeStampReq) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        timeout = aiohttp.ClientTimeout(total=network.TIMEOUT_SECONDS)
        try:
            http = await network.session()
            async with http.post(
                self.url, data=request.dump(), headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                if answer.status != 200:
                    raise TimestampUnusable(f"HTTP {answer.status} が返りました")
                if answer.content_type != "application/timestamp-reply":
                    raise TimestampUnusable("タイムスタンプではない応答が返りました")
                return await _read_at_most(answer.content, LARGEST_ANSWER_BYTES)
        except TimeoutError as error:
            raise TimestampUnusable(f"{network.TIMEOUT_SECONDS:.0f}秒以内に応答がありません") from error
        except (aiohttp.ClientError, OSError) as error:
            raise TimestampUnusable("接続できません") from error


class TimestampAuthorities:
    """Authorities in the order they are asked; one that has just failed is asked last."""

    def __init__(self, urls: Sequence[str], *, trust: Trust) -> None:
        store = EvidenceStore(trust)
        self._all = [TimestampAuthority(url, store) for url in urls]

    def in_order(self) -> list[TimestampAuthority]:
        """Return the order to ask in now; raises SealingUnavailable when none is configured."""
        if not self._all:
            raise SealingUnavailable("タイムスタンプ局が設定されていません。")
        return sorted(self._all, key=lambda each: each.resting)

    def stamp(self, digest: bytes) -> bytes:
        """Return a verified RFC 3161 token (DER) over a SHA-256 digest; raises SealingUnavailable."""
        return network.run(self._stamp(digest)).der

    async def _stamp(self, digest: bytes) -> Token:
        reasons = []
        for authority in self.in_order():
            try:
                return await authority.stamp(digest)
            except TimestampUnusable as error:
                reasons.append(str(error))
        raise unavailable(reasons)


def unavailable(reasons: Sequence[str]) -> SealingUnavailable:
    """Word the refusal after every authority has failed."""
    return SealingUnavailable("タイムスタンプを取得できません（" + "／".join(dict.fromkeys(reasons)) + "）。")


def _request(digest: bytes, nonce: int) -> tsp.TimeStampReq:
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError("digest must be a SHA-256 digest")
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
    return tsp.TimeStampReq(
        {"version": 1, "message_imprint": tsp.MessageImprint(imprint), "nonce": nonce, "cert_req": True}
    )


async def _read_at_most(stream: aiohttp.StreamReader, limit: int) -> bytes:
    received = bytearray()
    async for chunk in stream.iter_chunked(16 * 1024):
        received += chunk
        if len(received) > limit:
            raise TimestampUnusable("応答が大きすぎます")
    return bytes(received)


class _Response(core.Sequence):  # type: ignore[misc]
    """RFC 3161 2.4.2: a rejection carries no token; asn1crypto's own class demands one."""

    # asn1crypto がこの一覧を書き換えて使うので、タプルにはできない。
    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


def _granted(answer: bytes) -> cms.ContentInfo:
    try:
        response = _Response.load(answer, strict=True)
        status = response["status"]["status"].native
    except (ValueError, TypeError, KeyError) as error:
        raise TimestampUnusable("応答の形が正しくありません") from error
    if status not in {"granted", "granted_with_mods"}:
        raise TimestampUnusable(f"発行を断られました（{status}）")
    try:
        token = response["time_stamp_token"]
        if token["content_type"].native != "signed_data":
            raise TimestampUnusable("応答の形が正しくありません")
    except (ValueError, TypeError, KeyError) as error:
        raise TimestampUnusable("応答にトークンがありません") from error
    return cms.ContentInfo.load(token.dump())


def _check_info(info: tsp.TSTInfo, digest: bytes, nonce: int) -> None:
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or imprint["hashed_message"].native != digest:
        raise TimestampUnusable("別の文書に対するトークンが返りました")
    if info["nonce"].native != nonce:
        raise TimestampUnusable("別の要求に対するトークンが返りました")
    if abs(info["gen_time"].native - network.now()) > CLOCK_TOLERANCE:
        raise TimestampUnusable("トークンの時刻がこのサーバの時計と60秒より離れています")


def _check_purpose(certificate: x509.Certificate) -> None:
    """RFC 3161 2.3: exactly one purpose, timeStamping, marked critical."""
    purposes = certificate.extended_key_usage_value
    critical = "extended_key_usage" in certificate.critical_extensions
    if purposes is None or purposes.native != ["time_stamping"] or not critical:
        raise TimestampUnusable("発行者の証明書はタイムスタンプ用ではありません")

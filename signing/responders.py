# mypy: disable-error-code="no-untyped-call"
"""失効情報（OCSP・CRL）を尋ねる。尋ねる先は、信じるルートに届いた鎖の証明書に書かれた場所だけ。"""

import contextlib
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import algos, core, crl, ocsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import load_der_x509_certificate

from signing import network
from signing.trust import name_of

# どの契約書にも入るものなので、大きな失効情報は受け取らない。
LARGEST_OCSP_BYTES = 64 * 1024
LARGEST_CRL_BYTES = 2 * 1024 * 1024
CLOCK_TOLERANCE = timedelta(seconds=60)
WITHOUT_END = timedelta(minutes=30)  # nextUpdate のない OCSP 応答（RFC 6960 4.2.2.1）を頼りにする長さ
OCSP_HEADERS = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


class NoAnswer(Exception):
    """Say why one responder's answer proves nothing."""


@dataclass
class Answers:
    """What the responders of one chain said; unverified, and good until `until`."""

    until: datetime
    ocsps: list[ocsp.OCSPResponse] = field(default_factory=list)
    crls: list[crl.CertificateList] = field(default_factory=list)
    responders: list[x509.Certificate] = field(default_factory=list)

    def keep_until(self, end: datetime) -> None:
        """Let the shortest life among the answers decide."""
        self.until = min(self.until, end)


def ask(chain: Sequence[x509.Certificate], *, until: datetime) -> Answers:
    """Ask about every certificate of a chain (leaf first, root last) but its root; raises NoAnswer with the reason."""
    answers = Answers(until)
    for certificate, issuer in itertools.pairwise(chain):
        _ask_about(certificate, issuer, answers)
    for responder in answers.responders:
        if responder.ocsp_no_check_value is None and responder.sha256 not in {each.sha256 for each in chain}:
            _check_appointed(responder, chain)  # 鎖につながると分かるまで、その中の住所は使わない
            _ask_crls(responder, answers, [])  # 自分の有効性を自分で答える OCSP は、証拠にならない
    return answers


def _check_appointed(responder: x509.Certificate, chain: Sequence[x509.Certificate]) -> None:
    """RFC 6960 4.2.2.2: the issuer of the certificate in question has issued the responder's too."""
    for issuer in chain[1:]:
        with contextlib.suppress(ValueError, TypeError, InvalidSignature):
            return load_der_x509_certificate(responder.dump()).verify_directly_issued_by(
                load_der_x509_certificate(issuer.dump())
            )
    raise NoAnswer(f"「{name_of(responder)}」は、この証明書の発行者から OCSP を任されていません")


def _ask_about(certificate: x509.Certificate, issuer: x509.Certificate, answers: Answers) -> None:
    reasons = []
    for url in _web(certificate.ocsp_urls):
        try:
            return _add_ocsp(_ask_ocsp(url, certificate, issuer), certificate, answers)
        except NoAnswer as reason:
            reasons.append(f"OCSP: {reason}")
    return _ask_crls(certificate, answers, reasons)


def _ask_crls(certificate: x509.Certificate, answers: Answers, reasons: list[str]) -> None:
    for url in _web(point.url for point in certificate.crl_distribution_points):
        try:
            return _add_crl(_ask_crl(url), answers)
        except NoAnswer as reason:
            reasons.append(f"CRL: {reason}")
    raise NoAnswer("／".join(reasons) or f"「{name_of(certificate)}」の証明書に OCSP も CRL も書かれていません")


def _web(urls: Iterable[str | None]) -> list[str]:
    return [each for each in urls if each and each.startswith(("http://", "https://"))]


def _ask_ocsp(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPResponse:
    body = _fetch(url, LARGEST_OCSP_BYTES, _question(certificate, issuer))
    try:
        response = ocsp.OCSPResponse.load(body, strict=True)
        status = response["response_status"].native
        if status != "successful":
            raise NoAnswer(f"答えを断られました（{status}）")
        response.basic_ocsp_response.native  # noqa: B018 - 形の崩れを、使う前に見つける
    except (ValueError, TypeError, KeyError) as error:
        raise NoAnswer("応答の形が正しくありません") from error
    return response


def _question(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """RFC 6960 4.1; SHA-1 only names the certificate here, and RFC 5019 knows nothing else."""
    about = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}),
        "issuer_name_hash": hashlib.sha1(certificate.issuer.dump(), usedforsecurity=False).digest(),
        "issuer_key_hash": hashlib.sha1(bytes(issuer.public_key["public_key"]), usedforsecurity=False).digest(),
        "serial_number": certificate.serial_number,
    }
    request = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": about}]}})
    return bytes(request.dump())


def _add_ocsp(response: ocsp.OCSPResponse, certificate: x509.Certificate, answers: Answers) -> None:
    basic = response.basic_ocsp_response
    singles = [
        each
        for each in basic["tbs_response_data"]["responses"]
        if each["cert_id"]["serial_number"].native == certificate.serial_number
    ]
    if not singles:
        raise NoAnswer("別の証明書についての答えが返りました")
    single = singles[0]
    if single["cert_status"].name == "unknown":
        raise NoAnswer("この証明書を知らないと答えました")
    answers.keep_until(_end_of(single, single["this_update"].native + WITHOUT_END))
    answers.ocsps.append(response)
    if not isinstance(basic["certs"], core.Void):
        answers.responders += [each for each in basic["certs"] if each.sha256 not in _known(answers)]


def _known(answers: Answers) -> set[bytes]:
    return {each.sha256 for each in answers.responders}


def _ask_crl(url: str) -> crl.CertificateList:
    body = _fetch(url, LARGEST_CRL_BYTES)
    try:
        revoked = crl.CertificateList.load(body, strict=True)
        revoked["tbs_cert_list"]["this_update"].native  # noqa: B018 - 形の崩れを、使う前に見つける
    except (ValueError, TypeError, KeyError) as error:
        raise NoAnswer("応答の形が正しくありません") from error
    return revoked


def _add_crl(revoked: crl.CertificateList, answers: Answers) -> None:
    answers.keep_until(_end_of(revoked["tbs_cert_list"], None))
    answers.crls.append(revoked)


def _end_of(answer: core.Sequence, otherwise: datetime | None) -> datetime:
    """Return when an answer ends, if it is one of today."""
    end: datetime | None = answer["next_update"].native or otherwise
    if end is None:
        raise NoAnswer("答えに期限がありません")
    if end <= network.now():
        raise NoAnswer("答えの期限が切れています")
    if answer["this_update"].native > network.now() + CLOCK_TOLERANCE:
        raise NoAnswer("先の日付の答えが返りました")
    return end


def _fetch(url: str, limit: int, body: bytes | None = None) -> bytes:
    try:
        answer = network.ask(url, limit=limit, body=body, headers=OCSP_HEADERS if body else None)
    except network.Unreachable as error:
        raise NoAnswer(str(error)) from error
    if answer.status != 200:
        raise NoAnswer(f"HTTP {answer.status} が返りました")
    return answer.body

"""別の実装に、同じ署名を確かめさせる。"""

import asyncio
import os
import re
import subprocess
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import pikepdf
import pypdfium2
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import (
    AdESLTAValidationResult,
    ades_lta_validation,
    simulate_future_ades_lta_validation,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

from config.embedded import pki as authority
from signing.cms import length_of
from signing.trust import Trust

UNCHANGED = "The document is unchanged since signing."
EDITED = "The signature is valid but there have been edits since signing."
UNKNOWN = "Signature is not signed."  # MuPDF は文書タイムスタンプを知らない
# 元の文書、承認一つ、承認二つと文書タイムスタンプについて、MuPDF の言うこと
SAID_BY_MUPDF: list[list[str]] = [[], [UNCHANGED], [EDITED, EDITED, UNKNOWN]]
RANGES = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


class Authorities(Protocol):
    """Whom openssl shall trust, as PEM files."""

    @property
    def trust_roots(self) -> Path: ...

    @property
    def chain(self) -> Path: ...


def openssl(pdf: bytes, pki: Authorities, directory: Path, *options: str) -> list[str]:
    """Verify every signature with its timestamp, and every document timestamp; return their kinds in order."""
    return [_openssl(pdf, *map(int, found.groups()[1:]), pki, directory, options) for found in RANGES.finditer(pdf)]


def container(pdf: bytes, before: int, after: int) -> bytes:
    padded = bytes.fromhex(pdf[before + 1 : after - 1].decode())
    size = length_of(padded)
    assert not padded[size:].strip(b"\0")
    return padded[:size]


def _openssl(
    pdf: bytes, before: int, after: int, length: int, pki: Authorities, directory: Path, options: Sequence[str]
) -> str:
    der, content = directory / "container.der", directory / "content.bin"
    der.write_bytes(container(pdf, before, after))
    content.write_bytes(pdf[:before] + pdf[after : after + length])
    if b"/DocTimeStamp" in pdf[pdf.rindex(b" obj", 0, before) : pdf.index(b"endobj", after)]:
        trusting = (*_roots(pki), "-untrusted", pki.chain, *options)
        _run("ts", "-verify", "-in", der, "-token_in", "-data", content, *trusting)
        return "ts"
    inputs = ["-in", der, "-inform", "DER", "-content", content, "-binary", "-cades", "-purpose", "any"]
    _run("cms", "-verify", *inputs, *_roots(pki), *options, "-out", os.devnull)
    return "cms"


def tokens(pdf: bytes, pki: authority.PkiPaths, directory: Path) -> int:
    """Verify the timestamp inside each signature over its signature value; return how many there were."""
    contents = [_signed_data(pdf, *map(int, found.groups()[1:3])) for found in RANGES.finditer(pdf)]
    signatures = [each["signer_infos"][0] for each in contents if each["encap_content_info"]["content"].native is None]
    for each in signatures:
        token, value = directory / "token.der", directory / "value.bin"
        (stamp,) = (a for a in each["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token")
        token.write_bytes(stamp["values"][0].dump())
        value.write_bytes(each["signature"].native)
        _run("ts", "-verify", "-in", token, "-token_in", "-data", value, *_roots(pki), "-untrusted", pki.chain)
    return len(signatures)


def _signed_data(pdf: bytes, before: int, after: int) -> cms.SignedData:
    return cms.ContentInfo.load(container(pdf, before, after))["content"]


def _roots(pki: Authorities) -> list[object]:
    return ["-CAfile", pki.trust_roots]


def _run(*command: object) -> str:
    done = subprocess.run(["openssl", *map(str, command)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def pdfsig(path: Path) -> str:
    """Return what poppler says."""
    command = ["pdfsig", "-nocert", str(path)]
    environment = os.environ | {"LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, check=False, text=True, env=environment).stdout


def mutool(path: Path) -> list[str]:
    """Return what MuPDF says of each signature, oldest first; its own trust store knows none of our authorities."""
    done = subprocess.run(["mutool", "sign", "-v", str(path)], capture_output=True, check=True, text=True)
    return [each.strip().splitlines()[-1].strip() for each in done.stdout.split("Verifying signature ")[1:]]


def evidence(pdf: bytes, pki: authority.PkiPaths, directory: Path) -> list[str]:
    """Verify with openssl every OCSP response and CRL that the file carries; return their kinds."""
    issuers = directory / "issuers.pem"
    issuers.write_bytes(pki.trust_roots.read_bytes() + pki.chain.read_bytes())
    with pikepdf.open(BytesIO(pdf)) as opened:
        store = opened.Root.get("/DSS", pikepdf.Dictionary())
        kept = [(kind, each.read_bytes()) for kind in ("OCSPs", "CRLs") for each in store.get(f"/{kind}", [])]
    for kind, der in kept:
        path = directory / kind
        path.write_bytes(der)
        if kind == "OCSPs":
            done = _run("ocsp", "-respin", path, "-CAfile", issuers, "-no_nonce", "-text")
            assert "Response verify OK" in done
            assert "Cert Status: good" in done
        else:
            assert "verify OK" in _run("crl", "-in", path, "-inform", "DER", "-CAfile", issuers, "-noout")
    return [kind for kind, _der in kept]


def qpdf(path: Path) -> None:
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def _poppler(path: Path) -> bytes:
    return subprocess.run(["pdftoppm", "-r", "40", path], check=True, capture_output=True).stdout


def _mupdf(path: Path) -> bytes:
    command = ["mutool", "draw", "-r", "40", "-F", "pnm", "-o", "-", path]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _pdfium(path: Path) -> bytes:
    with pypdfium2.PdfDocument(path) as opened:
        opened.init_forms()
        return b"".join(page.render(scale=0.5).to_pil().tobytes() for page in opened)


# すべての頁を描く、別々の実装。
READERS: dict[str, Callable[[Path], bytes]] = {"poppler": _poppler, "MuPDF": _mupdf, "PDFium": _pdfium}


def pyhanko(pdf: bytes, trust: Trust) -> list[str]:
    """Validate every signature as AdES with long-term availability, without any network; return the outcomes."""
    return _validated(pdf, trust, ades_lta_validation)


def pyhanko_later(pdf: bytes, trust: Trust, at: datetime) -> list[str]:
    """Have pyHanko foretell how it will judge every signature at a later moment, with what the file holds."""
    return _validated(pdf, trust, lambda each, spec: simulate_future_ades_lta_validation(each, spec, at))


Validation = Callable[[EmbeddedPdfSignature, PdfSignatureValidationSpec], Coroutine[Any, Any, AdESLTAValidationResult]]


def _validated(pdf: bytes, trust: Trust, validate: Validation) -> list[str]:
    policy = CertRevTrustPolicy(REQUIRE_REVINFO, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION)
    certificates = CertValidationPolicySpec(SimpleTrustManager.build(list(trust.roots)), policy)
    local = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(certificates, local))
    reader = PdfFileReader(BytesIO(pdf))
    return [str(asyncio.run(validate(each, spec)).ades_subindic) for each in reader.embedded_regular_signatures]

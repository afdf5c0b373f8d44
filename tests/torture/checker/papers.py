"""What independent readers say of a concluded PDF: pyHanko with the pinned root, qpdf and poppler."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

PASSED = "AdESPassed.OK"


@dataclass(frozen=True)
class Token:
    """A timestamp token inside a document."""

    serial: str
    at: datetime


@dataclass(frozen=True)
class Seals:
    """What is signed and stamped in a document, in order."""

    fields: tuple[str, ...]
    stamps: tuple[Token, ...]
    per_signature: tuple[int, ...]


def seals(path: Path) -> Seals:
    """Read the signatures of a document; raises whatever a broken one makes its readers raise."""
    reader = PdfFileReader(BytesIO(path.read_bytes()))
    regular = list(reader.embedded_regular_signatures)
    tokens = [_tokens(each) for each in regular]
    stamps = [*(token for each in tokens for token in each), *map(_stamp, reader.embedded_timestamp_signatures)]
    return Seals(tuple(each.field_name for each in regular), tuple(stamps), tuple(map(len, tokens)))


def _tokens(signature: EmbeddedPdfSignature) -> list[Token]:
    attributes = signature.signer_info["unsigned_attrs"]
    found = [each for each in attributes if each["type"].native == "signature_time_stamp_token"]
    return [_read(value["content"]) for each in found for value in each["values"]]


def _stamp(signature: EmbeddedPdfSignature) -> Token:
    return _read(signature.signed_data)


def _read(signed_data: Any) -> Token:
    info = signed_data["encap_content_info"]["content"].parsed
    return Token(str(info["serial_number"].native), info["gen_time"].native)


def doubts(path: Path, roots: Path, *, fields: Sequence[str]) -> Iterator[str]:
    """Tell what any of the readers holds against a document that carries these signatures, and nothing after them."""
    try:
        yield from _pyhanko(path, roots, fields)
    except Exception as trouble:  # noqa: BLE001 - 壊れた文書では、読み手は何でも投げる
        yield f"pyHanko: {type(trouble).__name__}: {trouble}"
    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    if checked.returncode or checked.stderr:
        yield f"qpdf: {checked.stderr.strip()[:200]}"
    yield from _poppler(path, len(fields))


def _pyhanko(path: Path, roots: Path, fields: Sequence[str]) -> Iterator[str]:
    reader = PdfFileReader(BytesIO(path.read_bytes()))
    every, regular = list(reader.embedded_signatures), list(reader.embedded_regular_signatures)
    if [each.field_name for each in regular] != list(fields) or len(every) != len(fields) + 1:
        yield f"署名欄が {[each.field_name for each in every]}"
    for each in regular:
        said = str(asyncio.run(ades_lta_validation(each, _policy(roots))).ades_subindic)
        if said != PASSED:
            yield f"pyHanko: {each.field_name} は {said}"
    for each in every:
        each.compute_integrity_info()
    last = every[-1]
    if last.coverage != SignatureCoverageLevel.ENTIRE_FILE or _changes(last) != ModificationLevel.NONE:
        yield f"最後の印が {last.coverage}、その後が {_changes(last)}"
    for each in every[:-1]:
        if _changes(each) > ModificationLevel.FORM_FILLING:
            yield f"{each.field_name} の後が {_changes(each)}"


def _changes(signature: EmbeddedPdfSignature) -> ModificationLevel:
    """Tell how much was changed after a signature; what pyHanko does not understand counts as anything."""
    if signature.diff_result is None:
        whole = signature.coverage == SignatureCoverageLevel.ENTIRE_FILE
        return ModificationLevel.NONE if whole else ModificationLevel.OTHER
    return getattr(signature.diff_result, "modification_level", ModificationLevel.OTHER)


@cache
def _policy(roots: Path) -> PdfSignatureValidationSpec:
    anchors = [x509.Certificate.load(der) for _kind, _headers, der in pem.unarmor(roots.read_bytes(), multiple=True)]
    trusting = CertRevTrustPolicy(REQUIRE_REVINFO, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION)
    certificates = CertValidationPolicySpec(SimpleTrustManager.build(anchors), trusting)
    local = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    return PdfSignatureValidationSpec(SignatureValidationSpec(certificates, local))


def _poppler(path: Path, signatures: int) -> Iterator[str]:
    done = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"}
    )
    said = re.split(r"^Signature #\d+:$", done.stdout, flags=re.M)[1:]
    if len(said) != signatures + 1:
        yield f"pdfsig: 印が {len(said)}"
    if any("Signature Validation: Signature is Valid." not in each for each in said[:signatures]):
        yield "pdfsig: 有効でない署名"
    if not said or "Total document signed" not in said[-1].replace("Not total", ""):
        yield "pdfsig: 最後の印が全体を覆っていない"

"""pyHanko as its documentation shows it: every call builds what it needs."""

import asyncio
from io import BytesIO

from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import SimpleSigner, fields, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

from benchmarks.ours import PEOPLE
from config.embedded.pki import PkiPaths
from signing.trust import Trust


def signer(made: PkiPaths, pkcs12: str = "signer.p12") -> SimpleSigner:
    """Load a key into pyHanko's own signer."""
    loaded = SimpleSigner.load_pkcs12(
        str(made.directory / pkcs12), other_certs=intermediates(made), passphrase=made.passphrase.read_bytes()
    )
    if loaded is None:
        raise RuntimeError("pyHanko が鍵を読めませんでした。")
    return loaded


def intermediates(made: PkiPaths) -> list[object]:
    """Return the certificates between the signers and the root."""
    return list(Trust.load([made.chain]).roots)


def seal(pdf: bytes, made: PkiPaths, with_signer: SimpleSigner) -> bytes:
    """Add two approvals and the document timestamp."""
    for step in range(len(PEOPLE)):
        metadata = describe(step, context(made), use_pades_lta=step == len(PEOPLE) - 1)
        field = fields.SigFieldSpec(f"FIELD_1_{step}")
        by = signers.PdfSigner(
            metadata, signer=with_signer, timestamper=HTTPTimeStamper(made.tsa_url), new_field_spec=field
        )
        pdf = by.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue()
    return pdf


def describe(step: int, validation: ValidationContext, **options: object) -> signers.PdfSignatureMetadata:
    """Say of an approval what ours says."""
    name, email = PEOPLE[step]
    return signers.PdfSignatureMetadata(
        field_name=f"FIELD_1_{step}",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=f"{name} 様 {email} が{timezone.localtime():%Y-%m-%d %H:%M:%S} +09:00 JSTに承認しました",
        location="日本",
        validation_context=validation,
        embed_validation_info=True,
        **options,
    )


def context(made: PkiPaths) -> ValidationContext:
    """Trust the trial root, and fetch what proves the chains."""
    roots = list(Trust.load([made.trust_roots]).roots)
    return ValidationContext(
        trust_roots=roots, other_certs=intermediates(made), allow_fetching=True, revocation_mode="require"
    )


def renew(pdf: bytes, made: PkiPaths) -> bytes:
    """Add an archive timestamp."""
    stamper = signers.PdfTimeStamper(HTTPTimeStamper(made.tsa_url))
    reader = PdfFileReader(BytesIO(pdf))
    return stamper.update_archival_timestamp_chain(reader, context(made), in_place=False).getvalue()


def verify(pdf: bytes, trust: Trust, **options: object) -> list[str]:
    """Validate every signature as AdES with long-term availability, offline; return the outcomes."""
    policy = CertRevTrustPolicy(REQUIRE_REVINFO, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION)
    certificates = CertValidationPolicySpec(SimpleTrustManager.build(list(trust.roots)), policy)
    local = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(certificates, local), **options)
    signatures = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    return [str(asyncio.run(ades_lta_validation(each, spec)).ades_subindic) for each in signatures]


def seals_in(pdf: bytes) -> tuple[int, int]:
    """Count the signatures and the document timestamps."""
    reader = PdfFileReader(BytesIO(pdf))
    return len(reader.embedded_regular_signatures), len(reader.embedded_timestamp_signatures)

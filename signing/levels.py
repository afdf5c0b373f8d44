"""PAdES の水準（ETSI EN 319 142-1）を、確かめられたことだけから言う。"""

from collections.abc import Sequence

from pyhanko.sign.validation.generic_cms import get_signing_cert_attr

from signing.integrity import Signed
from signing.results import DocumentTimestampReport, SignatureReport, Verdict

PADES = "/ETSI.CAdES.detached"
LEVELS = ("", "PKCS#7", "PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA")


def reached(
    signed: Sequence[Signed],
    signatures: Sequence[SignatureReport],
    timestamps: Sequence[DocumentTimestampReport],
) -> str:
    """Return the level every signature of the file reaches; a broken signature reaches none."""
    if not signatures:
        return ""
    formats = {each.name: _format(each) for each in signed if not each.is_timestamp}
    archived = bool(timestamps) and timestamps[-1].verdict is Verdict.VALID and timestamps[-1].ltv
    archived = archived and signed[-1].is_timestamp and signed[-1].covers_file
    return LEVELS[min(_rank(each, formats.get(each.field, 0), archived=archived) for each in signatures)]


def _rank(report: SignatureReport, form: int, *, archived: bool) -> int:
    if not report.intact or form < 2:
        return form if report.intact else 0
    if report.timestamp_at is None or not report.trusted:
        return 2
    if not report.ltv or report.verdict is not Verdict.VALID:
        return 3
    return 5 if archived else 4


def _format(signed: Signed) -> int:
    """PAdES baseline: ETSI.CAdES.detached with the signing certificate named among the signed attributes."""
    if str(signed.embedded.sig_object.get("/SubFilter", "")) != PADES:
        return 1
    return 2 if get_signing_cert_attr(signed.embedded.signer_info["signed_attrs"]) is not None else 1

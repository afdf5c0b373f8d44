"""PAdES の水準（ETSI EN 319 142-1）を、確かめられたことだけから言う。"""

from collections.abc import Sequence

from signing.results import LONG_LASTING, DocumentTimestampReport, SignatureReport, Verdict
from signing.verification.der import Malformed
from signing.verification.integrity import Signed

PADES = "ETSI.CAdES.detached"
LEVELS = ("", "PKCS#7", "PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", LONG_LASTING)


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
    if not report.intact or form < LEVELS.index("PAdES-B-B"):
        return form if report.intact else 0
    if report.timestamp_at is None or not report.trusted:
        return LEVELS.index("PAdES-B-B")
    if not report.ltv or report.verdict is not Verdict.VALID:
        return LEVELS.index("PAdES-B-T")
    return LEVELS.index(LONG_LASTING if archived else "PAdES-B-LT")


def _format(signed: Signed) -> int:
    """PAdES baseline: ETSI.CAdES.detached with the signing certificate named among the signed attributes."""
    try:
        baseline = signed.subfilter == PADES and signed.is_der and signed.cms.names_its_certificate
    except (Malformed, ValueError, IndexError):
        return 0
    return LEVELS.index("PAdES-B-B" if baseline else "PKCS#7")

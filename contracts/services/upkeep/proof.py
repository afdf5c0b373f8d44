"""What sealing or renewing made is kept only when it passes our own verification."""

import mmap
from collections.abc import Sequence

from signing.results import LONG_LASTING, Report, Verdict
from signing.trust import Trust
from signing.verification import verify


class Unproven(Exception):
    """What came out would not, or no longer, prove itself; nothing of it is kept."""


def proven(pdf: bytes | mmap.mmap, *, fields: Sequence[str], trust: Trust) -> Report:
    """Verify a finished PDF, signed in exactly these fields; raises Unproven, naming every problem."""
    report = verify(pdf, trust=trust, expected_fields=fields, required_level=LONG_LASTING)
    if report.verdict is not Verdict.VALID:
        problems = [*report.problems, *(each for seal in report.timestamps for each in seal.problems)]
        raise Unproven(f"検証に合格しません: {'、'.join(dict.fromkeys(problems)) or report.headline}")
    return report

"""署名済みの PDF を、渡されたルートと文書の中の証拠だけで検証する。通信はせず、例外も外に出さない。

pyHanko の総合判定より厳しい（docs/adr/0015）: 最後の署名かタイムスタンプがファイル全体を覆い、それより前のものの後には
署名と検証情報の追加しかなく、どの署名にも有効なタイムスタンプと失効情報があるときだけ「合格」とする。
"""

import hashlib
import mmap
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from signing import network
from signing.pdf.syntax import TooLarge, text
from signing.results import (
    HEADLINES,
    CertificateReport,
    DocumentTimestampReport,
    Problem,
    Report,
    SignatureReport,
    Verdict,
)
from signing.trust import Trust
from signing.verification import changes, levels
from signing.verification.algorithms import Unusable
from signing.verification.chains import Chain
from signing.verification.integrity import Document, Signed
from signing.verification.problems import (
    ENCRYPTED,
    HIDDEN,
    LEVEL,
    NO_TIMESTAMP,
    NOT_PDF,
    ONLY_TIMESTAMP,
    TAIL,
    TAIL_EVIDENCE,
    TOO_LARGE,
    UNEXPECTED,
    UNKNOWN_FORMAT,
    UNREADABLE,
    UNREADABLE_SIGNATURE,
)
from signing.verification.seals import Judge, Seal
from signing.verification.store import Store, store_of

PKCS7 = "adbe.pkcs7.detached"
LONGEST_SECONDS = 10  # 一つの文書に使う CPU。署名が百あっても、ふつうは一秒に満たない
RFC3161 = "ETSI.RFC3161"
DATE = re.compile(r"D:(\d{14})(?:Z|([+-])(\d{2})'?(\d{2})?)?")


def verify(
    pdf: bytes | mmap.mmap,
    *,
    trust: Trust,
    at: datetime | None = None,
    expected_fields: Sequence[str] | None = None,
    required_level: str = "",
) -> Report:
    """Judge a file as of `at` (now); `expected_fields` and `required_level` catch signatures that were cut off."""
    report = _Hearing(pdf, trust, at or network.now()).report()
    return _expecting(report, expected_fields, required_level)


class _Hearing:
    """Everything known about one file while it is being judged."""

    def __init__(self, pdf: bytes | mmap.mmap, trust: Trust, at: datetime) -> None:
        self.pdf = pdf
        self.trust = trust
        self.at = at
        self.document: Document | None = None

    def report(self) -> Report:
        """Judge the file; whatever it provokes becomes part of the verdict."""
        try:
            return self._judged(Document(self.pdf))
        except TooLarge:
            return self._made([TOO_LARGE])
        except Exception:  # noqa: BLE001 - 崩れたファイルは何種類もの例外になる。どれも「不合格」
            return self._made([UNREADABLE if b"%PDF-" in self.pdf[:1024] else NOT_PDF])

    def _judged(self, document: Document) -> Report:
        if document.file.encrypted:
            return self._made([ENCRYPTED])
        hidden = document.hides_signatures
        self.document = document
        if hidden or not document.signed:
            return self._made([HIDDEN] if hidden else [])
        found = store_of(document.file)
        document.certificates = found.certificates
        return self._heard(document, found)

    def _heard(self, document: Document, found: Store) -> Report:
        """Judge from the last to the first: each timestamp vouches for what stands before it."""
        judge = Judge(tuple(each.dump() for each in self.trust.roots), found)
        proven_at = self.at
        signatures: list[SignatureReport] = []
        timestamps: list[DocumentTimestampReport] = []
        started = time.thread_time()
        for each in reversed(document.signed):
            if time.thread_time() - started > LONGEST_SECONDS:
                raise TooLarge("the signatures take too long")
            if each.is_timestamp:
                stamp = _timestamp(judge, each, proven_at)
                timestamps.insert(0, stamp)
                if stamp.verdict is Verdict.VALID and stamp.at is not None:
                    proven_at = stamp.at
            else:
                signatures.insert(0, _signature(judge, each, proven_at))
        problems = [*found.problems, *_after_last(document)]
        if not signatures:
            problems.append(ONLY_TIMESTAMP)
        level = levels.reached(document.signed, signatures, timestamps)
        return self._made(problems, level=level, signatures=signatures, timestamps=timestamps)

    def _made(
        self,
        problems: Sequence[Problem],
        *,
        level: str = "",
        signatures: Sequence[SignatureReport] = (),
        timestamps: Sequence[DocumentTimestampReport] = (),
    ) -> Report:
        judged = [each.verdict for each in signatures] + [each.verdict for each in timestamps]
        judged += [each.verdict for each in problems]
        verdict = _worst(judged) if judged else Verdict.UNSIGNED
        document = self.document
        return Report(
            verdict=verdict,
            headline=HEADLINES[verdict],
            level=level,
            sha256=document.sha256 if document is not None else hashlib.sha256(self.pdf).hexdigest(),
            size=len(self.pdf),
            checked_at=self.at,
            signatures=tuple(signatures),
            timestamps=tuple(timestamps),
            revisions=document.revisions if document is not None else (),
            problems=tuple(problems),
        )


def _signature(judge: Judge, signed: Signed, proven_at: datetime) -> SignatureReport:
    try:
        return _signature_read(judge, signed, proven_at)
    except Exception as error:  # noqa: BLE001 - 崩れた署名は何種類もの例外になる。その署名だけを「不合格」とする
        return _unreadable_signature(signed, _problem_of(error))


def _signature_read(judge: Judge, signed: Signed, proven_at: datetime) -> SignatureReport:
    problems = _of_bytes(signed, {levels.PADES, PKCS7})
    token = judge.token_over(signed.cms, proven_at)
    stamped_at = token.at if token is not None and token.intact else None
    seal = judge.signature(signed.cms, signed.certificate, stamped_at or proven_at)
    sound = signed.problem is None
    return replace(
        _unreadable_signature(signed, UNREADABLE_SIGNATURE),
        signer=signed.certificate.name,
        reason=_text(signed, "Reason"),
        location=_text(signed, "Location"),
        signed_at=_claimed_time(signed),
        timestamp_at=stamped_at,
        tsa=token.chain[0].name if token is not None and token.chain else "",
        tsa_chain=_described(token.chain) if token is not None else (),
        chain=_described(seal.chain),
        ltv=sound and seal.ltv and token is not None and token.ltv,
        trusted=sound and seal.trusted,
        **_concluded(signed, [*problems, *(token.problems if token else [NO_TIMESTAMP]), *seal.problems]),
    )


def _timestamp(judge: Judge, signed: Signed, proven_at: datetime) -> DocumentTimestampReport:
    seal, name = Seal(()), ""
    try:
        problems = _of_bytes(signed, {RFC3161})
        name = signed.certificate.name
        seal = judge.token(signed.token, signed.certificate, proven_at)
    except Exception as error:  # noqa: BLE001 - 崩れたタイムスタンプは何種類もの例外になる。それだけを「不合格」とする
        problems = [_problem_of(error)]
    sound = signed.problem is None
    return DocumentTimestampReport(
        field=signed.name,
        tsa=name,
        at=seal.at,
        chain=_described(seal.chain),
        ltv=sound and seal.ltv,
        trusted=sound and seal.trusted,
        **_concluded(signed, [*problems, *seal.problems]),
    )


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, TooLarge):
        return TOO_LARGE
    if isinstance(error, Unusable):
        return error.problem
    return UNREADABLE_SIGNATURE


def _concluded(signed: Signed, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return what signatures and timestamps report alike."""
    verdict = _worst([each.verdict for each in problems])
    return {
        "revision": signed.version + 1 if signed.version is not None else 0,
        "invisible": changes.is_invisible(signed.field.dictionary),
        "covers": "ファイル全体" if signed.covers_file else "その版まで",
        "intact": verdict is not Verdict.INVALID,
        "verdict": verdict,
        "problems": tuple(dict.fromkeys(problems)),
    }


def _unreadable_signature(signed: Signed, problem: Problem) -> SignatureReport:
    return SignatureReport(
        field=signed.name,
        signer="",
        reason="",
        location="",
        signed_at=None,
        timestamp_at=None,
        tsa="",
        tsa_chain=(),
        chain=(),
        ltv=False,
        trusted=False,
        **_concluded(signed, [problem]),
    )


def _of_bytes(signed: Signed, formats: set[str]) -> list[Problem]:
    """Return what is wrong with the bytes and with what came after them."""
    problems = [signed.problem] if signed.problem is not None else [*signed.document.changes_after(signed)]
    return problems if signed.subfilter in formats else [*problems, UNKNOWN_FORMAT]


def _after_last(document: Document) -> list[Problem]:
    last = document.signed[-1]
    if last.covers_file:
        return []
    known = document.revisions[-1].size == len(document.pdf) and last.version is not None
    return [TAIL_EVIDENCE if known else TAIL]


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        if verdict in verdicts:
            return verdict
    return Verdict.VALID


def _expecting(report: Report, fields: Sequence[str] | None, level: str) -> Report:
    problems = list(report.problems)
    if fields is not None and [each.field for each in report.signatures] != list(fields):
        problems.append(UNEXPECTED)
    if level and levels.LEVELS.index(report.level) < levels.LEVELS.index(level):
        problems.append(LEVEL.filled(required=level, reached=report.level or "なし"))
    if len(problems) == len(report.problems):
        return report
    return replace(report, verdict=Verdict.INVALID, headline=HEADLINES[Verdict.INVALID], problems=tuple(problems))


def _described(chain: Chain) -> tuple[CertificateReport, ...]:
    return tuple(each.report for each in chain)


def _text(signed: Signed, key: str) -> str:
    value = signed.document.file.resolve(signed.dictionary.get(key))
    return text(value) if isinstance(value, bytes) else ""


def _claimed_time(signed: Signed) -> datetime | None:
    """Return the time the signer's own clock showed: /M, which nobody vouches for (ISO 32000-2 7.9.4)."""
    found = DATE.fullmatch(_text(signed, "M").rstrip("'"))
    if found is None:
        return None
    whole, sign, hours, minutes = found.groups()
    try:
        ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
        return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=timezone(ahead))
    except ValueError:
        return None

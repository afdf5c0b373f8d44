"""署名済みの PDF を、渡されたルートと文書の中の証拠だけで検証する。通信はせず、例外も外に出さない。

pyHanko の総合判定より厳しい（SECURITY 0-1）: 最後の署名かタイムスタンプがファイル全体を覆い、それより前のものの後には
署名と検証情報の追加しかなく、どの署名にも有効なタイムスタンプと失効情報があるときだけ「合格」とする。
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate
from pyhanko.sign.validation.generic_cms import (
    cms_basic_validation,
    extract_tst_data_iter,
    message_imprint_checker,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints

from signing import chains, integrity, levels, network
from signing.changes import TooLarge
from signing.integrity import Document, Revision, Signed
from signing.offline import offline
from signing.results import HEADLINES, DocumentTimestampReport, Report, SignatureReport, Verdict
from signing.trust import Trust, name_of

PKCS7 = "/adbe.pkcs7.detached"
RFC3161 = "/ETSI.RFC3161"
SIGNING_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
CLOCK_TOLERANCE = timedelta(seconds=60)
UNREADABLE = "この署名は形が崩れていて、読み取れません。"

REASONS = {
    AdESFailure.REVOKED: "証明書が失効しています。",
    AdESIndeterminate.REVOKED_NO_POE: "証明書が失効しています。",
    AdESIndeterminate.REVOKED_CA_NO_POE: "認証局の証明書が失効しています。",
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "信頼するルート証明書につながりません。",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "弱い暗号方式が使われています。",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "弱い暗号方式が使われています。",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "証明書の用途が署名と合いません。",
}
REVOKED = {AdESFailure.REVOKED, AdESIndeterminate.REVOKED_NO_POE, AdESIndeterminate.REVOKED_CA_NO_POE}


def verify(
    pdf: bytes,
    *,
    trust: Trust,
    at: datetime | None = None,
    expected_fields: Sequence[str] | None = None,
    required_level: str = "",
) -> Report:
    """Judge a file as of `at` (now); `expected_fields` and `required_level` catch signatures that were cut off."""
    judge = _Judge(pdf, trust, at or network.now())
    report = judge.report()
    return _expecting(report, expected_fields, required_level)


@dataclass(frozen=True)
class _Seal:
    """What one signed container (signature or token) proved."""

    broken: tuple[str, ...]
    doubts: tuple[str, ...]
    trusted: bool
    ltv: bool
    certificates: tuple[x509.Certificate, ...]
    at: datetime | None = None


class _Judge:
    """Everything known about one file while it is being judged."""

    def __init__(self, pdf: bytes, trust: Trust, at: datetime) -> None:
        self.pdf = pdf
        self.trust = trust
        self.at = at
        self.evidence = chains.Embedded()

    def report(self) -> Report:
        """Judge the file; whatever it provokes becomes part of the verdict."""
        try:
            document = Document(self.pdf)
            if document.encrypted:
                return self._made(Verdict.INDETERMINATE, ["暗号化されているため、検証できません。"])
            signed = document.signed
            revisions = document.revisions
            if document.hides_signatures:
                return self._made(Verdict.INVALID, [integrity.HIDDEN], revisions=revisions)
            if not signed:
                return self._made(Verdict.UNSIGNED, [], revisions=revisions)
            self.evidence = chains.Embedded.of(document.reader)
        except Exception:  # noqa: BLE001 - 崩れたファイルは何種類もの例外になる。どれも「不合格」
            return self._made(*self._unreadable())
        return self._judged(document, signed, revisions)

    def _unreadable(self) -> tuple[Verdict, list[str]]:
        if b"%PDF-" not in self.pdf[:1024]:
            return Verdict.INDETERMINATE, ["PDFファイルではありません。"]
        return Verdict.INVALID, ["ファイルが壊れているか、署名の形が崩れているため、読み取れません。"]

    def _judged(self, document: Document, signed: tuple[Signed, ...], revisions: tuple[Revision, ...]) -> Report:
        """Judge from the last to the first: each timestamp vouches for what stands before it."""
        proven_at = self.at
        signatures: list[SignatureReport] = []
        timestamps: list[DocumentTimestampReport] = []
        for each in reversed(signed):
            try:
                if each.is_timestamp:
                    stamp = self._timestamp(document, each, proven_at)
                    timestamps.insert(0, stamp)
                    if stamp.verdict is Verdict.VALID and stamp.at is not None:
                        proven_at = stamp.at
                else:
                    signatures.insert(0, self._signature(document, each, proven_at))
            except Exception:  # noqa: BLE001 - 崩れた署名は何種類もの例外になる。その署名だけを「不合格」とする
                signatures.insert(0, _unreadable_signature(each))
        problems = [*self.evidence.problems, *_after_last(document, signed[-1])]
        verdict = _worst([*(each.verdict for each in signatures), *(each.verdict for each in timestamps)])
        if problems and verdict is Verdict.VALID:
            verdict = Verdict.INDETERMINATE
        if _file_problem(document, signed[-1]):
            verdict = Verdict.INVALID
        level = levels.reached(signed, signatures, timestamps)
        if not signatures and verdict is Verdict.VALID:
            problems.append("文書タイムスタンプだけがあり、署名がありません。")
            verdict = Verdict.INDETERMINATE
        return self._made(
            verdict, problems, level=level, signatures=signatures, timestamps=timestamps, revisions=revisions
        )

    def _made(
        self,
        verdict: Verdict,
        problems: Sequence[str],
        *,
        level: str = "",
        signatures: Sequence[SignatureReport] = (),
        timestamps: Sequence[DocumentTimestampReport] = (),
        revisions: Sequence[Revision] = (),
    ) -> Report:
        return Report(
            verdict=verdict,
            headline=HEADLINES[verdict],
            level=level,
            sha256=hashlib.sha256(self.pdf).hexdigest(),
            size=len(self.pdf),
            checked_at=self.at,
            signatures=tuple(signatures),
            timestamps=tuple(timestamps),
            revisions=tuple(revisions),
            problems=tuple(problems),
        )

    def _signature(self, document: Document, signed: Signed, proven_at: datetime) -> SignatureReport:
        broken = _broken(document, signed)
        sealed = signed.embedded.sig_object
        if str(sealed.get("/SubFilter", "")) not in {levels.PADES, PKCS7}:
            broken.append("知らない方式の署名です。")
        doubts: list[str] = []
        token = self._signature_token(signed)
        if token is None:
            doubts.append("署名にタイムスタンプが含まれていないため、署名の時刻を確かめられません。")
        else:
            broken += [f"署名タイムスタンプ: {each}" for each in token.broken]
            doubts += [f"署名タイムスタンプ: {each}" for each in token.doubts]
            doubts += _doubt_of_time(token, proven_at)
        moment = token.at if token is not None and token.at is not None and not token.broken else proven_at
        seal = self._seal_of_signature(signed, moment)
        broken += seal.broken
        doubts += seal.doubts
        return SignatureReport(
            field=signed.name,
            revision=_revision_of(document, signed),
            signer=name_of(signed.embedded.signer_cert),
            reason=_text(sealed, "/Reason"),
            location=_text(sealed, "/Location"),
            signed_at=_claimed_time(signed),
            timestamp_at=token.at if token is not None and not token.broken else None,
            tsa=name_of(token.certificates[0]) if token is not None and token.certificates else "",
            chain=chains.describe(seal.certificates),
            ltv=seal.ltv and token is not None and token.ltv,
            intact=not broken,
            trusted=seal.trusted and not seal.broken,
            covers=_covers(signed),
            verdict=_verdict(broken, doubts),
            problems=tuple(dict.fromkeys([*broken, *doubts])),
        )

    def _timestamp(self, document: Document, signed: Signed, proven_at: datetime) -> DocumentTimestampReport:
        broken = _broken(document, signed)
        if str(signed.embedded.sig_object.get("/SubFilter", "")) != RFC3161:
            broken.append("知らない方式のタイムスタンプです。")
        token = self._token(signed.embedded.signed_data, signed.embedded.compute_digest)
        broken += token.broken
        doubts = [*token.doubts, *_doubt_of_time(token, proven_at)]
        return DocumentTimestampReport(
            field=signed.name,
            revision=_revision_of(document, signed),
            tsa=name_of(signed.embedded.signer_cert),
            at=token.at,
            chain=chains.describe(token.certificates),
            ltv=token.ltv,
            intact=not broken,
            trusted=token.trusted and not token.broken,
            covers=_covers(signed),
            verdict=_verdict(broken, doubts),
            problems=tuple(dict.fromkeys([*broken, *doubts])),
        )

    def _signature_token(self, signed: Signed) -> _Seal | None:
        info = signed.embedded.signer_info
        for token in extract_tst_data_iter(info, signed=False):
            return self._token(token, message_imprint_checker(info))
        return None

    def _token(self, signed_data: Any, imprint: Any) -> _Seal:
        moment: datetime = signed_data["encap_content_info"]["content"].parsed["gen_time"].native

        def check(*, demand: bool) -> dict[str, Any]:
            context = self.evidence.context(self.trust, at=moment, demand=demand)
            return offline(validate_tst_signed_data(signed_data, context, imprint))

        return _sealed(check, moment)

    def _seal_of_signature(self, signed: Signed, moment: datetime) -> _Seal:
        def check(*, demand: bool) -> dict[str, Any]:
            return offline(
                cms_basic_validation(
                    signed.embedded.signed_data,
                    raw_digest=signed.embedded.compute_digest(),
                    validation_context=self.evidence.context(self.trust, at=moment, demand=demand),
                    key_usage_settings=SIGNING_USAGE,
                )
            )

        return _sealed(check, moment)


def _sealed(check: Any, moment: datetime) -> _Seal:
    """Ask first with revocation data demanded, then without, to tell 'not trusted' from 'cannot be checked'."""
    strict = check(demand=True)
    if not strict["intact"] or not strict["valid"]:
        return _Seal(
            ("署名された内容が変えられているか、署名の値が正しくありません。",),
            (),
            trusted=False,
            ltv=False,
            certificates=(),
            at=moment,
        )
    indication = strict["trust_problem_indic"]
    path = chains.certificates_of(strict["validation_path"]) or (strict["signing_cert"],)
    if indication is None:
        return _Seal((), (), trusted=True, ltv=True, certificates=path, at=moment)
    if indication in REVOKED:
        return _Seal((REASONS[indication],), (), trusted=False, ltv=False, certificates=path, at=moment)
    lenient = check(demand=False)
    if lenient["trust_problem_indic"] is None:
        path = chains.certificates_of(lenient["validation_path"]) or path
        doubt = "失効していないことを示す情報（OCSP・CRL）が文書に埋め込まれていません。"
        return _Seal((), (doubt,), trusted=True, ltv=False, certificates=path, at=moment)
    doubt = REASONS.get(lenient["trust_problem_indic"], "証明書の鎖を確かめられません。")
    return _Seal((), (doubt,), trusted=False, ltv=False, certificates=path, at=moment)


def _broken(document: Document, signed: Signed) -> list[str]:
    problems = signed.problems()
    try:
        return problems or document.changes_after(signed)
    except TooLarge:
        return ["文書が大きすぎるため、署名の後の変更を調べきれません。"]


def _file_problem(document: Document, last: Signed) -> bool:
    """Tell whether something other than evidence follows the last signature."""
    if last.covers_file:
        return False
    return document.revisions[-1].size != len(document.pdf) or last.end not in {e.size for e in document.revisions}


def _after_last(document: Document, last: Signed) -> list[str]:
    if last.covers_file:
        return []
    if _file_problem(document, last):
        return ["最後の署名の後ろに、署名に覆われていないデータがあります。"]
    return ["最後の署名の後に検証情報などが加えられ、その部分は署名に覆われていません。"]


def _doubt_of_time(token: _Seal, proven_at: datetime) -> list[str]:
    doubts = []
    if chains.expired_at(token.certificates, proven_at):
        doubts.append("タイムスタンプの証明書の有効期限が切れています。")
    if token.at is not None and token.at - proven_at > CLOCK_TOLERANCE:
        doubts.append("タイムスタンプの時刻の順序が正しくありません。")
    return doubts


def _verdict(broken: Sequence[str], doubts: Sequence[str]) -> Verdict:
    if broken:
        return Verdict.INVALID
    return Verdict.INDETERMINATE if doubts else Verdict.VALID


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        if verdict in verdicts:
            return verdict
    return Verdict.VALID


def _expecting(report: Report, fields: Sequence[str] | None, level: str) -> Report:
    problems = list(report.problems)
    if fields is not None and [each.field for each in report.signatures] != list(fields):
        problems.append("あるはずの署名が足りないか、予定にない署名があります。")
    if level and levels.LEVELS.index(report.level) < levels.LEVELS.index(level):
        problems.append(f"署名の水準が {level} に達していません（{report.level or 'なし'}）。")
    if len(problems) == len(report.problems):
        return report
    values = {name: getattr(report, name) for name in report.__dataclass_fields__}
    values |= {"verdict": Verdict.INVALID, "headline": HEADLINES[Verdict.INVALID], "problems": tuple(problems)}
    return Report(**values)


def _unreadable_signature(signed: Signed) -> SignatureReport:
    return SignatureReport(
        field=signed.name,
        revision=0,
        signer="",
        reason="",
        location="",
        signed_at=None,
        timestamp_at=None,
        tsa="",
        chain=(),
        ltv=False,
        intact=False,
        trusted=False,
        covers="不明",
        verdict=Verdict.INVALID,
        problems=(UNREADABLE,),
    )


def _revision_of(document: Document, signed: Signed) -> int:
    return next((each.number for each in document.revisions if each.size == signed.end), 0)


def _covers(signed: Signed) -> str:
    return "ファイル全体" if signed.covers_file else "その版まで"


def _text(dictionary: generic.DictionaryObject, key: str) -> str:
    if key not in dictionary or not isinstance(dictionary[key], generic.TextStringObject):
        return ""
    return str(dictionary[key])


def _claimed_time(signed: Signed) -> datetime | None:
    try:
        claimed = signed.embedded.self_reported_timestamp
    except Exception:  # noqa: BLE001 - 時刻の書き方が崩れていても、署名そのものの判定は続ける
        return None
    return claimed if isinstance(claimed, datetime) else None

"""お知らせと保証証書の PDF を読む。読むのは、メモリと時間を限った子プロセスだけ。"""

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.reading.words import WHY, missing_words

__all__ = ["Kind", "Reading", "read"]

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("child.py")
WALL_SECONDS = 30
LARGEST = 20 * 1024 * 1024


class Kind(StrEnum):
    """What a file turned out to be."""

    NOTICE = "notice"
    CERTIFICATE = "certificate"
    UNKNOWN = "unknown"
    SCAN = "scan"

    @property
    def label(self) -> str:
        """Name it in Japanese."""
        return KINDS[self]


KINDS = {
    Kind.NOTICE: "電子証書閲覧用「認証キー」等のお知らせ",
    Kind.CERTIFICATE: "保証証書",
    Kind.UNKNOWN: "ほかの書類",
    Kind.SCAN: "文字の情報がない書類",
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the reader made of a file; a file with both papers is a notice that has its certificate with it.

    `why` is a sentence for the person who gave the file, empty when nothing is left to say.
    """

    kind: Kind
    notice: NoticeFacts | None = None
    certificate: CertificateFacts | None = None
    why: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """List the labels that were not found on the paper that it is."""
        paper = self.notice or self.certificate
        return paper.missing if paper else ()


def read(pdf: bytes) -> Reading:
    """Read a notice (R88, R89) or a certificate (R105) from a PDF; nothing is stored and nothing is raised."""
    if len(pdf) > LARGEST:
        return Reading(kind=Kind.UNKNOWN, why=WHY["too_large"])
    answer = _answer(pdf)
    notice, certificate = answer.get("notice"), answer.get("certificate")
    facts = NoticeFacts(**notice) if notice else None
    return Reading(
        kind=Kind(answer.get("kind", Kind.UNKNOWN)),
        notice=facts,
        certificate=CertificateFacts.from_json(certificate) if certificate else None,
        why=_why(answer, facts),
    )


def _answer(pdf: bytes) -> dict[str, Any]:
    """Ask the child; the file and what is read from it pass through pipes and touch no disk."""
    try:
        child = subprocess.run(  # noqa: S603 - 自分のプログラムだけを、固定の引数で動かす
            [sys.executable, "-I", str(CHILD)],
            input=pdf,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return {"why": "too_heavy"}
    if child.returncode != 0:
        logger.warning("The reader of notices ended with %s.", child.returncode)  # 中身は書かない。キーがありうる
        return {"why": "too_heavy"}
    answer: dict[str, Any] = json.loads(child.stdout)
    return answer


def _why(answer: dict[str, Any], notice: NoticeFacts | None) -> str:
    codes = [code for code in (answer.get("why"), "recognised" if answer.get("recognised") else None) if code]
    said = [WHY[code] for code in codes]
    return "".join([*said, missing_words(notice.missing)] if notice and notice.missing else said)

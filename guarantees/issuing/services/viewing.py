"""Show a certificate to the orderer it names, by its number and key; count what was wrong, and stop at the limit.

A wrong key is an answer, not a refusal: it is counted in the transaction that the page commits.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import passcodes
from guarantees.issuing import messages, permissions
from guarantees.issuing.refusals import IssuingRefused
from guarantees.issuing.services import applying, correspondents
from guarantees.issuing.services.noticing import key_of
from guarantees.models.issuing import Correspondent, IssuedCertificate, Tries
from guarantees.states import IssueState
from vault import files

MOST_TRIES = 5
NUMBER = re.compile(r"[0-9A-Z]{4,32}")


class Outcome(StrEnum):
    SHOWN = "shown"
    REFUSED = "refused"
    LOCKED = "locked"


WORDS = {
    Outcome.REFUSED: gettext_noop(
        "保証契約番号または認証キーが違います。お知らせの記載をご確認ください。"
        "続けて%(most)s回誤ると、この番号の閲覧を停止します。"
    ),
    Outcome.LOCKED: gettext_noop(
        "認証キーの誤りが続いたため、この番号の閲覧を停止しています。保証機関にご連絡ください。"
    ),
}


@dataclass(frozen=True)
class Answer:
    """What came of asking: the certificate when it is shown, else only that it is not."""

    outcome: Outcome
    certificate: IssuedCertificate | None = None

    @property
    def words(self) -> str:
        """Say why nothing is shown; nothing in it tells whether the number exists."""
        return gettext(WORDS[self.outcome]) % {"most": MOST_TRIES}


@sensitive_variables("key")
def view(orderer: Correspondent, *, actor: Actor, at: datetime, number: str, key: str) -> Answer:
    """Look for the certificate of a number that names this orderer and opens with this key.

    At most MOST_TRIES wrong keys are ever compared for one number, however many workers ask at once.
    """
    number, key = passcodes.plain(number), passcodes.plain(key)
    if not NUMBER.fullmatch(number):
        return Answer(Outcome.REFUSED)
    if Tries.unscoped.filter(orderer=orderer, number=number, locked_at__isnull=False).exists():
        return Answer(Outcome.LOCKED)
    return _tried(orderer, actor=actor, at=at, number=number, key=key)


@transaction.atomic
@sensitive_variables("key")
def _tried(orderer: Correspondent, *, actor: Actor, at: datetime, number: str, key: str) -> Answer:
    Tries.unscoped.bulk_create(
        [Tries(tenant_id=orderer.tenant_id, orderer=orderer, number=number)], ignore_conflicts=True
    )
    # 同時に何人が試しても数え落とさないよう、番号ごとの行に錠をかけてから、鍵を比べる
    tries = Tries.unscoped.select_for_update(no_key=True).get(orderer=orderer, number=number)
    if tries.locked_at is not None:
        return Answer(Outcome.LOCKED)
    certificate = _of(orderer, number)
    if certificate is None or not constant_time_compare(key_of(certificate), key):
        return Answer(_count(tries, orderer, certificate, actor=actor, at=at))
    return _shown(tries, certificate, actor=actor, at=at)


def _of(orderer: Correspondent, number: str) -> IssuedCertificate | None:
    rows = IssuedCertificate.unscoped.filter(number=number, application__orderer=orderer)
    found: IssuedCertificate | None = rows.exclude(state=IssueState.SEALING).select_related("application").first()
    return found


def _shown(tries: Tries, certificate: IssuedCertificate, *, actor: Actor, at: datetime) -> Answer:
    if tries.wrong:
        tries.wrong = 0
        tries.save(update_fields=["wrong"])
    if certificate.viewed_at is None:
        certificate.viewed_at = at
        certificate.save(update_fields=["viewed_at"])
    applying.record("issuing.viewed", certificate.application, actor=actor, at=at, number=certificate.number)
    return Answer(Outcome.SHOWN, certificate)


def pdf_of(certificate: IssuedCertificate) -> bytes:
    """Read the sealed PDF of a certificate that has one; raises Damaged."""
    assert certificate.pdf is not None  # noqa: S101 - 封印を終えた行に必ずある（制約 certificate_sealed_exactly_when_kept）
    return files.read(certificate.pdf)


def opened(orderer: Correspondent, *, certificate_id: int) -> IssuedCertificate | None:
    """Find a certificate again that its orderer has opened with its key."""
    rows = IssuedCertificate.unscoped.filter(pk=certificate_id, application__orderer=orderer)
    found: IssuedCertificate | None = rows.select_related("application", "tenant").first()
    return found


@transaction.atomic
def take(certificate: IssuedCertificate, *, actor: Actor, at: datetime) -> bytes:
    """Hand out the sealed PDF to whoever may see the certificate; raises IssuingRefused while it is being sealed."""
    if certificate.pdf is None:
        raise IssuingRefused("証書に署名とタイムスタンプを付けています。しばらくしてから、もう一度お試しください。")
    content = files.read(certificate.pdf)
    told = {"number": certificate.number}
    applying.record("issuing.certificate_taken", certificate.application, actor=actor, at=at, **told)
    return content


def locks(certificate: IssuedCertificate) -> list[Tries]:
    """List what was stopped of a certificate: its orderer's tries, when they were too many."""
    rows = Tries.unscoped.filter(number=certificate.number, orderer_id=certificate.application.orderer_id)
    return list(rows.filter(locked_at__isnull=False).select_related("orderer"))


def _count(
    tries: Tries, orderer: Correspondent, certificate: IssuedCertificate | None, *, actor: Actor, at: datetime
) -> Outcome:
    tries.wrong += 1
    stopped = tries.wrong >= MOST_TRIES
    tries.locked_at = at if stopped else None
    tries.save(update_fields=["wrong", "locked_at"])
    action = "issuing.locked" if stopped else "issuing.view_refused"
    if stopped:
        messages.locked(orderer, number=tries.number, at=at)
    told = {"number": tries.number, "wrong": tries.wrong, "known": certificate is not None}
    correspondents.record(action, orderer, actor=actor, at=at, **told)
    return Outcome.LOCKED if stopped else Outcome.REFUSED


@transaction.atomic
def unlock(tries: Tries, *, actor: Actor, at: datetime, reason: str) -> Tries:
    """Let an orderer try a number again, with the reason; raises PermissionDenied for whoever keeps no books."""
    doors.check(permissions.can_underwrite, actor)
    tries = lock(tries, "orderer")
    tries.wrong, tries.locked_at = 0, None
    tries.save(update_fields=["wrong", "locked_at"])
    told = {"number": tries.number, "reason": reason.strip()[:200]}
    correspondents.record("issuing.unlocked", tries.orderer, actor=actor, at=at, **told)
    return tries

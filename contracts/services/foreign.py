"""Hand out and verify what was concluded elsewhere, and note who asked."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import ForeignContract
from contracts.services import evidence
from signing.results import Report
from signing.trust import Trust
from signing.verification import verify
from vault import files


class GoneRefused(Refusal):
    """The file was disposed of."""


@transaction.atomic
def download(foreign: ForeignContract, *, actor: Actor, at: datetime) -> bytes:
    """Return the file as it came in; raises GoneRefused when it was disposed of."""
    content = _content(foreign, actor)
    _record("foreign.downloaded", foreign, actor=actor, at=at, sha256=foreign.sha256)
    return content


@transaction.atomic
def verify_again(foreign: ForeignContract, *, actor: Actor, at: datetime, trust: Trust) -> Report:
    """Verify the file as it is stored; what was found when it came in stays beside it. Raises GoneRefused."""
    report = verify(_content(foreign, actor), trust=trust, at=at)
    _record("foreign.verified", foreign, actor=actor, at=at, sha256=report.sha256, verdict=str(report.verdict))
    return report


def _content(foreign: ForeignContract, actor: Actor) -> bytes:
    doors.check(permissions.can_read, actor)
    if foreign.custody.disposed_at is not None:
        raise GoneRefused("この契約書は、保存期間が終わり、承認を得て廃棄されました。廃棄記録をご覧ください。")
    return files.read(foreign.file)


def _record(action: str, foreign: ForeignContract, *, actor: Actor, at: datetime, **data: str) -> None:
    evidence.record_in(
        foreign.subject, action, subject=foreign.subject, actor=actor, at=at, title=foreign.title, **data
    )

"""The life of a case, a consent, a contract version, a signing step and a sealing job, each on one screen.

The tables are read by Python (`move_to`), by the database triggers, by the tests over all pairs and by the diagram in
docs/states.md. Adding a state means adding a row here, a migration and a story in tests/.
"""

from collections.abc import Mapping
from typing import Protocol

from django.db.models import TextChoices

from accounts.refusals import Refusal


class CaseState(TextChoices):
    REGISTERED = "registered", "登録済"
    CONTRACTING = "contracting", "契約手続中"
    CONCLUDED = "concluded", "締結済"
    PAPER = "paper", "紙で契約"


class ConsentState(TextChoices):
    INVITED = "invited", "提出待ち"
    SUBMITTED = "submitted", "確認待ち"
    RETURNED = "returned", "差戻し"
    ACCEPTED = "accepted", "承諾済"
    VOID_BY_PAPER = "void_by_paper", "無効（紙で契約）"


class VersionState(TextChoices):
    DRAFT = "draft", "起案中"
    IN_APPROVAL = "in_approval", "庁内承認待ち"
    RETURNED = "returned", "差戻し"
    SENT = "sent", "署名依頼中"
    ALL_SIGNED = "all_signed", "封印中"
    SEAL_WAITING = "seal_waiting", "封印待ち"
    CONCLUDED = "concluded", "締結済"
    DECLINED = "declined", "却下"
    RECALLED = "recalled", "取下げ"
    SWITCHED_TO_PAPER = "switched_to_paper", "紙へ切替"


class StepState(TextChoices):
    WAITING = "waiting", "順番待ち"
    REQUESTED = "requested", "署名依頼中"
    INSTRUCTED = "instructed", "署名処理中"
    SIGNED = "signed", "署名済"
    DECLINED = "declined", "却下"
    CANCELLED = "cancelled", "取消"


class JobState(TextChoices):
    QUEUED = "queued", "順番待ち"
    RUNNING = "running", "処理中"
    DONE = "done", "完了"


CASE: Mapping[str, frozenset[str]] = {
    CaseState.REGISTERED: frozenset({CaseState.CONTRACTING, CaseState.PAPER}),
    CaseState.CONTRACTING: frozenset({CaseState.CONCLUDED, CaseState.PAPER}),
    CaseState.CONCLUDED: frozenset(),
    CaseState.PAPER: frozenset(),
}

CONSENT: Mapping[str, frozenset[str]] = {
    ConsentState.INVITED: frozenset({ConsentState.SUBMITTED, ConsentState.VOID_BY_PAPER}),
    ConsentState.SUBMITTED: frozenset({ConsentState.ACCEPTED, ConsentState.RETURNED, ConsentState.VOID_BY_PAPER}),
    ConsentState.RETURNED: frozenset({ConsentState.SUBMITTED, ConsentState.VOID_BY_PAPER}),
    ConsentState.ACCEPTED: frozenset({ConsentState.VOID_BY_PAPER}),
    ConsentState.VOID_BY_PAPER: frozenset(),
}

VERSION: Mapping[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.IN_APPROVAL, VersionState.SWITCHED_TO_PAPER}),
    VersionState.IN_APPROVAL: frozenset({VersionState.SENT, VersionState.RETURNED, VersionState.SWITCHED_TO_PAPER}),
    VersionState.RETURNED: frozenset({VersionState.IN_APPROVAL, VersionState.SWITCHED_TO_PAPER}),
    VersionState.SENT: frozenset(
        {VersionState.ALL_SIGNED, VersionState.DECLINED, VersionState.RECALLED, VersionState.SWITCHED_TO_PAPER}
    ),
    VersionState.ALL_SIGNED: frozenset({VersionState.SEAL_WAITING, VersionState.CONCLUDED}),
    VersionState.SEAL_WAITING: frozenset({VersionState.CONCLUDED}),
    VersionState.CONCLUDED: frozenset(),
    VersionState.DECLINED: frozenset(),
    VersionState.RECALLED: frozenset(),
    VersionState.SWITCHED_TO_PAPER: frozenset(),
}

STEP: Mapping[str, frozenset[str]] = {
    StepState.WAITING: frozenset({StepState.REQUESTED, StepState.CANCELLED}),
    StepState.REQUESTED: frozenset({StepState.INSTRUCTED, StepState.DECLINED, StepState.CANCELLED}),
    StepState.INSTRUCTED: frozenset({StepState.SIGNED}),
    StepState.SIGNED: frozenset(),
    StepState.DECLINED: frozenset(),
    StepState.CANCELLED: frozenset(),
}

JOB: Mapping[str, frozenset[str]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE}),
    JobState.DONE: frozenset(),
}

# 契約の一版がまだ生きている（締結も終わりもしていない）状態
LIVE_VERSIONS = frozenset(state for state, following in VERSION.items() if following)
# 決裁の前に手を入れられる状態
EDITABLE_VERSIONS = frozenset({VersionState.DRAFT, VersionState.RETURNED})
# 署名依頼が出た後の状態
SENT_VERSIONS = frozenset(
    {VersionState.SENT, VersionState.ALL_SIGNED, VersionState.SEAL_WAITING, VersionState.CONCLUDED}
)


class IllegalMove(Refusal):
    """The life cycle does not allow this move; the text is for the person who tried."""


class Living(Protocol):
    state: str


def move(row: Living, to: str, *, table: Mapping[str, frozenset[str]]) -> None:
    """Move a row to a state that its table allows.

    Raises IllegalMove when the table does not.
    """
    if to not in table[row.state]:
        raise IllegalMove("すでに手続きが進んでいるため、この操作はできません。画面を開き直してご確認ください。")
    row.state = to


def pairs(table: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    """List the allowed moves, as the database trigger takes them."""
    return [(str(before), str(after)) for before, following in table.items() for after in sorted(following)]

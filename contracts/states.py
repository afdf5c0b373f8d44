"""The life of a case, a consent, a contract, its versions, an approval, a signature, its signer and a sealing job.

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
    LAPSED = "lapsed", "不成立"


class ConsentState(TextChoices):
    INVITED = "invited", "提出待ち"
    SUBMITTED = "submitted", "確認待ち"
    RETURNED = "returned", "差戻し"
    ACCEPTED = "accepted", "承諾済"
    CANCELLED = "cancelled", "依頼の取消し"
    WITHDRAWN = "withdrawn", "撤回"
    VOID_BY_PAPER = "void_by_paper", "無効（紙で契約）"


class ContractState(TextChoices):
    PREPARING = "preparing", "手続中"
    COUNCIL_PENDING = "council_pending", "議決待ち"
    IN_FORCE = "in_force", "成立"
    LAPSED = "lapsed", "不成立"
    DROPPED = "dropped", "取りやめ"


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
    EXPIRED = "expired", "期限切れ"
    DISCARDED = "discarded", "起案の取止め"
    SWITCHED_TO_PAPER = "switched_to_paper", "紙へ切替"


class ApprovalState(TextChoices):
    WAITING = "waiting", "順番待ち"
    OPEN = "open", "決裁待ち"
    DONE = "done", "決裁済"
    RETURNED = "returned", "差戻し"
    CANCELLED = "cancelled", "取消"


class StepState(TextChoices):
    WAITING = "waiting", "順番待ち"
    REQUESTED = "requested", "署名依頼中"
    INSTRUCTED = "instructed", "署名処理中"
    SIGNED = "signed", "署名済"
    CONFIRMED = "confirmed", "確認済"
    DECLINED = "declined", "却下"
    CANCELLED = "cancelled", "取消"


class ChangeState(TextChoices):
    ASKED = "asked", "申出中"
    ACCEPTED = "accepted", "変更済"
    REFUSED = "refused", "変更せず"
    LAPSED = "lapsed", "不要"


class JobState(TextChoices):
    QUEUED = "queued", "順番待ち"
    RUNNING = "running", "処理中"
    DONE = "done", "完了"


class ImportState(TextChoices):
    PREVIEWED = "previewed", "確認待ち"
    APPLIED = "applied", "取込済"
    DISCARDED = "discarded", "取りやめ"


class DisposalState(TextChoices):
    PROPOSED = "proposed", "承認待ち"
    APPROVED = "approved", "廃棄中"
    DONE = "done", "廃棄済"
    WITHDRAWN = "withdrawn", "取りやめ"


class ItemState(TextChoices):
    LISTED = "listed", "承認待ち"
    DUE = "due", "廃棄待ち"
    DONE = "done", "廃棄済"
    LEFT = "left", "見送り"


class DeedState(TextChoices):
    DUE = "due", "順番待ち"
    DONE = "done", "できました"
    LEFT = "left", "できませんでした"


CASE: Mapping[str, frozenset[str]] = {
    CaseState.REGISTERED: frozenset({CaseState.CONTRACTING, CaseState.PAPER}),
    CaseState.CONTRACTING: frozenset({CaseState.CONCLUDED, CaseState.PAPER, CaseState.LAPSED}),
    CaseState.CONCLUDED: frozenset(),
    CaseState.PAPER: frozenset(),
    CaseState.LAPSED: frozenset(),
}

CONSENT: Mapping[str, frozenset[str]] = {
    ConsentState.INVITED: frozenset({ConsentState.SUBMITTED, ConsentState.CANCELLED, ConsentState.VOID_BY_PAPER}),
    ConsentState.SUBMITTED: frozenset(
        {ConsentState.ACCEPTED, ConsentState.RETURNED, ConsentState.WITHDRAWN, ConsentState.VOID_BY_PAPER}
    ),
    ConsentState.RETURNED: frozenset({ConsentState.SUBMITTED, ConsentState.WITHDRAWN, ConsentState.VOID_BY_PAPER}),
    ConsentState.ACCEPTED: frozenset({ConsentState.WITHDRAWN, ConsentState.VOID_BY_PAPER}),
    ConsentState.CANCELLED: frozenset(),
    ConsentState.WITHDRAWN: frozenset(),
    ConsentState.VOID_BY_PAPER: frozenset(),
}

CONTRACT: Mapping[str, frozenset[str]] = {
    ContractState.PREPARING: frozenset({ContractState.COUNCIL_PENDING, ContractState.IN_FORCE, ContractState.DROPPED}),
    ContractState.COUNCIL_PENDING: frozenset({ContractState.IN_FORCE, ContractState.LAPSED}),
    ContractState.IN_FORCE: frozenset(),
    ContractState.LAPSED: frozenset(),
    ContractState.DROPPED: frozenset(),
}

# 差戻し・却下・取下げ・期限切れの版は、手を入れずに残す。次の版がその内容を引き継ぐ。
VERSION: Mapping[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.IN_APPROVAL, VersionState.DISCARDED, VersionState.SWITCHED_TO_PAPER}),
    VersionState.IN_APPROVAL: frozenset({VersionState.SENT, VersionState.RETURNED, VersionState.SWITCHED_TO_PAPER}),
    VersionState.SENT: frozenset(
        {
            VersionState.ALL_SIGNED,
            VersionState.DECLINED,
            VersionState.RECALLED,
            VersionState.EXPIRED,
            VersionState.SWITCHED_TO_PAPER,
        }
    ),
    VersionState.ALL_SIGNED: frozenset({VersionState.SEAL_WAITING, VersionState.CONCLUDED}),
    # 封印できないまま待つ版は、署名がそろう前なら取り下げられる
    VersionState.SEAL_WAITING: frozenset({VersionState.CONCLUDED, VersionState.RECALLED}),
    VersionState.CONCLUDED: frozenset(),
    VersionState.RETURNED: frozenset(),
    VersionState.DECLINED: frozenset(),
    VersionState.RECALLED: frozenset(),
    VersionState.EXPIRED: frozenset(),
    VersionState.DISCARDED: frozenset(),
    VersionState.SWITCHED_TO_PAPER: frozenset(),
}

APPROVAL: Mapping[str, frozenset[str]] = {
    ApprovalState.WAITING: frozenset({ApprovalState.OPEN, ApprovalState.CANCELLED}),
    ApprovalState.OPEN: frozenset({ApprovalState.DONE, ApprovalState.RETURNED, ApprovalState.CANCELLED}),
    ApprovalState.DONE: frozenset(),
    ApprovalState.RETURNED: frozenset(),
    ApprovalState.CANCELLED: frozenset(),
}

STEP: Mapping[str, frozenset[str]] = {
    StepState.WAITING: frozenset({StepState.REQUESTED, StepState.CANCELLED}),
    StepState.REQUESTED: frozenset(
        {StepState.INSTRUCTED, StepState.CONFIRMED, StepState.DECLINED, StepState.CANCELLED}
    ),
    StepState.INSTRUCTED: frozenset({StepState.SIGNED, StepState.CANCELLED}),
    StepState.SIGNED: frozenset(),
    StepState.CONFIRMED: frozenset(),
    StepState.DECLINED: frozenset(),
    StepState.CANCELLED: frozenset(),
}

# 署名者の変更の申出。署名が済むか、版が終わると、答えは要らなくなる。
CHANGE: Mapping[str, frozenset[str]] = {
    ChangeState.ASKED: frozenset({ChangeState.ACCEPTED, ChangeState.REFUSED, ChangeState.LAPSED}),
    ChangeState.ACCEPTED: frozenset(),
    ChangeState.REFUSED: frozenset(),
    ChangeState.LAPSED: frozenset(),
}

JOB: Mapping[str, frozenset[str]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE}),
    JobState.DONE: frozenset(),
}

IMPORT: Mapping[str, frozenset[str]] = {
    ImportState.PREVIEWED: frozenset({ImportState.APPLIED, ImportState.DISCARDED}),
    ImportState.APPLIED: frozenset(),
    ImportState.DISCARDED: frozenset(),
}

# 廃棄: 二人の承認がそろうまでは取りやめられる。そろうと worker が一件ずつ行う
DISPOSAL: Mapping[str, frozenset[str]] = {
    DisposalState.PROPOSED: frozenset({DisposalState.APPROVED, DisposalState.WITHDRAWN}),
    DisposalState.APPROVED: frozenset({DisposalState.DONE}),
    DisposalState.DONE: frozenset(),
    DisposalState.WITHDRAWN: frozenset(),
}

# 承認の後に保留などが見つかったものは、廃棄せずに見送る
DISPOSAL_ITEM: Mapping[str, frozenset[str]] = {
    ItemState.LISTED: frozenset({ItemState.DUE, ItemState.LEFT}),
    ItemState.DUE: frozenset({ItemState.DONE, ItemState.LEFT}),
    ItemState.DONE: frozenset(),
    ItemState.LEFT: frozenset(),
}

# まとめて頼んだ操作の一つ: worker が順に行い、断られたものは理由とともに残す
DEED: Mapping[str, frozenset[str]] = {
    DeedState.DUE: frozenset({DeedState.DONE, DeedState.LEFT}),
    DeedState.DONE: frozenset(),
    DeedState.LEFT: frozenset(),
}

# 契約の手続きが続いている案件
OPEN_CASES = frozenset({CaseState.REGISTERED, CaseState.CONTRACTING})
# 契約の一版がまだ生きている（締結も終わりもしていない）状態
LIVE_VERSIONS = frozenset(state for state, following in VERSION.items() if following)
# 終わった版（締結は含まない）
ENDED_VERSIONS = frozenset(VERSION.keys() - LIVE_VERSIONS - {VersionState.CONCLUDED})
# 生きている承諾
LIVE_CONSENTS = frozenset(state for state, following in CONSENT.items() if following)
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

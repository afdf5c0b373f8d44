"""What the services of advance payments refuse with, and the sentences that several of them share."""

from datetime import date, datetime

from django.utils import timezone

from accounts.refusals import Refusal
from contracts.models import Case
from guarantees.advances import account
from guarantees.models import Completion

MOVED_ON = "この前払金は、すでに手続きが進んでいます。画面を開き直してご確認ください。"


class AdvanceRefused(Refusal):
    """The advance cannot be certified, claimed, paid or given back this way."""


def check_case(case: Case) -> None:
    """Raise AdvanceRefused without rules or a contract, and once the works are completed."""
    if reason := account.obstacle(case):
        raise AdvanceRefused(reason)
    if Completion.unscoped.filter(case=case).exists():
        raise AdvanceRefused("完成した工事の前払金は、新しく受け付けられません。")


def check_day(day: date, *, case: Case, at: datetime, what: str, first: date | None = None) -> None:
    """Raise AdvanceRefused for a day that is still to come, or before what it follows."""
    if day > timezone.localdate(at):
        raise AdvanceRefused(f"{what}に、先の日付は登録できません。")
    if day < (first or case.awarded_date):
        raise AdvanceRefused(f"{what}が、{'請求（減額）の日' if first else '落札日'}より前になっています。")

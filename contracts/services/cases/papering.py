"""A contract on paper changes on paper: the case follows, and so does what hangs on its price and its days (R95)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import hooks, permissions
from contracts.models import Case
from contracts.services import evidence


class PaperChangeRefused(Refusal):
    """The change on paper cannot be recorded this way; the text says what to do."""


@transaction.atomic
def change(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    contract_date: date,
    amount: int,
    work_starts_date: date,
    work_ends_date: date,
) -> Case:
    """Record an amendment that was concluded on paper: price (yen) and 工期 as they stand from now on.

    Raises PaperChangeRefused when nothing changes, or the values could not stand in a contract.
    """
    case = lock(case, "tenant", "rule_set", "contractor", "department")
    doors.check(permissions.can_change_on_paper, actor, case)
    terms = {"amount": amount, "work_starts_date": work_starts_date, "work_ends_date": work_ends_date}
    before = {name: getattr(case, name) for name in terms}
    _check(case, terms=(amount, work_starts_date, work_ends_date), contract_date=contract_date, at=at)
    if before == terms:
        raise PaperChangeRefused("変わるところがありません。変更後の請負代金額か工期を入力してください。")
    case.amount, case.work_starts_date, case.work_ends_date = amount, work_starts_date, work_ends_date
    case.save(update_fields=list(terms))
    hooks.amended(case, day=contract_date, actor=actor, at=at)
    evidence.record(
        "case.changed_on_paper",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        contract_date=contract_date.isoformat(),
        **{name: str(value) for name, value in terms.items()},
        **{f"{name}_before": str(value) for name, value in before.items()},
    )
    return case


def _check(case: Case, *, terms: tuple[int, date, date], contract_date: date, at: datetime) -> None:
    amount, starts, ends = terms
    if amount <= 0:
        raise PaperChangeRefused("請負代金額は1円以上で入力してください。")
    if ends < starts:
        raise PaperChangeRefused("工期の終わりが始まりより前になっています。日付をご確認ください。")
    if case.paper_contract_date and contract_date < case.paper_contract_date:
        raise PaperChangeRefused("変更契約日が、当初契約の契約日より前になっています。日付をご確認ください。")
    if contract_date > timezone.localdate(at):
        raise PaperChangeRefused("変更契約日に、先の日付は登録できません。")

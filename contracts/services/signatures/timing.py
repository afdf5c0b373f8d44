"""Until when the parties may sign, and whether a signature on a day is in time (R41, R42; no backdating)."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.refusals import Refusal
from contracts import rules
from contracts.dates import JST, said, wareki
from contracts.models import Case, ContractVersion, SigningStep, StepKind
from contracts.states import StepState

# 締結期限のない契約（変更契約など）の署名依頼が生きる長さ
REQUEST_LIFETIME = timedelta(days=14)


class TimeRefused(Refusal):
    """The day is too late, or not the day printed on the contract."""


def end_of(day: date) -> datetime:
    """Return the instant at which a day in Japan is over."""
    return datetime.combine(day + timedelta(days=1), time(), JST)


def last_moment(version: ContractVersion, *, at: datetime) -> datetime:
    """Tell until when the parties may sign a version that is sent now.

    Raises TimeRefused when the city's policy leaves no time at all.
    """
    last_day = _last_day(version)
    if last_day is None:
        return at + REQUEST_LIFETIME
    if last_day < timezone.localdate(at):
        raise TimeRefused(
            f"署名できる期間（{wareki(last_day)}まで）を過ぎているため、署名を依頼できません。"
            "起案を見直すか、紙の契約に切り替えてください。"
        )
    return end_of(last_day)


def _last_day(version: ContractVersion) -> date | None:
    case, data = version.case, version.case.rule_set.data
    tolerated = rules.tolerated_days(data)
    if version.contract_date is not None:
        return version.contract_date + timedelta(days=tolerated)
    deadline = case.conclusion_deadline_date if version.contract.is_original else None
    if deadline is None or rules.late_policy(data) == "warn":
        return None
    day: date = deadline + timedelta(days=tolerated)
    return day


def judge(step: SigningStep, *, at: datetime, last: bool | None = None) -> bool:
    """Tell whether a signature at an instant comes after the deadline; raises TimeRefused when it may not be made.

    Who knows already whether the signature is the `last` says so, and it is not asked for.
    """
    version, day = step.version, timezone.localdate(at)
    if version.contract_date is not None:
        _judge_printed_date(step, version.contract_date, day=day, last=last)
    late = version.contract.is_original and _judge_deadline(version, day=day)
    if version.expires_at is not None and at >= version.expires_at:
        raise TimeRefused("署名の期限を過ぎたため、署名できません。依頼元にご連絡ください。")
    return late


def _judge_printed_date(step: SigningStep, printed: date, *, day: date, last: bool | None) -> None:
    """Hold the last signature to the day printed on the contract: a date before it would be backdating."""
    tolerated = rules.tolerated_days(step.version.case.rule_set.data)
    if day > printed + timedelta(days=tolerated):
        words = _("契約書に印字した契約日（%(day)s）を過ぎたため、署名できません。契約日の遡及になります。")
        raise TimeRefused(words % {"day": said(printed)})
    if day < printed and (is_last(step) if last is None else last):
        words = _("契約書に印字した契約日（%(day)s）より前です。最後の署名は、その日に行ってください。")
        raise TimeRefused(words % {"day": said(printed)})


def is_last(step: SigningStep) -> bool:
    """Tell whether the signature of this step is the one that fixes the contract."""
    others = SigningStep.unscoped.filter(version=step.version, kind=StepKind.SIGN, order__gt=step.order)
    return not others.exclude(state=StepState.CANCELLED).exists()


def _judge_deadline(version: ContractVersion, *, day: date) -> bool:
    case: Case = version.case
    if case.conclusion_deadline_date is None:
        return False
    judged = version.contract_date if rules.date_basis(case.rule_set.data) == "printed_date" else day
    lateness = rules.late(case.rule_set.data, case.conclusion_deadline_date, judged or day)
    if not lateness.allowed:
        raise TimeRefused(lateness.text)
    if lateness.needs_reason and not version.late_reason:
        words = _(
            "契約締結期限（%(day)s）を過ぎています。期限後の締結を認める理由が市で記録されるまで、署名できません。"
        )
        raise TimeRefused(words % {"day": said(case.conclusion_deadline_date)})
    return lateness.late

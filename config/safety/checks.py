"""The same looks as system checks: `manage.py check --deploy --tag safety --database default`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from config.safety import engines, values
from config.safety.faults import Fault

TAG = "safety"


def register_checks() -> None:
    """Offer both looks to `manage.py check --deploy`; the parts are asked only where a database is named."""
    register(check_values, TAG, deploy=True)
    register(check_engines, TAG, deploy=True)


def check_values(**_later: Any) -> Iterable[CheckMessage]:
    """Report every unsafe value."""
    return [_error(fault, "safety.E001") for fault in values.faults(settings)]


def check_engines(databases: Sequence[str] | None = None, **_later: Any) -> Iterable[CheckMessage]:
    """Report what is unsafe about the running parts, when a database was named."""
    return [_error(fault, "safety.E002") for fault in engines.faults()] if databases else []


def _error(fault: Fault, name: str) -> CheckMessage:
    return Error(f"{fault.name}: {fault.why}", hint=fault.remedy, id=name)

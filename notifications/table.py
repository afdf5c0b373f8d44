"""The one table of who is told what, and when: no mail leaves that does not stand in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who reads a mail."""

    FIRM = "受注者"
    STAFF = "職員"
    ADMINISTRATOR = "運用管理者"
    OPERATOR = "運用事業者"
    GUARANTOR = "保証機関"
    ORDERER = "保証の相手方"


class Timing(StrEnum):
    """When a mail leaves after the deed that it tells of."""

    AT_ONCE = "すぐに"
    OFFICE_HOURS = "開庁時間に"  # 機械が夜に決めたことで、朝を待てるもの
    MORNING = "朝のまとめで"


@dataclass(frozen=True)
class Telling:
    """One line of the table: the event, who is told of it and when, what the link opens ("" for none), and why.

    What a guarantor tells in its own name is no mail of a city's.
    """

    template: str
    event: str
    audience: tuple[Audience, ...]
    why: str
    link: str = ""
    timing: Timing = Timing.AT_ONCE
    by_guarantor: bool = False


class Untold(LookupError):
    """A mail was to be written that the table does not know."""


_table: dict[str, Telling] = {}


def register(tellings: Iterable[Telling]) -> None:
    """Enter lines into the table; a template stands in it once."""
    for telling in tellings:
        if _table.setdefault(telling.template, telling) != telling:
            raise ValueError(f"{telling.template} は、もう表にあります。")


def of(template: str) -> Telling:
    """Find the line of a template; raise Untold where there is none."""
    try:
        return _table[template]
    except KeyError:
        raise Untold(f"メール {template} は、知らせの表（notifications.table）にありません。") from None


def every() -> tuple[Telling, ...]:
    """List the whole table, in the order in which it was entered."""
    return tuple(_table.values())

"""Statements that are written once for all who may do the same, and asked with the values of each.

For a statement over many tables the ORM takes many times as long as PostgreSQL takes to answer it. What it writes
depends only on what a person may do; who that is, and when they ask, come in as values.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from accounts.actors import Actor

# 人ごとに違い、文の形を変えない
NUMBERS = ("tenant_id", "user_id", "department_id", "link_id", "visit_id")
MOST = 1_000
# 二度書いて見比べるための、二人の番号（32 ビットに収まる）と二つの時（月も日も時刻も違う）
EXAMPLES = (
    (2_000_000_011, datetime(2001, 3, 7, 4, 5, 6, tzinfo=UTC)),
    (2_100_000_011, datetime(2012, 11, 26, 13, 14, 15, tzinfo=UTC)),
)

Build = Callable[..., Any]
Value = Callable[[Actor, datetime], Any]
Values = Sequence[Any]


class Unwritable(TypeError):
    """A statement depends on something other than what a person may do, who they are, and when they ask."""


def statement(build: Build, actor: Actor, at: datetime, *args: Hashable) -> tuple[str, list[Any]]:
    """Return the SQL of the query `build(actor, at, *args)` makes, and its values; raise Unwritable.

    `build` reads no row, and asks for days and moments only by how far they are from `at` or its day (JST): it is
    called for two examples, and what it wrote serves all of the same roles. It is remembered by `build` and `args`.
    """
    written, values = _written(build, _likeness(actor), args)
    return written, [value(actor, at) for value in values]


def _likeness(actor: Actor) -> Actor:
    """Keep of a person what they may do, and of the rest only whether there is any."""
    numbers: dict[str, Any] = {name: None if getattr(actor, name) is None else 0 for name in NUMBERS}
    return replace(actor, name="", email="", ip=None, organization_name="", user_agent="", **numbers)


def ask(
    around: str,
    build: Build,
    actor: Actor,
    at: datetime,
    *args: Hashable,
    before: Values = (),
    after: Values = (),
) -> list[tuple[Any, ...]]:
    """Run `around` with such a statement at {asked}, and fetch the rows; `before` and `after` are its other values."""
    asked, values = statement(build, actor, at, *args)
    with connection.cursor() as cursor:
        cursor.execute(around.format(asked=asked), [*before, *values, *after])
        return list(cursor.fetchall())


@lru_cache(maxsize=MOST)
def _written(build: Build, likeness: Actor, args: tuple[Hashable, ...]) -> tuple[str, list[Value]]:
    """Write it for two people at two moments, and tell by what differs where each value comes from."""
    askers = [(_numbered(likeness, first), at) for first, at in EXAMPLES]
    (once, ones), (again, others) = (build(actor, at, *args).query.sql_with_params() for actor, at in askers)
    if once != again:
        raise Unwritable("人か時によって、文の形が変わります。")
    return once, [_value(pair, askers) for pair in zip(ones, others, strict=True)]


def _numbered(likeness: Actor, first: int) -> Actor:
    given: dict[str, Any] = {
        name: first + place for place, name in enumerate(NUMBERS) if getattr(likeness, name) is not None
    }
    return replace(likeness, **given)


def _value(pair: tuple[Any, Any], askers: list[tuple[Actor, datetime]]) -> Value:
    """Tell where a value comes from that was written for each of the two."""
    one, other = pair
    if type(one) is type(other) and _bare(one) == _bare(other):
        return lambda _actor, _at: one
    for name in NUMBERS:
        if pair == tuple(getattr(actor, name) for actor, _ in askers):
            return lambda actor, _at: getattr(actor, name)
    for kind, of in ORIGINS:
        if type(one) is type(other) is kind:
            apart, apart_again = (value - of(at) for value, (_, at) in zip(pair, askers, strict=True))
            if apart == apart_again:
                return lambda _actor, at: of(at) + apart
    raise Unwritable(f"どこから来たのか分からない値です: {one!r}")


def _bare(value: Any) -> Any:
    """Take what PostgreSQL gets as JSON out of its wrapping, which is equal to nothing but itself."""
    return value.obj if isinstance(value, Jsonb) else value


def _moment(at: datetime) -> datetime:
    return at


def _beginning(at: datetime) -> datetime:
    """Return when the day (JST) began."""
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time()))


# 日と時は、このどれかから数えた長さだけ離れたところにある
ORIGINS: tuple[tuple[type[date], Callable[[datetime], Any]], ...] = (
    (datetime, _moment),
    (datetime, _beginning),
    (date, timezone.localdate),
)

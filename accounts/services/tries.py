"""How often proving who one is may fail, counted in the database: a lost Redis forgets none of it.

An address nobody has is counted like one that somebody has, so that being turned away tells nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.crypto import salted_hmac

from accounts import actors, permissions, roles, tenancy
from accounts.actors import Actor
from accounts.models import SignInTries, TriesOf, User
from accounts.refusals import Refusal
from accounts.services import evidence

# 同じアドレスを同時に試す人は、前の一回の答えが出るまで、これだけ待って断られる
PATIENCE = "3s"
# 要求の属性の名。断りの頁とともに数えも取り消されたときに、数え直すため
FAILURES = "failed_sign_ins"
# 知られていないアドレスと回線の数えは、これより古ければ捨てる
KEPT = timedelta(days=30)


class TurnedAway(Refusal):
    """Proving who one is failed too often, or is being tried at this very moment."""


@dataclass(frozen=True)
class Who:
    """Whose failures are counted: `name` is an address, a person's number or a network."""

    kind: TriesOf
    name: str
    user_id: int | None = None

    @property
    def key(self) -> str:
        return salted_hmac("sign-in", f"{self.kind}:{self.name}", algorithm="sha256").hexdigest()


def of_address(address: str) -> Who:
    """Count the passwords tried for an address, whether somebody has it or not."""
    address = address.strip().lower()
    user_id = User.objects.filter(email__iexact=address).values_list("pk", flat=True).first()
    return Who(TriesOf.PASSWORD, address, user_id)


def of_codes(user: User) -> Who:
    """Count the codes tried for a person: of the authenticator and of the recovery codes alike."""
    return Who(TriesOf.CODE, str(user.pk), user.pk)


def admit(who: Who, *, at: datetime) -> None:
    """Hold the count of this address, person or network until the transaction ends; raise TurnedAway when it is full.

    Nobody can try twice at once: the second waits for the answer to the first.
    """
    row = _held(who, at=at) if who.kind != TriesOf.NETWORK else _seen(who)
    if row is not None and _is_full(row, at=at):
        raise TurnedAway(_said())


def _said() -> str:
    return (
        "サインインの失敗が続いたため、いまは受け付けられません。5分ほど待ってから、もう一度お試しください。"
        "それでもできないときは、「パスワードを忘れたとき」から決め直すか、運用管理者にご相談ください。"
    )


def _held(who: Who, *, at: datetime) -> SignInTries:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [PATIENCE])
            SignInTries.objects.bulk_create([_new(who, at=at)], ignore_conflicts=True)
            row = SignInTries.objects.select_for_update().get(kind=who.kind, who=who.key)
            cursor.execute("select set_config('lock_timeout', '0', true)")
            return row
    except DatabaseError as busy:
        if getattr(busy.__cause__, "sqlstate", "") != "55P03":
            raise
        raise TurnedAway(_said()) from busy


def _new(who: Who, *, at: datetime) -> SignInTries:
    return SignInTries(kind=who.kind, who=who.key, user_id=who.user_id, last_at=at)


def _seen(who: Who) -> SignInTries | None:
    return SignInTries.objects.filter(kind=who.kind, who=who.key).first()


def _is_full(row: SignInTries, *, at: datetime) -> bool:
    most, seconds, _ = settings.SIGN_IN_LIMITS[row.kind]
    return _is_shut(row) or len(_within(row.recent, seconds, at=at)) >= most


def _within(moments: list[datetime], seconds: int, *, at: datetime) -> list[datetime]:
    return [moment for moment in moments if at - moment < timedelta(seconds=seconds)]


def failed(who: Who, *, at: datetime, ip: str | None) -> None:
    """Count one failure more; the one that fills the count is told in the journal of the person's city."""
    most, seconds, _ = settings.SIGN_IN_LIMITS[who.kind]
    row, _ = SignInTries.objects.select_for_update().get_or_create(
        kind=who.kind, who=who.key, defaults={"user_id": who.user_id, "last_at": at}
    )
    row.failures, row.last_at, row.user_id = row.failures + 1, at, who.user_id
    row.recent = [*_within(row.recent, seconds, at=at), at]
    row.save()
    shut = _is_shut(row)
    if who.user_id is not None and (shut or len(row.recent) == most):
        _tell(row, at=at, ip=ip, shut=shut)


@transaction.atomic
def count_again(told: Iterable[tuple[Who, datetime, str | None]]) -> None:
    """Count the failures of a request whose page was undone: a refusal must not make guessing free."""
    for who, at, ip in told:
        failed(who, at=at, ip=ip)


def passed(who: Who) -> None:
    """Forget the failures in a row, now that it succeeded."""
    SignInTries.objects.filter(kind=who.kind, who=who.key, failures__gt=0).update(failures=0, recent=[])


def _tell(row: SignInTries, *, at: datetime, ip: str | None, shut: bool) -> None:
    user = row.user
    assert user is not None  # noqa: S101 - 呼び手が確かめている
    home = roles.home_of(user)
    if home is None:
        return
    with tenancy.acting_for(home):
        evidence.record(
            "people.sign_in_shut" if shut else "people.sign_in_held",
            actor=replace(actors.system(home), ip=ip),
            at=at,
            thread=evidence.thread_of(user),
            subject=f"user:{user.pk}",
            person=evidence.about(user),
            tried=row.get_kind_display(),
            failures=row.failures,
        )


@dataclass(frozen=True)
class Held:
    """How someone stands at the door: turned away for a while, or until an administrator or a mail lets them in."""

    kind: str
    failures: int
    is_shut: bool


def held_up(user: User, *, at: datetime) -> list[Held]:
    """List what a person cannot try now."""
    keys = [of_address(user.email).key, of_codes(user).key]
    rows = SignInTries.objects.filter(who__in=keys).order_by("kind")
    full = [row for row in rows if _is_full(row, at=at)]
    return [Held(row.get_kind_display(), row.failures, _is_shut(row)) for row in full]


def _is_shut(row: SignInTries) -> bool:
    ever = settings.SIGN_IN_LIMITS[row.kind][2]
    return ever is not None and row.failures >= ever


@transaction.atomic
def let_in_again(user: User, *, actor: Actor, at: datetime) -> None:
    """Forget a person's failures, after an administrator made sure that they were theirs."""
    permissions.check(permissions.can_administer, actor)
    forget(user)
    evidence.record(
        "people.sign_in_opened",
        actor=actor,
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        person=evidence.about(user),
    )


def forget(user: User, *, codes: bool = True) -> None:
    """Forget a person's failures, of passwords only or of codes as well."""
    known = [of_address(user.email), *([of_codes(user)] if codes else [])]
    SignInTries.objects.filter(who__in=[who.key for who in known]).delete()


def sweep(*, at: datetime) -> int:
    """Drop what was counted long ago for networks and for addresses nobody has; return how much."""
    removed, _ = SignInTries.objects.filter(user=None, last_at__lt=at - KEPT).delete()
    return removed

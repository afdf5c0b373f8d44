"""Remember what a POST was answered, in its own transaction, so that it is done once however often it comes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from contracts.models import ApiAnswer, ApiToken

KEPT = timedelta(days=3)
MOST_FORGOTTEN = 1000


class AnotherRequest(Exception):
    """A key came with another request than the one it was used for."""


@transaction.atomic
def once(
    token: ApiToken, *, key: str, asked: str, at: datetime, do: Callable[[], tuple[int, str]]
) -> tuple[ApiAnswer, bool]:
    """Do something for the first request with a key, and return its answer to every other one like it.

    Whoever comes while the first is at work waits for it. What is refused leaves nothing behind, so that it may be
    sent again. Raises AnotherRequest when the key was used for something else.
    """
    answer = _claim(token, key=key, asked=asked, at=at)
    if answer is None:
        known: ApiAnswer = ApiAnswer.unscoped.get(token=token, key=key)
        if known.asked != asked:
            raise AnotherRequest
        return known, True
    answer.status, answer.body = do()
    answer.save(update_fields=["status", "body"])
    return answer, False


def _claim(token: ApiToken, *, key: str, asked: str, at: datetime) -> ApiAnswer | None:
    try:
        with transaction.atomic():
            made: ApiAnswer = ApiAnswer.unscoped.create(
                tenant_id=token.tenant_id, token=token, key=key, asked=asked, made_at=at
            )
            return made
    except IntegrityError as clash:
        if "one_answer_per_key" not in str(clash):
            raise
        return None


def forget_some(*, at: datetime) -> bool:
    """Forget some answers of the city in view that nobody will ask for again; False when there were none."""
    old = ApiAnswer.unscoped.filter(made_at__lte=at - KEPT).order_by("made_at").values_list("pk", flat=True)
    count, _by_table = ApiAnswer.unscoped.filter(pk__in=list(old[:MOST_FORGOTTEN])).delete()
    return bool(count)

"""Remember what a POST was answered, in its own transaction, so that it is done once however often it comes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from contracts.models import ApiAnswer, ApiToken

KEPT = timedelta(days=3)
MOST_FORGOTTEN = 100


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
    _forget_old(token, at=at)
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


def _forget_old(token: ApiToken, *, at: datetime) -> None:
    old = ApiAnswer.unscoped.filter(token=token, made_at__lt=at - KEPT).values_list("pk", flat=True)
    ApiAnswer.unscoped.filter(pk__in=list(old[:MOST_FORGOTTEN])).delete()

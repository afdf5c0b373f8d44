"""The row is the queue, Celery is the doorbell: it says that there is work, never which."""

from typing import Any

from django.core.cache import cache
from django.db import transaction

# 鳴らしたまま答えのない鈴を、まだ鳴っているとみなす秒数。Redis が鈴だけを失っても、これより長くは黙らない。
UNANSWERED_SECONDS = 5
# これより待たされた鈴は捨てる。巡回がまた鳴らすので、worker が止まっている間に鈴だけが溜まることがない。
LIFETIME_SECONDS = 30


def ring(task: Any) -> None:
    """Ring a task once the transaction that wrote the row holds; when the bell is broken, the sweep finds the row."""

    # robust: 鈴が壊れていても、決まったことは取り消さない。partial では、Django が名を記録できずに止まる。
    def ring_now() -> None:
        press(task)

    transaction.on_commit(ring_now, robust=True)


def press(task: Any) -> None:
    """Ring a task, unless its bell was rung and nobody has come to answer it yet.

    Who answers looks for work only afterwards, so what was written before this call is seen.
    """
    if cache.add(_name(task), 1, timeout=UNANSWERED_SECONDS):
        task.apply_async(retry=False, expires=LIFETIME_SECONDS)


def answer(task: Any) -> None:
    """Note that somebody has come: the next ring calls another one."""
    cache.delete(_name(task))


def _name(task: Any) -> str:
    return f"doorbell:{task.name}"

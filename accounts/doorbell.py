"""The row is the queue, Celery is the doorbell: it says that there is work, never which."""

import logging
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction

logger = logging.getLogger(__name__)

# 鳴らしたまま答えのない鈴を、まだ鳴っているとみなす秒数。Redis が鈴だけを失っても、これより長くは黙らない。
UNANSWERED_SECONDS = 5
# これより待たされた鈴は捨てる。巡回がまた鳴らすので、worker が止まっている間に鈴だけが溜まることがない。
LIFETIME_SECONDS = 30


def ring(task: Any) -> None:
    """Ring a task once the transaction that wrote the row holds."""
    transaction.on_commit(partial(press, task))


def press(task: Any) -> None:
    """Ring a task, unless its bell was rung and nobody has come to answer it yet.

    Who answers looks for work only afterwards, so what was written before this call is seen. When the bell is
    broken, the work stays in its row until the sweep finds it.
    """
    try:
        if cache.add(_name(task), 1, timeout=UNANSWERED_SECONDS):
            task.apply_async(retry=False, expires=LIFETIME_SECONDS)
    except Exception:  # 鈴が壊れていても、決まったことは取り消さず、している仕事も止めない
        logger.exception("the bell of %s is broken", task.name)


def answer(task: Any) -> None:
    """Note that somebody has come: the next ring calls another one."""
    try:
        cache.delete(_name(task))
    except Exception:  # 降ろせない鈴は、しばらくすれば自分で降りる
        logger.exception("the bell of %s is broken", task.name)


def _name(task: Any) -> str:
    return f"doorbell:{task.name}"

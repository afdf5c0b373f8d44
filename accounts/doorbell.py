"""The row is the queue, Celery is the doorbell: ring once the transaction that wrote the row holds."""

from typing import Any

from django.db import transaction


def ring(task: Any, **ids: int) -> None:
    """Ring a task with ids after the commit; when the bell is broken, a sweep finds the row."""

    # robust: 鈴が壊れていても、決まったことは取り消さない。
    def press() -> None:
        task.apply_async(kwargs=ids, retry=False)

    transaction.on_commit(press, robust=True)

"""待つことのない coroutine を、イベントループなしで最後まで動かす。"""

from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


def offline(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine that waits for nothing, such as an offline validation; raises RuntimeError if it does wait."""
    try:
        work.send(None)
    except StopIteration as done:
        value: Value = done.value
        return value
    work.close()
    raise RuntimeError("the work waited for something")

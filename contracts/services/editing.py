"""Two people at the same thing: the second one is told, and nothing is overwritten."""

from typing import Any, Protocol

from accounts.refusals import Refusal


class Overtaken(Refusal):
    """Someone else saved the same thing in the meantime."""


class Edited(Protocol):
    edit_number: int


def check_edit(row: Edited, *, edit_number: int) -> None:
    """Refuse an edit of a locked row that was begun before someone else's was saved; raises Overtaken."""
    if row.edit_number != edit_number:
        raise Overtaken(
            "他の職員が先に保存しました。あなたの変更はまだ保存されていません。"
            "最新の内容と見比べて、もう一度保存してください。"
        )


def put(row: Any, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the values on a row and return what changed, {field: {"before": …, "after": …}}, for the log."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    changes = {name: {"before": _told(getattr(row, name)), "after": _told(value)} for name, value in changed.items()}
    for name, value in changed.items():
        setattr(row, name, value)
    return changes


def _told(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | list) else str(value)

"""Columns that hold short secrets."""

from typing import Any

from django.db import models


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A column of texts sealed for the row's city, in the context that a property of the row names.

    Whatever is sealed stands in such a column: `rotate_keys` finds by them what it must seal anew.
    """

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", list(args), dict(kwargs)

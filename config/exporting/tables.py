"""The rows of a city as CSV and JSON, and the dictionary that tells in Japanese what is in them."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership
from config.exporting import placing
from contracts.streams import sheets
from guarantees.models.arriving import PRIVATE

WORDS = Path(__file__).with_name("words.toml")
JAPANESE = re.compile("[぀-ヿ一-鿿]")
FOLDER = "表"
BATCH = 2_000
TYPES = {
    "BooleanField": "真偽（true / false）",
    "DateField": "日付（年-月-日）",
    "DateTimeField": "日時（日本時間、ISO 8601）",
    "TimeField": "時刻",
    "DurationField": "長さ（秒）",
    "JSONField": "JSON",
    "ArrayField": "JSON の配列",
}
NUMBERS = ("IntegerField", "AutoField")


def path_of(model: type[models.Model], ending: str) -> str:
    """Name the file of a table: its Japanese name, and the name that other tables refer to it by."""
    return f"{FOLDER}/{name_of(model)}（{model._meta.label}）.{ending}"


def as_csv(model: type[models.Model], *, tenant_id: int) -> Iterator[bytes]:
    """Write the rows of a table that this city sees as CSV, in UTF-8 with BOM."""
    fields = placing.columns(model)
    heading = [f"{word_of(model, field)}（{field.attname}）" for field in fields]
    return sheets.utf8(heading, (list(map(_cell, row)) for row in _rows(model, fields, tenant_id)))


def as_json(model: type[models.Model], *, tenant_id: int) -> Iterator[bytes]:
    """Write the same rows as one JSON array, a row on each line."""
    fields = placing.columns(model)
    names = [field.attname for field in fields]
    before = "[\n"
    for row in _rows(model, fields, tenant_id):
        told = dict(zip(names, map(_value, row), strict=True))
        yield (before + json.dumps(told, ensure_ascii=False)).encode()
        before = ",\n"
    yield ("[]\n" if before == "[\n" else "\n]\n").encode()


def _rows(model: type[models.Model], fields: list[Any], tenant_id: int) -> Iterable[tuple[Any, ...]]:
    rows = model._base_manager.filter(_of_city(model, tenant_id)).order_by("pk")
    return rows.values_list(*(field.attname for field in fields)).iterator(chunk_size=BATCH)


def _of_city(model: type[models.Model], tenant_id: int) -> Q:
    if model._meta.label == "accounts.Organization":
        return Q(pk=tenant_id)
    if model._meta.label == "accounts.User":
        return Q(pk__in=Membership.unscoped.filter(tenant_id=tenant_id).values("user"))
    if model._meta.label == "guarantees.Attachment":
        # 受注者が自分のために置いた書類は、市に見せたものだけ
        return Q(tenant_id=tenant_id) & (Q(shared=True) | ~Q(slot__in=PRIVATE))
    return Q(tenant_id=tenant_id)


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    return value if isinstance(value, bool | int | float | str | list | dict | None) else str(value)


def _cell(value: Any) -> Any:
    told = _value(value)
    if told is None or (isinstance(told, str | int) and not isinstance(told, bool)):
        return told
    return json.dumps(told, ensure_ascii=False)


def name_of(model: type[models.Model]) -> str:
    """Return what a table is called in Japanese."""
    return str(_words()["tables"].get(model._meta.label) or model._meta.verbose_name)


def word_of(model: type[models.Model], field: Any) -> str:
    """Return what a column is called in Japanese; its plain name where nobody has named it, which a test forbids."""
    own = str(field.verbose_name)
    words = _words()["columns"]
    return (
        words.get(f"{model._meta.label}.{field.name}") or (own if JAPANESE.search(own) else "") or _told(field, words)
    )


def _told(field: Any, words: dict[str, str]) -> str:
    return words.get(field.name) or (name_of(field.related_model) if field.is_relation else str(field.name))


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def dictionary() -> list[dict[str, Any]]:
    """Tell of every table what it is, where it lies, and of every column what it holds."""
    return [
        {
            "table": model._meta.label,
            "name": name_of(model),
            "files": [path_of(model, ending) for ending in ("csv", "json")],
            "columns": [_column(model, field) for field in placing.columns(model)],
            "withheld": [
                {"column": field.attname, "why": placing.withheld(model, field.name)}
                for field in model._meta.concrete_fields
                if placing.withheld(model, field.name)
            ],
        }
        for model in placing.exported()
    ]


def _column(model: type[models.Model], field: Any) -> dict[str, Any]:
    kind = field.get_internal_type()
    told = {
        "column": field.attname,
        "name": word_of(model, field),
        "type": TYPES.get(kind) or ("整数" if kind.endswith(NUMBERS) or field.is_relation else "文字"),
    }
    if field.is_relation:
        told["refers_to"] = field.related_model._meta.label
    if field.choices:
        told["choices"] = {str(value): str(label) for value, label in field.flatchoices}
    return told

"""Find rules by the name a person types at the shell: a file, a city, one of its versions, or a preset."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from accounts import tenancy
from accounts.models import Organization
from contracts import presets
from contracts.dates import wareki
from contracts.models import RuleSet
from contracts.rules import RuleError, files


@dataclass(frozen=True)
class Source:
    """Rules and where they came from; number None for rules that no city keeps."""

    data: dict[str, Any]
    label: str
    effective: date
    number: int | None


def find(name: str, *, on: date) -> Source:
    """Find rules by the path of a file, a city's slug (its version in force on a day), 「slug:版」, or a preset's name.

    Without a database the presets still answer, and the label says so. Raises LookupError when there are none,
    RuleError when a file holds none.
    """
    if Path(name).is_file():
        data = from_file(Path(name))
        return Source(data, f"{data['name']}　{data['version']}（{name}）", _day(data), None)
    slug, _, number = name.partition(":")
    note = "ひな型"
    try:
        if kept := _kept(slug, number, on=on):
            return kept
    except DatabaseError:
        note = "ひな型。データベースに届かないため、市が持つ版は見ていません"
    if number or slug not in presets.available():
        raise LookupError(
            f"「{name}」という規則はありません。ファイル、市の記号、記号:版、ひな型の名で指定してください。"
        )
    data = presets.load(slug)
    return Source(data, f"{data['name']}　{data['version']}（{note}）", _day(data), None)


def _kept(slug: str, number: str, *, on: date) -> Source | None:
    city = Organization.objects.filter(slug=slug).first()
    row = city and _version(city, number, on=on)
    return Source(row.data, _label(city, row), row.effective_date, row.number) if city and row else None


def from_file(path: Path) -> dict[str, Any]:
    """Read a rule file; raise RuleError when it cannot be read."""
    try:
        return files.read(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise RuleError(f"{path} を読めません（{wrong.strerror}）。") from wrong
    except UnicodeDecodeError as wrong:
        raise RuleError(f"{path} を文字として読めません。UTF-8 で保存してください。") from wrong


def _version(city: Organization, number: str, *, on: date) -> RuleSet | None:
    with tenancy.acting_for(city.pk):
        try:
            if not number:
                return RuleSet.in_force(tenant=city, on=on)
            found: RuleSet = RuleSet.unscoped.get(tenant=city, number=int(number) if number.isdecimal() else 0)
        except RuleSet.DoesNotExist:
            return None
        return found


def _label(city: Organization, row: RuleSet) -> str:
    return f"{city.name}　{row.name}（第{row.number}版、{wareki(row.effective_date)}から適用）"


def _day(data: dict[str, Any]) -> date:
    return date.fromisoformat(data["effective_date"])

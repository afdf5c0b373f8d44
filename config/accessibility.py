"""The page of test results after JIS X 8341-3:2016: what machines looked at, what they found, what waits for people.

The record of the run (accessibility.json) is written by `make pages`; the list of criteria (accessibility.toml) says
which of our own tests stand behind each. Nothing here judges more than a machine can.
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import public

HERE = Path(__file__).parent
WAYS = {"light": "明るい配色、幅 {} px", "dark": "暗い配色、幅 {} px"}


@dataclass(frozen=True)
class Criterion:
    """One success criterion, and what was found about it."""

    number: str
    name: str
    level: str
    absent: str = ""
    tests: tuple[str, ...] = ()
    people: str = ""
    rules: int = 0
    pages: int = 0
    wrong: int = 0
    unsure: int = 0

    @property
    def result(self) -> str:
        """Say the result in one phrase: failed, not there, seen by people, by machines alone, or by nobody yet."""
        if self.wrong:
            return "不適合"
        if self.absent:
            return "対象なし"
        if self.people:
            return "適合"
        return "機械の試験では誤りなし" if self.rules or self.tests else "人の試験を待つ"

    @property
    def tone(self) -> str:
        return {"不適合": "error", "適合": "success", "人の試験を待つ": "warning"}.get(self.result, "info")


@cache
def record() -> dict[str, Any]:
    """Return the record of the last run of `make pages`."""
    found: dict[str, Any] = json.loads((HERE / "accessibility.json").read_text())
    return found | {"made_on": date.fromisoformat(found["made_on"])}


@cache
def criteria() -> list[Criterion]:
    """Return the 38 criteria of the levels A and AA with what the record holds about them."""
    rows = tomllib.loads((HERE / "accessibility.toml").read_text())["criteria"]
    found = record()["criteria"]
    return [Criterion(**row | {"tests": tuple(row.get("tests", ()))} | found.get(row["number"], {})) for row in rows]


@public
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the results to everyone, with the date and the versions of what looked."""
    rows = criteria()
    counted = [(result, sum(row.result == result for row in rows)) for result in dict.fromkeys(r.result for r in rows)]
    ways = [WAYS[way.partition("-")[0]].format(way.partition("-")[2]) for way in record()["ways"]]
    context = {"record": record(), "criteria": rows, "counted": counted, "ways": ways}
    return render(request, "accessibility.html", context)

"""National law as dated data: what the law says stands in the TOML files beside this one, arithmetic elsewhere."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

Entry = Mapping[str, Any]


@cache
def read(name: str) -> Entry:
    """Read one law by the name of its file; callers must not change what they get."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def in_force(entries: Iterable[Entry], *, on: date) -> list[Entry]:
    """Keep the entries in force on a day, from `from` through `until`; those without `until` have no known end."""
    return [entry for entry in entries if entry["from"] <= on <= entry.get("until", date.max)]

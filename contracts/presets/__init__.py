"""Rules of cities, ready to load for a new municipality; afterwards they are that municipality's own data.

A preset may name clauses and texts that several cities share; what is loaded holds everything and refers to nothing.
"""

import copy
from functools import cache
from importlib import resources
from typing import Any

from contracts.rules import files, validate

SUFFIX = ".toml"


def available() -> tuple[str, ...]:
    """List the slugs of the presets."""
    names = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def load(slug: str) -> dict[str, Any]:
    """Read one preset as JSON-ready data (days as text); raise LookupError when there is none of that name."""
    if slug not in available():
        raise LookupError(f"「{slug}」という規則のひな型はありません。")
    return copy.deepcopy(_complete(slug))


@cache
def _complete(slug: str) -> dict[str, Any]:
    rules = _read(slug)
    for clauses in rules.get("contract", {}).get("clause_sets", ()):
        if isinstance(shared := clauses.get("articles"), str):
            clauses["articles"] = _read(f"clauses/{shared}")["articles"]
    texts = rules.get("texts", {})
    for key, entries in texts.items():
        texts[key] = [entry for each in entries for entry in _entries(key, each)]
    validate(rules)
    return rules


def _entries(key: str, entry: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Read a shared list by its name; an entry written in the preset stands for itself."""
    return _read(f"texts/{entry}")[key] if isinstance(entry, str) else [entry]


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(f"{name}{SUFFIX}").read_text(encoding="utf-8")
    rules: dict[str, Any] = files.plain(files.parse(text))
    return rules

"""Rules of the guides, ready to load for a new municipality; afterwards they are that municipality's own data."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from contracts.rules import validate

SUFFIX = ".toml"


def available() -> tuple[str, ...]:
    """List the slugs of the presets."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def load(slug: str) -> dict[str, Any]:
    """Read one preset as JSON-ready data (days as text); raise LookupError when there is none of that name."""
    if slug not in available():
        raise LookupError(f"「{slug}」という規則のひな型はありません。")
    rules = tomllib.loads(files(__name__).joinpath(f"{slug}{SUFFIX}").read_text(encoding="utf-8"))
    validate(rules)
    plain: dict[str, Any] = _json_ready(rules)
    return plain


def _json_ready(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json_ready(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_json_ready(element) for element in value]
    return value.isoformat() if isinstance(value, date) else value

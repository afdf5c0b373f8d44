"""What holds where a rule set is silent, so that versions stored before a key existed still work."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from contracts.rules.nodes import Rules


def value(rules: Rules, section: str, key: str) -> Any:
    """Read a key of a section, or its default."""
    return rules.get(section, {}).get(key, _defaults()[section][key])


@cache
def _defaults() -> Rules:
    return tomllib.loads(files(__package__).joinpath("defaults.toml").read_text(encoding="utf-8"))

"""What holds where a rule set is silent, so that versions stored before a key existed still work."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from contracts.rules.nodes import Rules


def value(rules: Rules, section: str, key: str) -> Any:
    """Read a key of a section, or its default."""
    return rules.get(section, {}).get(key, _defaults()[section][key])


def known(section: str) -> Rules:
    """Give what holds in a section where the rules are silent; {} where nothing does."""
    found: Rules = _defaults().get(section, {})
    return found


def filled(rules: Rules) -> Rules:
    """Write out what holds where the rules of a municipality that makes electronic contracts are silent."""
    if not rules["econtract"]["offered"]:
        return rules
    return {**rules, **{key: {**section, **rules.get(key, {})} for key, section in _defaults().items()}}


@cache
def _defaults() -> Rules:
    return tomllib.loads(files(__package__).joinpath("defaults.toml").read_text(encoding="utf-8"))

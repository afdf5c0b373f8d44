"""What a municipality tells people: its guide, questions, links and the announcement before consent (R10-R13, R120)."""

from collections.abc import Mapping
from typing import Any

from contracts.rules import defaults
from contracts.rules.nodes import Rules


def text(rules: Rules, key: str) -> tuple[Mapping[str, Any], ...]:
    """List one of the texts (guide, merits, faq, links, videos, outage …), each entry as in the schema."""
    return tuple(defaults.value(rules, "texts", key))


def consent_methods(rules: Rules) -> tuple[Mapping[str, str], ...]:
    """List what must be shown before consent, as {topic, text} (建設業法施行令5条の5)."""
    return tuple(defaults.value(rules, "consent", "methods"))

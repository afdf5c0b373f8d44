"""What the browser saw, gathered by criterion: the record from which the page of test results is made."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

CRITERION = re.compile(r"wcag(\d)(\d)(\d+)")
PLACE = Path(__file__).parents[2] / "config" / "accessibility.json"


@dataclass
class Report:
    """A run: which states were looked at how often, and which rules met what."""

    states: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    looks: int = 0
    wrong: int = 0
    rules: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    met: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unsure: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, name: str, state: str, seen: dict[str, Any]) -> None:
        """Count one look at one state, as axe told it."""
        self.pages.add(name)
        self.states.add(state)
        self.looks += 1
        self.wrong += len(seen["violations"])
        for kind, counted in (("passes", self.met), ("violations", self.failed), ("incomplete", self.unsure)):
            for rule in seen[kind]:
                for number in criteria_of(rule["tags"]):
                    self.rules[number].add(rule["id"])
                    counted[number].add(state)

    def written(self, *, made_on: date, chromium: str, looks: list[str]) -> dict[str, Any]:
        """Return the record as it is kept."""
        tools = {"axe-core": axe_version(), "Chromium": chromium, "Playwright": version("playwright")}
        return {
            "made_on": made_on.isoformat(),
            "tools": tools | {"tinyhtml5": version("tinyhtml5")},
            "pages": len(self.pages),
            "states": len(self.states),
            "looks": self.looks,
            "ways": looks,
            "wrong": self.wrong,
            "criteria": {number: self._of(number) for number in sorted(self.rules)},
        }

    def _of(self, number: str) -> dict[str, int]:
        told = {"rules": self.rules, "pages": self.met, "wrong": self.failed, "unsure": self.unsure}
        return {name: len(counted[number]) for name, counted in told.items()}


def criteria_of(tags: list[str]) -> list[str]:
    """Return the numbers of the criteria that a rule's tags name: wcag143 → 1.4.3."""
    return [".".join(found.groups()) for tag in tags if (found := CRITERION.fullmatch(tag))]


def axe_version() -> str:
    found = re.search(r"axe v([\d.]+)", AXE_SCRIPT)
    assert found
    return found[1]


def keep(record: dict[str, Any], place: Path = PLACE) -> None:
    place.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n")

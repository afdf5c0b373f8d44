"""The pages of a pack: each opens alone and offline, with its own look inside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from contracts.packs import telling
from contracts.packs.gathering import Gathered
from contracts.packs.papers import DAMAGED, Paper
from signing.results import Report, Verdict

TONES = {Verdict.VALID: "good", Verdict.INDETERMINATE: "doubtful", Verdict.INVALID: "bad", Verdict.UNSIGNED: "plain"}
RECORD, VERIFICATION = "記録.html", "検証結果.html"


@dataclass(frozen=True)
class Checked:
    """A paper of the pack and what was found: `report` for what is signed, `missing` for why it is not in the pack."""

    paper: Paper
    report: Report | None = None
    missing: str = ""

    @property
    def tone(self) -> str:
        if self.missing:
            return "bad" if self.missing == DAMAGED else "plain"
        return TONES[self.report.verdict] if self.report else "plain"

    @property
    def words(self) -> str:
        if self.missing:
            return self.missing
        return self.report.verdict.label if self.report else "署名のない書類"


@dataclass(frozen=True)
class Line:
    """One case in the index of a pack."""

    folder: str
    case: dict[str, Any]
    agreements: list[dict[str, Any]]
    fixed_at: datetime | date | None
    consent: str
    sections: dict[str, str]
    checked: list[Checked]

    @property
    def amount(self) -> int:
        """Return the amount after the last agreement, in yen; without one, that of the award."""
        return int((self.agreements[-1] if self.agreements else self.case)["amount"])

    @property
    def worst(self) -> Checked | None:
        """Return what needs looking at first among what is signed or missing; None when nothing was signed here."""
        of_note = [each for each in self.checked if each.report or each.missing]
        return min(of_note, key=lambda each: ("bad", "doubtful", "plain", "good").index(each.tone), default=None)


def record(gathered: Gathered, checked: Sequence[Checked], *, at: datetime) -> bytes:
    """Write the page that tells everything about a case."""
    shown = [(section, render_to_string(section.template, {"told": section.told})) for section in gathered.sections]
    return _page(
        gathered.page,
        at=at,
        gathered=gathered,
        checked=checked,
        sections=shown,
        events=[telling.event(event) for event in gathered.events],
    )


def verification(gathered: Gathered, checked: Sequence[Checked], *, at: datetime) -> bytes:
    """Write the page of what our own verification found in each signed file."""
    return _page("verification", at=at, case=gathered.case, checked=[each for each in checked if each.report])


def index(lines: Sequence[Line], *, title: str, city: str, by: str, at: datetime) -> bytes:
    """Write the page that leads to all the others."""
    names = list(dict.fromkeys(name for line in lines for name in line.sections))
    shown = [(line, [(name, line.sections.get(name, "")) for name in names]) for line in lines]
    return _page("index", at=at, shown=shown, title=title, city=city, by=by, section_names=names)


def _page(name: str, **context: Any) -> bytes:
    known = {"is_trial": settings.TEST_CERTIFICATE, "RECORD": RECORD, "VERIFICATION": VERIFICATION}
    return render_to_string(f"packs/{name}.html", context | known).encode()

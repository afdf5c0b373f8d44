"""The rows of the checking desk: what each paper and the contract say, side by side, with the fields to type in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms.boundfield import BoundField

from guarantees.forms.checking import BY_EYE, CheckForm
from guarantees.rules.lines import UNREAD, Finding
from guarantees.rules.marking import Part, marked

PAIRS = {"guaranteed_until": ("guaranteed_from", "guaranteed_until"), "work_until": ("work_from", "work_until")}
NAMES = frozenset(BY_EYE) - {"type", "number"}


@dataclass(frozen=True)
class Row:
    """One line of the desk; `fields` and `same` are there while the certificate is being typed."""

    finding: Mapping[str, Any]
    notice: tuple[Part, ...]
    read: tuple[Part, ...]
    expected: tuple[Part, ...]
    fields: tuple[BoundField, ...] = ()
    same: BoundField | None = None
    is_judged: bool = True

    @property
    def is_paired(self) -> bool:
        return len(self.fields) > 1


def rows(findings: Iterable[Mapping[str, Any]], *, form: CheckForm | None = None) -> list[Row]:
    """Lay findings out as rows, with the fields of a form when the certificate is to be typed."""
    return [_row(finding, form) for finding in findings]


def _row(finding: Mapping[str, Any], form: CheckForm | None) -> Row:
    notice, read, expected = (finding[side] for side in ("notice", "read", "expected"))
    name = finding["name"]
    differs = name in NAMES and finding["outcome"] in {Finding.UNSURE, Finding.SHORT}
    other = read or notice
    return Row(
        finding,
        notice=_parts(notice, expected if differs else ""),
        read=_parts(read, expected if differs else ""),
        expected=_parts(expected, other if differs else ""),
        fields=tuple(form[each] for each in PAIRS.get(name, (name,)) if each in form.fields) if form else (),
        same=form[f"same_{name}"] if form and name in BY_EYE else None,
        is_judged=form is None or _is_judged(finding, form),
    )


def _is_judged(finding: Mapping[str, Any], form: CheckForm) -> bool:
    """Tell whether there is something to say yet: the certificate was read here, or the notice alone says enough."""
    if finding["name"] not in form.fields:
        return True
    if finding["outcome"] in {Finding.SHORT, Finding.UNSURE} and finding["text"] != UNREAD:
        return form.is_begun or finding["name"] != "changed"
    return form.is_begun and bool(finding["read"])


def _parts(text: str, other: str) -> tuple[Part, ...]:
    return marked(text, other) if text and other else (Part(text, differs=False),)


def tally(shown: Iterable[Row]) -> list[tuple[Finding, int]]:
    """Count the outcomes of the rows that are judged, the gravest first."""
    outcomes = [row.finding["outcome"] for row in shown if row.is_judged]
    return [(each, count) for each in (Finding.SHORT, Finding.UNSURE, Finding.FITS) if (count := outcomes.count(each))]

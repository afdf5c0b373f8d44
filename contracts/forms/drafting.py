"""What a drafter settles for one version: the front sheet, and who signs for the city."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict

from accounts.actors import Actor
from contracts import rules, terms
from contracts.dates import wareki
from contracts.documents.wording import words_of
from contracts.forms.fields import JapaneseDateField, NameField, SignatoryField, YenField, in_order
from contracts.models import ContractKind, ContractVersion, SigningLevel
from contracts.services.versions.sheets import Sheet
from contracts.terms import BLANKABLE, GUARANTEES, LABELS, LONG, LONG_TEXTS, MOST_LINES, SHORT, SHORT_TEXTS, Terms

FIRST_ROWS = 2
ROWS: dict[str, dict[str, str]] = {
    "payments": {"when": "時期", "amount": "額"},
    "corrections": {"item": "事項", "wrong": "誤り", "right": "正しい内容"},
}
TERM_FIELDS = (
    *SHORT_TEXTS,
    *LONG_TEXTS,
    "delivery_date",
    "delivery_condition",
    "guarantee_kind",
    "guarantee_amount",
    "advance_percent",
    "interim_percent",
    "partial_payments",
    "attachments",
    "special_terms",
    "blanks",
)
SHEET_FIELDS = ("amount", "work_starts_date", "work_ends_date", "contract_date", "clause_set", "reason", "level")


class SignatoryForm(forms.Form):
    """Who signs for the city."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"] = SignatoryField(actor=actor)


class CountField(forms.IntegerField):
    """A small number that may be left empty for none, full-width digits included."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, required=False, **kwargs)

    def clean(self, value: Any) -> int:
        return super().clean(value) or 0


class LinesField(forms.CharField):
    """Several texts, one a line; a line that begins with a space goes on with the one above."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, help_text="1行に1つずつ。続きの行は、先頭に空白を入れます。", **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        return read_lines(super().clean(value))


def read_lines(text: str) -> tuple[str, ...]:
    """Read what write_lines wrote, or what a person typed."""
    found: list[str] = []
    for line in text.splitlines():
        if found and line[:1].isspace() and line.strip():
            found[-1] += f"\n{line.strip()}"
        elif line.strip():
            found.append(line.strip())
    return tuple(found)


def write_lines(texts: tuple[str, ...]) -> str:
    """Write several texts, one a line; the further lines of a text begin with a space."""
    return "\n".join(text.replace("\n", "\n　") for text in texts)


class Row(NamedTuple):
    """One row of a part of the form that has several: its number from 1, and its fields."""

    number: int
    fields: list[BoundField]


def typed(data: QueryDict) -> dict[str, Any]:
    """Give a form anew what was typed into it so far, nothing of which has been judged yet."""
    return {name: data.getlist(name) if name == "blanks" else data.get(name) for name in data}


class SheetForm(forms.Form):
    """The front sheet of a draft. A correction asks for its slips alone; the rest stays as it was concluded."""

    edit_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    amount = YenField()
    work_starts_date = JapaneseDateField()
    work_ends_date = JapaneseDateField()
    contract_date = JapaneseDateField(label="契約書に印字する契約日", required=False)
    clause_set = forms.ChoiceField(label="適用する約款", required=False)
    delivery_date = JapaneseDateField(label="引渡しの日", required=False)
    guarantee_kind = forms.ChoiceField(label="契約保証の方法", choices=list(GUARANTEES.items()))
    guarantee_amount = YenField(label="契約保証金の額", required=False, help_text="免除のときは空けてください。")
    advance_percent = CountField(label="前払金の割合", max_value=100)
    interim_percent = CountField(label="中間前払金の割合", max_value=100)
    partial_payments = CountField(label="部分払の回数", max_value=99)
    attachments = LinesField(label=LABELS["attachments"])
    special_terms = LinesField(label=LABELS["special_terms"])
    blanks = forms.MultipleChoiceField(
        label=LABELS["blanks"],
        choices=[(name, LABELS[name]) for name in BLANKABLE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="選んだ欄は、下線だけを印字します。内容を入力した欄は選べません。",
    )
    reason = forms.CharField(label="変更・訂正の理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    level = forms.ChoiceField(label="受注者の署名者の確かめ方", required=False)

    def __init__(
        self, *args: Any, version: ContractVersion, actor: Actor, more: str = "", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._version, self._more = version, more
        self.fields["signatory"] = SignatoryField(actor=actor)
        for name in (*SHORT_TEXTS, *LONG_TEXTS):
            self.fields[name] = _text_field(name)
        self._say_in_the_words_of(version.case.kind)
        self._offer_clause_sets(version, today=today)
        self._offer_levels(version)
        for name in ROWS:
            self._add_rows(name)
        self._leave_out(version.contract.kind)
        if rules.date_basis(version.case.rule_set.data) == "printed_date":
            self.fields["contract_date"].required = True

    def _say_in_the_words_of(self, kind: str) -> None:
        words = words_of(kind)
        self.fields["amount"].label = f"{words.price}（税込）"
        self.fields["work_starts_date"].label = f"{words.period}の始まり（着手）"
        self.fields["work_ends_date"].label = f"{words.period}の終わり（{words.finish}）"

    def _offer_clause_sets(self, version: ContractVersion, *, today: date) -> None:
        known = rules.clause_sets(version.case.rule_set.data, kind=version.case.kind, on=today)
        names = dict.fromkeys([*(each.name for each in known), version.clause_set])
        field: Any = self.fields["clause_set"]
        field.choices = [(name, name or "定めない") for name in names]

    def _offer_levels(self, version: ContractVersion) -> None:
        """Offer the city's own level, and those above it; a weaker one would have no effect."""
        least = rules.signing_level(version.case.rule_set.data, amount=version.amount)
        stronger = dict.fromkeys(filter(None, (*rules.stronger_than(least), version.level)))
        field: Any = self.fields["level"]
        field.choices = [
            ("", f"規程のとおり（{SigningLevel(least).label}）"),
            *((each, SigningLevel(each).label) for each in stronger),
        ]

    def _add_rows(self, name: str) -> None:
        """Add as many rows as were shown before, or as there are to show, and one more where it was asked for."""
        known = str((self.data if self.is_bound else self.initial).get(f"{name}_rows") or "")
        count = int(known) if re.fullmatch("[0-9]{1,3}", known) else FIRST_ROWS
        count = min(max(count + (self._more == name), 1), MOST_LINES)
        self.fields[f"{name}_rows"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.initial[f"{name}_rows"] = count
        for place in range(count):
            for part, label in ROWS[name].items():
                self.fields[f"{name}_{place}_{part}"] = _row_field(part, label=f"{place + 1}番目の{label}")

    def _leave_out(self, kind: str) -> None:
        kept = set(self.fields)
        if kind != ContractKind.CORRECTION:
            kept -= {name for name in kept if name.startswith("corrections")}
        else:
            asked = ("edit_number", "signatory", "contract_date", "reason", "level", "corrections")
            kept = {name for name in kept if name.startswith(asked)}
        if kind == ContractKind.ORIGINAL:
            kept -= {"reason"}
        for name in set(self.fields) - kept:
            del self.fields[name]

    def _rows(self, name: str) -> list[Row]:
        count = sum(field.startswith(f"{name}_") and field.endswith(next(iter(ROWS[name]))) for field in self.fields)
        return [Row(place + 1, [self[f"{name}_{place}_{part}"] for part in ROWS[name]]) for place in range(count)]

    @property
    def payments(self) -> list[Row]:
        return self._rows("payments")

    @property
    def corrections(self) -> list[Row]:
        return self._rows("corrections")

    def clean(self) -> dict[str, Any]:
        known = super().clean() or {}
        in_order(self, known, "work_starts_date", "work_ends_date", "工期の終期が始期より前になっています。")
        for name in ROWS:
            for row in self._rows(name):
                self._check_row(row, known)
        return known

    def _check_row(self, row: Row, known: Mapping[str, Any]) -> None:
        """Ask for what is missing of a row that was begun; an empty one does not count."""
        missing = [field for field in row.fields if known.get(field.name) in (None, "", 0)]
        if len(missing) < len(row.fields):
            for field in missing:
                if field.name not in self.errors:
                    self.add_error(field.name, ValidationError("この行の、ほかの欄と合わせて入力してください。"))

    def sheet(self, base: Sheet) -> Sheet:
        """Give the front sheet as typed; what the form does not ask for stays as it is in `base`."""
        known = self.cleaned_data
        columns = {name: known[name] for name in SHEET_FIELDS if name in self.fields}
        settled = {name: known[name] for name in TERM_FIELDS if name in self.fields}
        if "blanks" in settled:
            settled |= {"blanks": tuple(settled["blanks"]), "guarantee_amount": settled["guarantee_amount"] or 0}
        settled |= {name: self._typed_rows(name) for name in ROWS if self._rows(name)}
        return replace(base, **columns, terms=replace(base.terms, **settled))

    def _typed_rows(self, name: str) -> tuple[Any, ...]:
        make: Any = terms.Payment if name == "payments" else terms.Correction
        values = [[self.cleaned_data.get(field.name) for field in row.fields] for row in self._rows(name)]
        return tuple(make(**dict(zip(ROWS[name], each, strict=True))) for each in values if any(each))


def shown(sheet: Sheet) -> dict[str, Any]:
    """Give a form a front sheet to show, days and yen as people write them."""
    values: dict[str, Any] = {name: getattr(sheet, name) for name in SHEET_FIELDS}
    values |= {name: getattr(sheet.terms, name) for name in TERM_FIELDS}
    values |= {name: wareki(value) for name, value in values.items() if isinstance(value, date)}
    values |= {name: f"{values[name]:,}" if values[name] else "" for name in ("amount", "guarantee_amount")}
    values |= {name: write_lines(values[name]) for name in ("attachments", "special_terms")}
    for name in ("advance_percent", "interim_percent", "partial_payments"):
        values[name] = values[name] or ""
    return values | _shown_rows(sheet.terms)


def _shown_rows(settled: Terms) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ROWS:
        rows = getattr(settled, name)
        values[f"{name}_rows"] = len(rows) + 1 if rows else FIRST_ROWS
        for place, row in enumerate(rows):
            for part in ROWS[name]:
                value = getattr(row, part)
                values[f"{name}_{place}_{part}"] = f"{value:,}" if isinstance(value, int) else value
    return values


def _text_field(name: str) -> forms.CharField:
    if name in SHORT_TEXTS:
        return NameField(label=LABELS[name], max_length=SHORT, required=False)
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=LABELS[name], max_length=LONG, required=False, widget=widget)


def _row_field(part: str, *, label: str) -> forms.CharField:
    if part == "amount":
        return YenField(label=label, required=False)
    if part in ("wrong", "right"):
        widget = forms.Textarea(attrs={"rows": 2})
        return forms.CharField(label=label, max_length=LONG, required=False, widget=widget)
    return NameField(label=label, max_length=SHORT, required=False)

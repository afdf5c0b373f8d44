"""What is asked of the archive: the one box, and conditions that are typed or ticked one by one (R23)."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from contracts.archive.asking import Wanted
from contracts.archive.box import order_by, together, wanted_by
from contracts.archive.facets import NONE
from contracts.archive.names import Names
from contracts.archive.paging import LONGEST_KEY, Order, read_order
from contracts.dates import LAST_YEAR, fiscal_year, fiscal_year_text
from contracts.folding import search_key
from contracts.forms.fields import JapaneseDateField, YenField, in_order
from contracts.models import Archived, EntryState
from contracts.phrases import Phrase, read_phrase
from contracts.phrases.reading import LONGEST

FIRST_YEAR, YEARS_OFFERED = 1950, 12
NO_DEPARTMENT = "none"
MOST_CHOSEN = 40
# 選ぶ条件の名と、問いの項目
CHOSEN = {
    "what": "whats",
    "state": "states",
    "kind": "kinds",
    "department": "departments",
    "year": "fiscal_years",
    "firm": "party_keys",
}
TYPED = ("first_date", "last_date", "least_amount", "most_amount", "party", "title", "number")
ORDERS = {
    "-date": "契約日の新しい順",
    "date": "契約日の古い順",
    "-amount": "金額の大きい順",
    "amount": "金額の小さい順",
    "party": "取引先の順",
    "-party": "取引先の逆順",
    "title": "件名の順",
    "-title": "件名の逆順",
    "number": "番号の順",
    "-number": "番号の逆順",
}


class SeveralField(forms.TypedMultipleChoiceField):
    """Boxes to tick, any of which will do."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(required=False, **kwargs)


class ArchiveForm(forms.Form):
    """A question to the archive as it stands in an address."""

    q = forms.CharField(
        label="探す言葉",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": LONGEST, "autocomplete": "off"}),
    )
    inside = forms.BooleanField(label="文書の中の文字も探す", required=False)
    first_date = JapaneseDateField(label="契約日（から）", required=False)
    last_date = JapaneseDateField(label="契約日（まで）", required=False)
    least_amount = YenField(label="金額（以上）", required=False)
    most_amount = YenField(label="金額（以下）", required=False)
    party = forms.CharField(label="取引先", max_length=100, required=False)
    title = forms.CharField(label="件名", max_length=100, required=False)
    number = forms.CharField(label="番号", max_length=60, required=False)
    what = SeveralField(label="種類", choices=Archived.choices, coerce=int)
    state = SeveralField(label="状態", choices=EntryState.choices, coerce=int)
    kind = SeveralField(label="区分")
    year = SeveralField(label="年度", coerce=int)
    department = SeveralField(label="担当課", coerce=lambda value: None if value == NO_DEPARTMENT else int(value))
    firm = SeveralField(label="取引先（一社）", widget=forms.MultipleHiddenInput)
    order = forms.ChoiceField(label="並び順", choices=[("", "おまかせ"), *ORDERS.items()], required=False)

    def __init__(self, data: QueryDict, *, names: Names, today: date) -> None:
        super().__init__(data)
        self.names, self.today = names, today
        self.phrase = Phrase(())
        fields: dict[str, Any] = self.fields
        asked = {name: data.getlist(name)[:MOST_CHOSEN] for name in CHOSEN}
        fields["kind"].choices = _with_asked(names.kinds.items(), filter(str.isidentifier, asked["kind"]))
        fields["year"].choices = [(year, fiscal_year_text(year)) for year in _years(today, asked["year"])]
        fields["department"].choices = [*names.departments.items(), (NO_DEPARTMENT, NONE)]
        fields["firm"].choices = _with_asked([], filter(_is_key, asked["firm"]))

    def clean_q(self) -> str:
        text = str(self.cleaned_data["q"])
        try:
            self.phrase = read_phrase(text, today=self.today, vocabulary=self.names.vocabulary)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong
        return text

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        in_order(self, typed, "first_date", "last_date", "終わりの日が始まりの日より前になっています。")
        least, most = typed.get("least_amount"), typed.get("most_amount")
        if least is not None and most is not None and most < least:
            self.add_error("most_amount", "金額の上限が下限より小さくなっています。")
        return typed

    @cached_property
    def wanted(self) -> Wanted:
        """The question: what the box says and what is typed and ticked beside it, in one."""
        typed = self.cleaned_data
        ranges: dict[str, Any] = {name: typed[name] for name in TYPED[:4]}
        ticked: dict[str, Any] = {name: tuple(typed[param]) for param, name in CHOSEN.items()}
        beside = Wanted(
            parties=_said(typed["party"]),
            titles=tuple(typed["title"].split()),
            numbers=_said(typed["number"]),
            inside=typed["inside"],
            **ranges,
            **ticked,
        )
        wanted = together(wanted_by(self.phrase), beside)
        return self.names.readings.into(wanted) if self.names.readings else wanted

    @property
    def sorting(self) -> Order:
        """The order that was chosen, else the one the box asks for."""
        chosen = self.cleaned_data["order"]
        return read_order(chosen) if chosen else order_by(self.phrase)


def _said(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _with_asked(choices: Iterable[tuple[str, str]], asked: Iterable[str]) -> list[tuple[str, str]]:
    """Offer as well what an address asks for that the city no longer names."""
    offered = dict(choices)
    return list((offered | {value: offered.get(value, value) for value in asked}).items())


def _years(today: date, asked: Iterable[str]) -> list[int]:
    """Offer the last years, and those that an address asks for."""
    last = fiscal_year(today)
    known = {int(year) for year in asked if year.isascii() and year.isdecimal() and len(year) == len(str(last))}
    years = {*range(last, last - YEARS_OFFERED, -1), *(year for year in known if FIRST_YEAR <= year <= LAST_YEAR)}
    return sorted(years, reverse=True)


def _is_key(text: str) -> bool:
    return "\x00" not in text and len(text) <= LONGEST_KEY and text == search_key(text)

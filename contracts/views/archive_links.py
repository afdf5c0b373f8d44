"""The links of the archive's page: each takes a condition off, adds one, sorts or turns the page; the rest stays."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from contracts.archive.facets import Share
from contracts.archive.paging import COLUMNS, Order, write_order
from contracts.dates import wareki, yen
from contracts.forms.archive import CHOSEN, NO_DEPARTMENT, TYPED, ArchiveForm
from contracts.phrases import Chip, Field
from contracts.views import questions
from contracts.views.questions import Condition, without_place

PARAMS = ("q", "inside", *TYPED, *CHOSEN, "order")
SHOWN: dict[str, Callable[[Any], str]] = {
    "first_date": lambda day: f"{wareki(day)}から",
    "last_date": lambda day: f"{wareki(day)}まで",
    "least_amount": lambda amount: f"{yen(amount)}以上",
    "most_amount": lambda amount: f"{yen(amount)}以下",
}
SUBJECTS = {
    "first_date": "契約日",
    "last_date": "契約日",
    "least_amount": "金額",
    "most_amount": "金額",
    "firm": "取引先",
}
GROUPS = {
    "what": ("what", "種類", Field.WHAT),
    "fiscal_year": ("year", "年度", Field.FISCAL_YEAR),
    "kind": ("kind", "区分", Field.KIND),
    "department": ("department", "担当課", Field.DEPARTMENT),
    "state": ("state", "状態", Field.STATE),
    "party_key": ("firm", "取引先（金額の多い順）", None),
}
FEW = 6
# 初めに押したときに、大きいもの・新しいものから並べる列
GREATEST_FIRST = {"date", "amount"}


@dataclass(frozen=True)
class Part:
    """One part of the answers: pressing it adds it to what is asked, or takes it off again."""

    id: str
    label: str
    share: Share
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class Group:
    """One division of the answers: the parts that are seen at once, and those that are folded away."""

    label: str
    parts: list[Part]

    @property
    def few(self) -> list[Part]:
        return [part for place, part in enumerate(self.parts) if place < FEW or part.is_chosen]

    @property
    def rest(self) -> list[Part]:
        return [part for place, part in enumerate(self.parts) if place >= FEW and not part.is_chosen]


@dataclass(frozen=True)
class Head:
    """A column's heading: how the rows stand by it (ascending, descending or not at all), and the address to sort."""

    sorted: str
    href: str


def tidied(params: QueryDict) -> QueryDict:
    """Keep of an address what asks something, each once and in the order of the form."""
    return questions.tidied(params, names=PARAMS, several=CHOSEN)


def address_of(question: str) -> str:
    """Write the address of the archive's page with a question that was kept."""
    return f"{reverse('archive')}?{question}" if question else reverse("archive")


def address(query: QueryDict, **changed: Any) -> str:
    """Write the address of a question with some of its values set (a list for several, "" to leave one out)."""
    question = without_place(query)
    for name, value in changed.items():
        question.setlist(name, [each for each in (value if isinstance(value, list) else [value]) if each])
    return address_of(question.urlencode())


def conditions(form: ArchiveForm, query: QueryDict, firms: Mapping[str, str]) -> Iterator[Condition]:
    """List all that narrows the answers; `firms` names whole counterparties by their keys."""
    for chip in form.phrase.chips:
        yield Condition(chip.field.value, chip.meaning, _without_chips(form, query, chip))
    if form.cleaned_data["inside"]:
        yield Condition("文書", "中の文字も探す", address(query, inside=""))
    for name in TYPED:
        if value := form.cleaned_data[name]:
            text = SHOWN[name](value) if name in SHOWN else value
            yield Condition(_subject(form, name), text, address(query, **{name: ""}))
    for name in CHOSEN:
        labels = {**_labels(form, name), **(firms if name == "firm" else {})}
        for value in query.getlist(name):
            left = [each for each in query.getlist(name) if each != value]
            yield Condition(_subject(form, name), labels[value], address(query, **{name: left}))


def _labels(form: ArchiveForm, name: str) -> dict[str, str]:
    field: Any = form.fields[name]
    return {str(code): str(label) for code, label in field.choices}


def _subject(form: ArchiveForm, name: str) -> str:
    return SUBJECTS.get(name) or str(form.fields[name].label)


def _without_chips(form: ArchiveForm, query: QueryDict, *chips: Chip, **changed: Any) -> str:
    text = " ".join(chip.text for chip in form.phrase.chips if not any(chip is gone for gone in chips))
    return address(query, q=text, **changed)


def groups(form: ArchiveForm, query: QueryDict, divided: Mapping[str, Iterable[Share]]) -> list[Group]:
    """Lay out the divisions that tell apart; what the box asks for is taken off the box when its part is pressed."""
    laid = [
        # 名のない区分（取り込んだ契約にある）は、条件として書けない
        Group(label, [_part(form, query, name, field, share) for share in divided[column] if share.value != ""])
        for column, (name, label, field) in GROUPS.items()
    ]
    return [group for group in laid if len(group.parts) > 1 or any(part.is_chosen for part in group.parts)]


def _part(form: ArchiveForm, query: QueryDict, name: str, field: Field | None, share: Share) -> Part:
    code = NO_DEPARTMENT if share.value is None else str(share.value)
    said = [chip for chip in form.phrase.chips if chip.field is field and _says(chip, share.value)]
    ticked = query.getlist(name)
    is_chosen = bool(said) or code in ticked
    values = [each for each in ticked if each != code] if is_chosen else [*ticked, code]
    href = _without_chips(form, query, *said, **{name: values}) if said else address(query, **{name: values})
    return Part(f"{name}-{code}", share.label, share, is_chosen, href)


def _says(chip: Chip, value: Any) -> bool:
    return bool(chip.value == ((value, value) if chip.field is Field.FISCAL_YEAR else value))


def heads(form: ArchiveForm, query: QueryDict) -> dict[str, Head]:
    """Give each column its heading; pressing the one that sorts turns it round."""
    now = form.sorting
    said = [chip for chip in form.phrase.chips if chip.field is Field.ORDER]
    sorting = {}
    for by in COLUMNS:
        is_now = by == now.by
        following = now.turned if is_now else Order(by, by in GREATEST_FIRST)
        stands = ("descending" if now.descending else "ascending") if is_now else "none"
        sorting[by] = Head(stands, _without_chips(form, query, *said, order=write_order(following)))
    return sorting

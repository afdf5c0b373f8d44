"""The links of the list of cases: what its address asks, each condition in words, and the address without it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from contracts.forms.cases import BOARD, DEADLINES, STANDINGS
from contracts.views import questions
from contracts.views.questions import Condition

PARAMS = ("words", "state", "department", "deadline", "view")


def tidied(params: QueryDict) -> QueryDict:
    """Keep of an address what the list of cases knows."""
    return questions.tidied(params, names=PARAMS)


def address(query: QueryDict, **changed: Any) -> str:
    """Write the address of a question, from its first page, with some of its values set ("" to leave one out)."""
    question = questions.without_place(query)
    for name, value in changed.items():
        question.setlist(name, [str(value)] if value else [])
    return address_of(tidied(question).urlencode())


def address_of(question: str) -> str:
    """Write the address of the list of cases with a question that was kept."""
    return f"{reverse('case_list')}?{question}" if question else reverse("case_list")


def conditions(query: QueryDict, departments: Mapping[str, str]) -> Iterator[Condition]:
    """List all that narrows the cases; `departments` names those of the city by their ids."""
    told = {
        "words": ("言葉", {}),
        "state": ("段階", STANDINGS),
        "department": ("担当課", departments),
        "deadline": ("契約締結期限", DEADLINES),
    }
    for name, (subject, labels) in told.items():
        if value := query.get(name, ""):
            yield Condition(subject, labels.get(value, value), address(query, **{name: ""}))


def view(query: QueryDict) -> Iterator[Condition]:
    """Say that the cases stand on the board, where they do."""
    if query.get("view") == BOARD:
        yield Condition("表示", "ボード", address(query, view=""))

"""Whose work a case is, and what is read beside a row of it."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.actors import Actor
from contracts.models import Case, ContractVersion
from contracts.states import OPEN_CASES

OF_CASE = ("contractor", "department")
OF_VERSION = ("contract__case__contractor", "contract__case__department")
OF_STEP = tuple(f"version__{name}" for name in OF_VERSION)
CASE_OF_VERSION, CASE_OF_STEP = "contract__case", "version__contract__case"


def page_of(case: Case) -> str:
    """Return the address of a case."""
    return reverse("case", args=[case.pk])


def own(actor: Actor, prefix: str = "") -> Q:
    """Keep the cases of this person's department, or all when they belong to none."""
    if actor.department_id is None:
        return Q()
    return Q(**{f"{prefix}department_id": actor.department_id}) | Q(**{f"{prefix}registered_by_id": actor.user_id})


def open_cases(actor: Actor) -> Any:
    """Query the cases under way that concern this person."""
    rows = Case.objects.visible_to(actor).filter(own(actor), state__in=OPEN_CASES)
    return rows.select_related(*OF_CASE)


def versions(actor: Actor) -> Any:
    """Query the versions of contracts that concern this person."""
    return ContractVersion.objects.visible_to(actor).filter(own(actor, "contract__case__"))

"""Read a version before it is signed: as it will print, beside its predecessor, and for wording that must go."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions, rendering
from contracts.models import ContractVersion
from contracts.services.versions import comparing, linting, papers, previewing
from contracts.states import VersionState
from contracts.views.answers import version_of


@require_safe
@requires(permissions.can_read)
def version_preview(request: ActorRequest, version_id: int) -> HttpResponse:
    """Show the contract document of a draft as it would be printed now; nothing is stored."""
    version = version_of(request, version_id)
    if version.state != VersionState.DRAFT:
        return redirect("case", case_id=version.contract.case_id)

    def address(page: int) -> str:
        return reverse("preview_page", args=[version.pk, page])

    context = {
        "version": version,
        "case": version.case,
        "title": papers.contract_title(version),
        "paper": rendering.reader(previewing.preview(version), request.GET, address=address),
        "has_predecessor": bool(comparing.predecessors(version)),
        "may_edit": permissions.can_edit(request.actor, version),
    }
    return render(request, "contracts/versions/preview.html", context)


@require_safe
@requires(permissions.can_read)
def version_preview_page(request: ActorRequest, version_id: int, page: int) -> HttpResponse:
    """Draw one page of a draft; the next save changes it, so nobody keeps it."""
    paper = previewing.preview(version_of(request, version_id))
    return rendering.image_response(paper, request.GET, page=page, kept=rendering.NEVER)


@require_safe
@requires(permissions.can_read)
def version_compare(request: ActorRequest, version_id: int) -> HttpResponse:
    """Show what changed since the version before, or since the one in force."""
    version = version_of(request, version_id)
    choices = comparing.predecessors(version)
    before = _chosen(choices, request.GET.get("with", ""))
    context = {
        "version": version,
        "case": version.case,
        "choices": choices,
        "before": before,
        "comparison": comparing.compared(before, version) if before else None,
    }
    return render(request, "contracts/versions/compare.html", context)


def _chosen(choices: list[ContractVersion], key: str) -> ContractVersion | None:
    return next((each for each in choices if str(each.pk) == key), choices[0] if choices else None)


@require_safe
@requires(permissions.can_read)
def version_findings(request: ActorRequest, version_id: int) -> HttpResponse:
    """Show what the wording check found; asked by htmx, only the list."""
    version = version_of(request, version_id)
    context = {"version": version, "case": version.case, **_findings(version)}
    is_part = bool(request.headers.get("HX-Request"))
    template = "contracts/versions/_findings.html" if is_part else "contracts/versions/findings.html"
    return render(request, template, context)


def _findings(version: ContractVersion) -> dict[str, Any]:
    """Examine a version, or say why there is nothing to examine yet."""
    try:
        return {"findings": linting.examine(version, at=timezone.now())}
    except Refusal as refused:
        return {"not_yet": str(refused)}

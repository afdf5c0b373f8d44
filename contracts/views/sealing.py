"""The part of a page that tells how far the sealing is, and the button that has it tried again at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, story
from contracts.models import ContractVersion
from contracts.services.signatures import retrying


def sealing_part(request: ActorRequest, version: ContractVersion, *, page: str) -> HttpResponse:
    """Render the part that asks for itself again; once nothing is under way, have the whole page loaded anew.

    Nothing at all while it is as `seen`: what has not changed is not read aloud again.
    """
    if "HX-Request" not in request.headers:
        return redirect(page)
    progress = story.sealing_of(version, actor=request.actor, at=timezone.now())
    if progress is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if progress.mark == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"version": version, "sealing": progress, "sealing_url": request.path, "page": page}
    return render(request, "contracts/_sealing.html", context | {"may_retry": permissions.can_retry(request.actor)})


def _version(request: ActorRequest, version_id: int) -> ContractVersion:
    rows = ContractVersion.objects.visible_to(request.actor).select_related("contract__case")
    version: ContractVersion = get_object_or_404(rows, pk=version_id)
    return version


@require_safe
@requires(permissions.can_read)
def version_sealing(request: ActorRequest, version_id: int) -> HttpResponse:
    """Tell staff on the case page how far the sealing of a version is."""
    version = _version(request, version_id)
    return sealing_part(request, version, page=reverse("case", args=[version.case.pk]))


@require_POST
@requires(permissions.can_retry)
def version_retry(request: ActorRequest, version_id: int) -> HttpResponse:
    """Have what waits tried again now."""
    version = _version(request, version_id)
    if retrying.retry(version, actor=request.actor, at=timezone.now()):
        messages.success(request, "封印をもう一度試しています。")
    else:
        messages.info(request, "いま待っている封印はありません。")
    return redirect("case", case_id=version.case.pk)

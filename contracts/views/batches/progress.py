"""How far a batch is, and what became of each of its deeds; the page may be closed and opened again."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.models import Batch, Deed
from contracts.states import DeedState


@require_safe
@requires(permissions.has_work)
def batch(request: ActorRequest, batch_id: int) -> HttpResponse:
    """Show what is done, what could not be done and why, and what waits; the page asks again by itself."""
    rows = Batch.objects.visible_to(request.actor).select_related("asked_by")
    shown: Batch = get_object_or_404(rows, pk=batch_id)
    deeds = list(Deed.objects.visible_to(request.actor).filter(batch=shown).select_related("case__contractor"))
    left, due, done = (
        sorted((deed for deed in deeds if deed.state == state), key=lambda deed: deed.pk)
        for state in (DeedState.LEFT, DeedState.DUE, DeedState.DONE)
    )
    context = {
        "batch": shown,
        "deeds": [*left, *due, *done],
        "counts": {"all": len(deeds), "left": len(left), "due": len(due), "done": len(done)},
        "over": len(left) + len(done),
        "again": urlencode({"case": [deed.case_id for deed in left]}, doseq=True),
    }
    is_part = "HX-Request" in request.headers
    template = "contracts/together/_progress.html" if is_part else "contracts/together/progress.html"
    return render(request, template, context)

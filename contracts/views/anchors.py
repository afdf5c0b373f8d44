"""The anchors of the journal, for anyone: what was attested when, with the tokens to check it without us."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import public
from accounts.requests import ActorRequest
from audit import publishing
from audit.models import Anchor

PAGE = 50
LONGEST = 19  # bigint に収まる桁


@public
@require_safe
def public_anchors(request: ActorRequest) -> HttpResponse:
    """Show the anchors newest first, with the lists that hold them."""
    before = request.GET.get("before", "")
    rows = Anchor.objects.order_by("-number")
    if before.isascii() and before.isdigit() and len(before) < LONGEST:
        rows = rows.filter(number__lt=int(before))
    anchors = list(rows[: PAGE + 1])
    shown = anchors[:PAGE]
    context = {
        "anchors": shown,
        "lists": sorted({_first_of(anchor.number) for anchor in shown}, reverse=True),
        "most": publishing.MOST,
        "next_url": f"?before={shown[-1].number}" if len(anchors) > PAGE else "",
    }
    return render(request, "contracts/anchors.html", context)


@public
@require_safe
def anchor_list(_request: ActorRequest, first: int) -> HttpResponse:
    """Hand out a list of anchors as `verify.py --anchors` takes it: those of one block, from its first."""
    anchors = list(Anchor.objects.filter(number__gte=first, number__lt=first + publishing.MOST))
    if not anchors or first != _first_of(first):
        raise Http404
    return _file(publishing.listed(anchors).encode(), f"anchors-{first:010}.json", "application/json")


@public
@require_safe
def anchor_token(_request: ActorRequest, number: int) -> HttpResponse:
    """Hand out the time-stamp token (RFC 3161, DER) over an anchor's hash."""
    anchor = Anchor.objects.exclude(token=b"").filter(number=number).first()
    if anchor is None:
        raise Http404
    return _file(bytes(anchor.token), f"anchor-{number:010}.tst", "application/octet-stream")


def _first_of(number: int) -> int:
    """Return the number with which the block begins that holds an anchor."""
    return (number - 1) // publishing.MOST * publishing.MOST + 1


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

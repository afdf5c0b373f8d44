"""What both parties' pages of reading before signing have in common: the documents in tabs, one of them open (R65)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404

from accounts.requests import ActorRequest
from contracts import rendering
from contracts.models import Document, SigningStep
from contracts.services.signatures import readmarks


def opened(
    request: ActorRequest, step: SigningStep, documents: Sequence[Document], *, address: Callable[[int, int], str]
) -> dict[str, Any]:
    """Open the document that the address asks for; `address` names the image of a document's page."""
    chosen = _chosen(documents, request.GET.get("document", ""))
    read = readmarks.read_by(step, actor=request.actor)
    return {
        "documents": documents,
        "chosen": chosen,
        "following": next((each for each in documents if each.order > chosen.order), None),
        "paper": rendering.reader(chosen, request.GET, address=lambda page: address(chosen.pk, page)),
        "read": read,
        "unread": [each for each in documents if each.pk not in read],
    }


def next_unread(step: SigningStep, documents: Sequence[Document], *, after: Document, request: ActorRequest) -> str:
    """Give the end of the address to go on at: the next document not read yet, or the button below them all."""
    read = readmarks.read_by(step, actor=request.actor)
    left = [each for each in documents if each.pk not in read]
    following = next((each for each in left if each.order > after.order), left[0] if left else None)
    return f"?document={following.pk}#reading" if following else f"?document={after.pk}#decide"


def _chosen(documents: Sequence[Document], asked: str) -> Document:
    found = next((each for each in documents if str(each.pk) == asked), None if asked else next(iter(documents), None))
    if found is None:
        raise Http404
    return found

"""A mailed link in the browser of someone who is signed in: nobody acts for the firm under another's name."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.actors import Actor, ActorKind
from accounts.middleware import client_ip
from accounts.requests import ActorRequest
from contracts.models import AccessLink
from contracts.services import links


def signed_in(request: ActorRequest, link: AccessLink | None = None) -> Any:
    """Find who is signed in in this browser, of any city; None where nobody is, or the link is that person's own."""
    user = request.user
    if not user.is_authenticated or (link is not None and link.step is not None and link.step.user_id == user.pk):
        return None
    return user


def stopped(request: ActorRequest, link: AccessLink) -> bool:
    """Stop whoever is signed in from using another's link, and write it down; the answer must keep the request."""
    user = signed_in(request, link)
    if user is None:
        return False
    actor = Actor(
        kind=ActorKind.STAFF,
        tenant_id=link.tenant_id,
        name=user.name,
        email=user.email,
        ip=client_ip(request),
        user_id=user.pk,
    )
    links.stop(link, actor=actor, at=timezone.now())
    return True


def page(request: ActorRequest, link: AccessLink | None = None) -> HttpResponse | None:
    """Say to whoever is signed in that the page is another's, and how its reader gets there; None to all others."""
    user = signed_in(request, link)
    return user and render(request, "contracts/links/stranger.html", {"stranger": user}, status=403)

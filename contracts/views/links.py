"""The way in by a mailed link: a landing page that changes nothing, one POST, then a session without the token."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.actors import Actor
from accounts.languages import speaks_english
from accounts.middleware import client_ip
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts import hooks, mailboxes, rules
from contracts.models import AccessLink, Case, Purpose, SigningLevel
from contracts.services import links
from contracts.services.inboxes import codes, renewing
from contracts.services.signatures import signing
from contracts.views import strangers

AnyView: TypeAlias = Callable[..., HttpResponse]
SESSION_KEY, WAYS_KEY = "links", "ways"


class LinkGone(Http404):
    """The browser holds no living link for this page."""

    def __init__(self, link: AccessLink | None = None) -> None:
        super().__init__()
        self.link = link


def kept_private(view: AnyView) -> AnyView:
    """Keep a page of a mailed link out of caches, search engines and the Referer of whatever it leads to.

    `no-referrer` would make browsers send `Origin: null` with the form, which the CSRF check rightly refuses;
    `strict-origin` keeps the address with its token out of every Referer just as well.
    """

    @wraps(view)
    def shown(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return shown


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def link_landing(request: ActorRequest, purpose: str, token: str) -> HttpResponse:
    """Say who asks for what until when; only the button 「確認する」 opens the matter (R62, R68)."""
    now = timezone.now()
    link = links.find(token, purpose=purpose)
    if link is None or purpose not in hooks.link_pages or not links.waits(link, at=now):
        return _renewed(request, link) or gone(request, link)
    if request.method != "POST":
        context = {"link": link, "stranger": strangers.signed_in(request, link), "others": _others(request, link)}
        return render(request, f"contracts/links/landing_{purpose}.html", context | case_facts(link.case))
    if strangers.stopped(request, link):
        return redirect(request.path)
    return let_in(request, link)


def let_in(request: ActorRequest, link: AccessLink, *, way: str = "") -> HttpResponse:
    """Open a link's matter for this browser, and go there; `way` as for links.open_."""
    actor, now = holder_of(request, link), timezone.now()
    links.open_(link, actor=actor, at=now, way=way)
    if link.step is not None and link.purpose == Purpose.SIGN and link.step.level == SigningLevel.LINK:
        signing.open_(link.step, actor=actor, at=now)
    remember(request, SESSION_KEY, {str(link.pk): link.purpose})
    remember(request, WAYS_KEY, {str(link.pk): way})
    return redirect(hooks.link_pages[link.purpose], city=request.city.slug, link_id=link.pk)


def remember(request: ActorRequest, key: str, what: dict[str, Any]) -> None:
    """Add to what a browser's session holds, under a new session number."""
    request.session.cycle_key()
    request.session[key] = request.session.get(key, {}) | what


def way_of(request: ActorRequest, link: AccessLink) -> str:
    """Tell how this browser came to a link, where not by the link's own mail."""
    return str(request.session.get(WAYS_KEY, {}).get(str(link.pk), ""))


def _renewed(request: ActorRequest, link: AccessLink | None) -> HttpResponse | None:
    """Take the button of the page that says a download has run out; None when it was not pressed."""
    if link is None or "renew" not in request.POST or not renewing.may_renew(link, at=timezone.now()):
        return None
    if strangers.stopped(request, link):
        return redirect(request.path)
    remember(request, SESSION_KEY, {str(link.pk): link.purpose})
    codes.send_to_renew(link, actor=holder_of(request, link), at=timezone.now())
    return redirect("download_renew", city=request.city.slug, link_id=link.pk)


def _others(request: ActorRequest, link: AccessLink) -> list[str]:
    """List, hardly readable, the other addresses of this city whose links this browser has opened."""
    opened = [int(link_id) for link_id in request.session.get(SESSION_KEY, {})]
    return [mailboxes.masked(email) for email in links.addresses(opened) if email != link.email]


def granted(
    request: ActorRequest, link_id: int, purpose: str, *, even_revoked: bool = False
) -> tuple[AccessLink, Actor]:
    """Find the living link that this browser has opened, and make its holder the asker.

    Raises LinkGone when it never was opened here, is for another purpose, has run out or was revoked.
    """
    if request.session.get(SESSION_KEY, {}).get(str(link_id)) != purpose:
        raise LinkGone
    link = links.opened(link_id, purpose=purpose)
    now = timezone.now()
    if link is None or now >= link.expires_at or not (even_revoked or link.is_live(at=now)):
        raise LinkGone(link)
    request.actor = holder_of(request, link)
    return link, request.actor


def by_link(purpose: str, *, even_revoked: bool = False) -> Callable[[AnyView], AnyView]:
    """Hand the view the living link instead of its number; show the dead-link page to everyone else."""

    def door(view: AnyView) -> AnyView:
        @wraps(view)
        def opened(request: ActorRequest, *args: Any, link_id: int, **kwargs: Any) -> HttpResponse:
            try:
                link, _ = granted(request, link_id, purpose, even_revoked=even_revoked)
            except LinkGone as refused:
                return gone(request, refused.link)
            if request.method == "POST" and strangers.stopped(request, link):
                return redirect(hooks.link_pages[purpose], city=request.city.slug, link_id=link.pk)
            return strangers.page(request, link) or view(request, link, *args, **kwargs)

        return public(kept_private(opened))

    return door


def gone(request: ActorRequest, link: AccessLink | None) -> HttpResponse:
    """Answer every dead link alike, naming no case; only a download that has run out says so (R70)."""
    if link is not None and renewing.may_renew(link, at=timezone.now()):
        return render(request, "contracts/links/expired.html", _renewal(request, link), status=410)
    if limits.is_knocking_too_often("guessed", limits.network_of(client_ip(request)), at=timezone.now()):
        return limits.turned_away(request)
    return render(request, "contracts/links/dead.html", status=404)


def _renewal(request: ActorRequest, link: AccessLink) -> dict[str, Any]:
    """Give the page of a download that has run out the button by which its party gets a new one."""
    assert link.step is not None  # noqa: S101 - ダウンロードのリンクに必ずある（制約 signing_links_name_their_step）
    is_inside = str(link.pk) in request.session.get(SESSION_KEY, {})
    inside = reverse("download_renew_send", args=[request.city.slug, link.pk])
    return {
        "sent_to": mailboxes.masked(link.step.receiver),
        "renew_url": inside if is_inside else request.path,
        "stranger": strangers.signed_in(request, link),
    }


def case_facts(case: Case) -> dict[str, Any]:
    """Give every page of a link the case and the days that remain until its deadline."""
    deadline = case.conclusion_deadline_date
    return {"case": case, "days_left": deadline and rules.days_left(deadline, timezone.localdate())}


def holder_of(request: ActorRequest, link: AccessLink) -> Actor:
    return links.holder(link, ip=client_ip(request), user_agent=request.META.get("HTTP_USER_AGENT", "")[:300])

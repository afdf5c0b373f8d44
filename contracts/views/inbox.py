"""受注者の窓口: a mail address sees what a city waits for from it, and takes the contracts that it keeps there."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import speaks_english
from accounts.limits import is_over, limited
from accounts.middleware import client_ip
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts.forms.codes import CodeForm
from contracts.forms.contractor import InboxForm
from contracts.models import Inbox, InboxLink, SigningLevel
from contracts.services.inboxes import across, codes, entering, matters
from contracts.views import proving, strangers
from contracts.views.links import AnyView, gone, kept_private, let_in, remember

SESSION_KEY, ASKED_KEY = "inboxes", "inbox_asked"
PAGE = 50
WAY = "受注者の窓口"


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_landing(request: ActorRequest, token: str) -> HttpResponse:
    """Say whose inbox the link opens until when; only the button opens it."""
    now = timezone.now()
    link = entering.find(token)
    if link is None or not link.is_live(at=now):
        return gone(request, None)
    stranger = strangers.signed_in(request)
    if request.method != "POST" or stranger:
        return render(request, "contracts/inbox/landing.html", {"link": link, "stranger": stranger})
    entering.open_(link, actor=_holder(request, link.inbox), at=now)
    return _let_in(request, link.inbox, link=link, until=link.expires_at)


def _let_in(request: ActorRequest, inbox: Inbox, *, link: InboxLink | None, until: datetime) -> HttpResponse:
    remember(request, SESSION_KEY, {str(inbox.pk): [link.pk if link else None, until.isoformat()]})
    return redirect("inbox", city=request.city.slug, inbox_id=inbox.pk)


def _holder(request: ActorRequest, inbox: Inbox) -> Any:
    return entering.holder(inbox, ip=client_ip(request), user_agent=request.META.get("HTTP_USER_AGENT", "")[:300])


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
@limited("code_asked")
def inbox_enter(request: ActorRequest) -> HttpResponse:
    """Ask for an address and send a code there; the answer is the same whether the city knows it or not."""
    if page := strangers.page(request):
        return page
    form = InboxForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now, email = timezone.now(), form.cleaned_data["email"]
        if not is_over("code_to", email.upper(), at=now):
            codes.send_to_enter(request.city, email=email, at=now, ip=client_ip(request))
        request.session[ASKED_KEY] = {"city": request.city.pk, "email": email}
        return redirect("inbox_code", city=request.city.slug)
    return render(request, "contracts/inbox/enter.html", {"form": form}, status=422 if form.errors else 200)


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
@limited("code_tried")
def inbox_code(request: ActorRequest) -> HttpResponse:
    """Take the code that was sent to the address; a wrong one is counted, so the answer is a redirect."""
    asked = request.session.get(ASKED_KEY, {})
    if asked.get("city") != request.city.pk:
        return redirect("inbox_enter", city=request.city.slug)
    if page := strangers.page(request):
        return page
    form = CodeForm(request.POST if request.method == "POST" else None, level=SigningLevel.ONE_TIME_CODE)
    if request.method == "POST" and form.is_valid():
        return _entered(request, asked["email"], form.cleaned_data["code"])
    context = {"form": form, "email": asked["email"]}
    return render(request, "contracts/inbox/code.html", context, status=422 if form.errors else 200)


def _entered(request: ActorRequest, email: str, code: str) -> HttpResponse:
    now = timezone.now()
    inbox = codes.enter(request.city, email=email, at=now, ip=client_ip(request), code=code)
    if inbox is None:
        messages.error(request, "コードが違うか、使えなくなっています。")
        return redirect("inbox_code", city=request.city.slug)
    del request.session[ASKED_KEY]
    return _let_in(request, inbox, link=None, until=now + proving.STAY)


def by_inbox(view: Callable[..., HttpResponse]) -> AnyView:
    """Hand the view the inbox that this browser has opened, while its way in lives."""

    @wraps(view)
    def opened(request: ActorRequest, *, inbox_id: int, **kwargs: Any) -> HttpResponse:
        inbox = _opened(request, inbox_id)
        if inbox is None:
            return redirect("inbox_enter", city=request.city.slug)
        request.actor = _holder(request, inbox)
        return strangers.page(request) or view(request, inbox, **kwargs)

    return public(kept_private(opened))


def _opened(request: ActorRequest, inbox_id: int) -> Inbox | None:
    found = entering.opened(inbox_id) if (email := proving.address_of(request)) else None
    if found is not None and across.shows(found, email=email):
        return found
    link_id, until = request.session.get(SESSION_KEY, {}).get(str(inbox_id), (None, ""))
    now, end = timezone.now(), parse_datetime(until)
    if end is None or now >= end:
        return None
    if link_id is None:
        return entering.opened(inbox_id)
    link = entering.living(link_id, at=now)
    return link.inbox if link is not None and link.inbox_id == inbox_id else None


@speaks_english
@by_inbox
@require_safe
def inbox(request: ActorRequest, inbox: Inbox) -> HttpResponse:
    """List what waits for the address in this city, what can be downloaded, and what it keeps."""
    now = timezone.now()
    kept = Paginator(matters.kept(inbox), PAGE).get_page(request.GET.get("kept"))
    context = {
        "inbox": inbox,
        "by_all": across.shows(inbox, email=proving.address_of(request)),
        "waiting": Paginator(matters.waiting(inbox, at=now), PAGE).get_page(request.GET.get("page")),
        "handed": matters.handed(inbox, at=now)[:PAGE],
        "kept": kept,
        "kept_pages": (
            f"?kept={kept.previous_page_number()}" if kept.has_previous() else "",
            f"?kept={kept.next_page_number()}" if kept.has_next() else "",
        ),
    }
    return render(request, "contracts/inbox/inbox.html", context)


@speaks_english
@by_inbox
@require_POST
def inbox_open(request: ActorRequest, inbox: Inbox, link_id: int) -> HttpResponse:
    """Open one of the matters, as its own mail would; a code that it asks for is still asked for."""
    link = matters.link_of(inbox, link_id=link_id, at=timezone.now())
    if link is None:
        messages.info(request, "この用件は、すでに済んだか、取り下げられました。")
        return redirect("inbox", city=request.city.slug, inbox_id=inbox.pk)
    return let_in(request, link, way=WAY)


@speaks_english
@by_inbox
@require_POST
def inbox_take(request: ActorRequest, inbox: Inbox, kept_id: int) -> HttpResponse:
    """Open the documents of a contract that the inbox keeps, also after the two weeks (R67)."""
    kept = matters.kept(inbox).filter(pk=kept_id).first()
    if kept is None:
        raise Http404
    return let_in(request, matters.take_out(kept, at=timezone.now()), way=WAY)


@speaks_english
@by_inbox
@require_POST
def inbox_leave(request: ActorRequest, inbox: Inbox) -> HttpResponse:
    """Forget in this browser that the inbox was opened; with `everywhere`, kill its mailed links as well."""
    if "everywhere" in request.POST:
        entering.revoke(inbox, actor=request.actor, at=timezone.now())
    request.session.flush()
    messages.success(request, "窓口を閉じました。")
    return redirect("inbox_enter", city=request.city.slug)

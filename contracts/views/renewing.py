"""A download that has run out: a code to the recorded address gives its party a new link, without a call (R70)."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts import mailboxes
from contracts.forms.codes import CodeForm
from contracts.models import AccessLink, Purpose, SigningLevel
from contracts.services import links
from contracts.services.inboxes import codes, renewing
from contracts.views import strangers
from contracts.views.links import SESSION_KEY, AnyView, gone, holder_of, kept_private, let_in


def by_expired(view: Callable[..., HttpResponse]) -> AnyView:
    """Hand the view the download link that has run out, in the browser that asked for a code with it."""

    @wraps(view)
    def opened(request: ActorRequest, *, link_id: int) -> HttpResponse:
        is_held = request.session.get(SESSION_KEY, {}).get(str(link_id)) == Purpose.DOWNLOAD
        link = links.opened(link_id, purpose=Purpose.DOWNLOAD) if is_held else None
        if link is None or not renewing.may_renew(link, at=timezone.now()):
            return gone(request, link)
        if request.method == "POST" and strangers.stopped(request, link):
            return _ask(request, link)
        return strangers.page(request, link) or view(request, link)

    return public(kept_private(opened))


@speaks_english
@by_expired
@require_http_methods(["GET", "HEAD", "POST"])
def download_renew(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Take the code; the right one opens a new download at once, a wrong one is counted and the request kept."""
    now = timezone.now()
    form = CodeForm(request.POST if request.method == "POST" else None, level=SigningLevel.ONE_TIME_CODE)
    if request.method == "POST" and form.is_valid():
        actor = holder_of(request, link)
        fresh = renewing.renew(link, actor=actor, at=now, code=form.cleaned_data["code"])
        if fresh is not None:
            messages.success(request, "新しいダウンロードのリンクを発行し、メールでもお送りしました。")
            return let_in(request, fresh, way="受注者による再発行")
        messages.error(request, "コードが違うか、使えなくなっています。")
        return _ask(request, link)
    code = codes.living(link)
    context = {
        "form": form,
        "link": link,
        "code": code,
        "may_try": code is not None and code.is_live(at=now),
        "sent_to": link.step and mailboxes.masked(link.step.receiver),
    }
    return render(request, "contracts/links/renew.html", context, status=422 if form.errors else 200)


@by_expired
@require_POST
def download_renew_send(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Mail a code to the recorded address."""
    codes.send_to_renew(link, actor=holder_of(request, link), at=timezone.now())
    return _ask(request, link)


def _ask(request: ActorRequest, link: AccessLink) -> HttpResponse:
    return redirect("download_renew", city=request.city.slug, link_id=link.pk)

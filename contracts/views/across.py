"""受注者の窓口（すべての市町村）: one inbox over all cities, for whoever proves an address by a mailed code."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import speaks_english
from accounts.limits import is_over, limited
from accounts.middleware import client_ip
from accounts.models import Organization
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts import cities
from contracts.forms.codes import CodeForm
from contracts.forms.contractor import InboxForm
from contracts.models import SigningLevel
from contracts.services.inboxes import across, rooms
from contracts.templatetags.japanese import names
from contracts.views import proving, strangers
from contracts.views.links import AnyView, kept_private

ASKED_KEY = "proof_asked"
# 一頁に並べる市の数。一つずつ尋ねるので、頁の重さはこの数で決まる
PAGE = 4


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
@limited("code_asked")
def across_enter(request: ActorRequest) -> HttpResponse:
    """Ask for an address and send a code there; the answer is the same whether any city knows it or not."""
    if page := strangers.page(request):
        return page
    form = InboxForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _asked(request, form.cleaned_data["email"])
    if request.method != "POST" and proving.address_of(request):
        return redirect("across")
    return render(request, "contracts/across/enter.html", {"form": form}, status=422 if form.errors else 200)


def _asked(request: ActorRequest, email: str) -> HttpResponse:
    now, city = timezone.now(), None
    # 宛先ごとの回数を過ぎても、答えは変えない。だれの宛先かを知られないように
    if not is_over("code_to", email.upper(), at=now):
        city = across.send_code(email=email, at=now, ip=client_ip(request))
    request.session[ASKED_KEY] = {"city": city and city.pk, "email": email}
    return redirect("across_code")


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
@limited("code_tried")
def across_code(request: ActorRequest) -> HttpResponse:
    """Take the code that was sent to the address; a wrong one is counted, so the answer is a redirect."""
    asked = request.session.get(ASKED_KEY)
    if asked is None:
        return redirect("across_enter")
    if page := strangers.page(request):
        return page
    form = CodeForm(request.POST if request.method == "POST" else None, level=SigningLevel.ONE_TIME_CODE)
    if request.method == "POST" and form.is_valid():
        return _entered(request, asked, form.cleaned_data["code"])
    context = {"form": form, "email": asked["email"]}
    return render(request, "contracts/across/code.html", context, status=422 if form.errors else 200)


def _entered(request: ActorRequest, asked: dict[str, Any], code: str) -> HttpResponse:
    now, email = timezone.now(), asked["email"]
    city = Organization.objects.filter(pk=asked["city"]).first()
    if city is None or not across.prove(city, email=email, at=now, ip=client_ip(request), code=code):
        messages.error(request, "コードが違うか、使えなくなっています。")
        return redirect("across_code")
    del request.session[ASKED_KEY]
    proving.keep(request, email, at=now)
    return redirect("across")


def by_address(view: Callable[[ActorRequest, str], HttpResponse]) -> AnyView:
    """Hand the view the address that this browser has proved; ask everyone else for theirs."""

    @wraps(view)
    def opened(request: ActorRequest) -> HttpResponse:
        email = proving.address_of(request)
        if not email:
            return redirect("across_enter")
        return strangers.page(request) or view(request, email)

    return public(kept_private(opened))


@speaks_english
@by_address
@require_safe
def across_cities(request: ActorRequest, email: str) -> HttpResponse:
    """List what waits for the address in the cities that were joined, and name those that were not."""
    now, today = timezone.now(), timezone.localdate()
    page = Paginator(across.cities(email), PAGE).get_page(request.GET.get("page"))
    answers = across.ask(page, lambda city: rooms.of(city, email=email, at=now, on=today))
    told = [room for _city, room in answers if room is not None]
    joined = [room for room in told if room.inbox is not None]
    context = {
        "email": email,
        "page": page,
        "joined": joined,
        "alone": [room.city for room in told if room.inbox is None],
        "silent": [city for city, room in answers if room is None],
        "matters": cities.matters(joined, today=today),
        "cards": cities.with_cards(joined),
        "notices": cities.notices(joined, on=today),
        "hints": cities.hints(joined),
    }
    return render(request, "contracts/across/inbox.html", context)


@speaks_english
@by_address
@require_POST
def across_join(request: ActorRequest, email: str) -> HttpResponse:
    """Show the inboxes of the ticked cities side by side from now on: the reader's own choice, city by city."""
    chosen = _chosen(request, email)
    silent = across.join(chosen, email=email, at=timezone.now(), ip=client_ip(request))
    return _moved(request, chosen, silent, done=_("%(cities)sの窓口を、ここにまとめました。"))


@speaks_english
@by_address
@require_POST
def across_part(request: ActorRequest, email: str) -> HttpResponse:
    """Leave the inbox of a city alone again; its own way in stays."""
    chosen = _chosen(request, email)
    silent = across.part(chosen, email=email, at=timezone.now(), ip=client_ip(request))
    return _moved(
        request, chosen, silent, done=_("%(cities)sの窓口を、ここから外しました。市の窓口は、そのまま使えます。")
    )


def _chosen(request: ActorRequest, email: str) -> list[Organization]:
    slugs = set(request.POST.getlist("city"))
    return [city for city in across.cities(email) if city.slug in slugs]


def _moved(
    request: ActorRequest, chosen: Sequence[Organization], silent: Sequence[Organization], *, done: str
) -> HttpResponse:
    if moved := [city for city in chosen if city not in silent]:
        messages.success(request, done % {"cities": names(moved)})
    if silent:
        words = _("%(cities)sは、いま答えられません。しばらくしてから、もう一度お試しください。")
        messages.error(request, words % {"cities": names(silent)})
    if not chosen:
        messages.info(request, "市町村を選んでください。")
    return redirect("across")


@speaks_english
@by_address
@require_POST
def across_leave(request: ActorRequest, email: str) -> HttpResponse:
    """Forget in this browser that the address was proved."""
    del email
    request.session.flush()
    messages.success(request, "窓口を閉じました。")
    return redirect("across_enter")

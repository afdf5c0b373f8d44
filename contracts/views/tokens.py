"""The keys of the city's other systems, as administrators make them and take them back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.forms.tokens import TokenForm
from contracts.models import ApiToken
from contracts.services.integrating import tokens as service

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
@sensitive_variables("secret")
def tokens(request: ActorRequest) -> HttpResponse:
    """List the tokens; POST makes one and shows its secret this once."""
    form = TokenForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = service.make(
                actor=request.actor, at=timezone.now(), asked_with=form.cleaned_data["key"], **form.typed
            )
        except service.MadeBefore as before:
            messages.info(request, f"{before} 写していないときは、そのトークンを取り消し、もう一つ作ってください。")
            return redirect("tokens")
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _page(request, TokenForm(actor=request.actor), made=made, secret=secret)
    return _page(request, form)


def _page(request: ActorRequest, form: TokenForm, **more: Any) -> HttpResponse:
    now = timezone.now()
    rows = ApiToken.objects.visible_to(request.actor).select_related("owner").order_by("-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": [(row, row.is_live(at=now)) for row in page]}
    response = render(request, "contracts/settings/tokens.html", context | more, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response


@require_POST
@requires(can_administer)
def token_revoke(request: ActorRequest, token_id: int) -> HttpResponse:
    """Take a token back."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.actor), pk=token_id)
    service.revoke(token, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{token.name}」のトークンを取り消しました。もう使えません。")
    return redirect("tokens")

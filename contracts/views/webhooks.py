"""The addresses that are told of events, and the log of what they were told."""

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
from contracts.forms.webhooks import WebhookForm
from contracts.models import Webhook, WebhookMessage
from contracts.services.integrating import webhooks as service

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
@sensitive_variables("secret")
def webhooks(request: ActorRequest) -> HttpResponse:
    """List the addresses; POST adds one and shows its secret this once."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = service.add(actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _list(request, WebhookForm(), made=made, secret=secret)
    return _list(request, form)


def _list(request: ActorRequest, form: WebhookForm, **more: Any) -> HttpResponse:
    hooks = list(Webhook.objects.visible_to(request.actor).order_by("-pk"))
    response = render(
        request,
        "contracts/settings/webhooks.html",
        {"form": form, "hooks": hooks} | more,
        status=422 if form.errors else 200,
    )
    add_never_cache_headers(response)
    return response


def _hook(request: ActorRequest, webhook_id: int) -> Webhook:
    hook: Webhook = get_object_or_404(Webhook.objects.visible_to(request.actor), pk=webhook_id)
    return hook


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def webhook(request: ActorRequest, webhook_id: int) -> HttpResponse:
    """Show an address and the log of its messages, newest first; POST changes what it is and is told of."""
    hook = _hook(request, webhook_id)
    form = WebhookForm(request.POST or None, hook=hook)
    if request.method == "POST" and form.is_valid():
        try:
            service.change(hook, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "宛先を改めました。送るのを待つ知らせも、新しい宛先に送ります。")
            return redirect("webhook", webhook_id=hook.pk)
    return _shown(request, hook, form)


def _shown(request: ActorRequest, hook: Webhook, form: WebhookForm, **more: Any) -> HttpResponse:
    rows = WebhookMessage.objects.visible_to(request.actor).filter(webhook=hook).order_by("-pk")
    context = {"hook": hook, "form": form, "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))} | more
    response = render(request, "contracts/settings/webhook.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response


@require_POST
@requires(can_administer)
def webhook_test(request: ActorRequest, webhook_id: int) -> HttpResponse:
    """Send a message that tells of nothing."""
    hook = _hook(request, webhook_id)
    service.test(hook, actor=request.actor, at=timezone.now())
    messages.success(request, "試しの知らせを送ります。結果は、下の一覧に出ます。")
    return redirect("webhook", webhook_id=hook.pk)


@require_POST
@requires(can_administer)
@sensitive_variables("secret")
def webhook_rotate(request: ActorRequest, webhook_id: int) -> HttpResponse:
    """Make a new secret and show it this once."""
    secret = service.rotate(_hook(request, webhook_id), actor=request.actor, at=timezone.now())
    hook = _hook(request, webhook_id)
    return _shown(request, hook, WebhookForm(hook=hook), secret=secret)


@require_POST
@requires(can_administer)
def webhook_stop(request: ActorRequest, webhook_id: int) -> HttpResponse:
    """Tell an address nothing any more."""
    hook = _hook(request, webhook_id)
    service.stop(hook, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{hook.name}」への知らせを止めました。いつでも再開できます。")
    return redirect("webhook", webhook_id=hook.pk)


@require_POST
@requires(can_administer)
def webhook_resume(request: ActorRequest, webhook_id: int) -> HttpResponse:
    """Tell an address again, from now on."""
    hook = _hook(request, webhook_id)
    service.resume(hook, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{hook.name}」への知らせを再開しました。これから起きることを知らせます。")
    return redirect("webhook", webhook_id=hook.pk)


@require_POST
@requires(can_administer)
def webhook_again(request: ActorRequest, webhook_id: int, message_id: int) -> HttpResponse:
    """Send a message once more."""
    rows = WebhookMessage.objects.visible_to(request.actor).filter(webhook=_hook(request, webhook_id))
    service.send_again(get_object_or_404(rows, pk=message_id), actor=request.actor, at=timezone.now())
    messages.success(request, "もう一度送ります。結果は、この一覧に出ます。")
    return redirect("webhook", webhook_id=webhook_id)

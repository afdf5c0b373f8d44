"""In whose name the city's mails leave, at which hours, and what it publishes for them to be believed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.mailpolicies import MailPolicyForm
from contracts.services import mailpolicies
from contracts.services.editing import Overtaken
from contracts.views.conflicts import differences, reopen
from notifications import mail, publishing
from notifications.models import MailPolicy


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
def mail_settings(request: ActorRequest) -> HttpResponse:
    """Show how the city's mails leave; POST settles it for those that have not left yet."""
    policy = MailPolicy.objects.visible_to(request.actor).first() or MailPolicy(tenant=request.city)
    saved = {name: getattr(policy, name) for name in MailPolicyForm.base_fields}
    form = MailPolicyForm(request.POST or None, initial=saved)
    if request.method != "POST" or not form.is_valid():
        return _page(request, policy, form)
    try:
        mailpolicies.change(request.city, actor=request.actor, at=timezone.now(), **form.cleaned_data)
    except Overtaken as overtaken:
        reopen(form, overtaken, edit_number=policy.edit_number)
        return _page(request, policy, form, conflict=differences(form, saved))
    messages.success(request, "設定を変えました。これから送るメールに使います。")
    return redirect("mail_settings")


def _page(request: ActorRequest, policy: MailPolicy, form: MailPolicyForm, **more: Any) -> HttpResponse:
    shown = {
        "form": form,
        "default_name": mail.default_name(request.city),
        "default_address": mail.default_address(),
        "sender": f"{mail.sender_name(policy)} <{mail.sender_address(policy)}>",
        "records": publishing.records(mail.sender_address(policy)),
    }
    return render(request, "contracts/settings/mail.html", shown | more, status=422 if form.errors else 200)

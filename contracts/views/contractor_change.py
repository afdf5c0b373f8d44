"""Whoever is asked to sign names someone else: 「署名する人を変更する」."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.languages import speaks_english
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.amending import ReassignForm
from contracts.models import AccessLink, SigningStep, StepKind
from contracts.services.signatures import changing
from contracts.views.contractor_codes import by_signer
from contracts.views.links import case_facts


@speaks_english
@by_signer(even_revoked=True)
@require_http_methods(["GET", "HEAD", "POST"])
def contractor_change(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Take the wish for another signer; until the department agrees, this link goes on."""
    is_turn = link.revoked_at is None and permissions.can_sign(request.actor, step) and step.kind == StepKind.SIGN
    form = ReassignForm(request.POST or None)
    if is_turn and request.method == "POST" and form.is_valid():
        try:
            changing.ask(step, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            is_turn = False
    if not is_turn:
        return redirect("contractor_sign", city=request.city.slug, link_id=link.pk)
    context = {"link": link, "step": step, "form": form} | case_facts(link.case)
    return render(request, "contracts/links/sign_change.html", context, status=422 if form.errors else 200)

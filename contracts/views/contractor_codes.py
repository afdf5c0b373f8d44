"""The door behind the link: a signer whose step asks for a code sees nothing of the contract before giving it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.codes import CodeForm
from contracts.models import AccessLink, CodeProof, Purpose, SigningLevel, SigningStep
from contracts.services.signatures import codes, proving, signing
from contracts.views.links import AnyView, by_link, gone

SESSION_KEY = "proofs"
StepView: TypeAlias = Callable[..., HttpResponse]


def by_signer(*, even_revoked: bool = False) -> Callable[[StepView], AnyView]:
    """Hand the view the link and its step, once this browser has given the code that the step asks for."""

    def door(view: StepView) -> AnyView:
        @by_link(Purpose.SIGN, even_revoked=even_revoked)
        @wraps(view)
        def proven(request: ActorRequest, link: AccessLink, **kwargs: Any) -> HttpResponse:
            step = signed_by(request)
            if not proving.may_read(step, actor=request.actor, proof_id=proof_id_of(request, link)):
                return ask(request, link)
            return view(request, link, step, **kwargs)

        return proven

    return door


def signed_by(request: ActorRequest) -> SigningStep:
    """Find the place in the signing order that the asker's link is about."""
    step: SigningStep = SigningStep.objects.visible_to(request.actor).select_related("version__contract").get()
    return step


def proof_id_of(request: ActorRequest, link: AccessLink) -> int | None:
    """Tell what this browser has proved behind a link; the session is kept on our side."""
    found: int | None = request.session.get(SESSION_KEY, {}).get(str(link.pk))
    return found


def ask(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Send a browser to where its signer gives the code."""
    return redirect("contractor_code", city=request.city.slug, link_id=link.pk)


@speaks_english
@by_link(Purpose.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def contractor_code(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Take the code; a wrong one is counted, so the answer is a redirect and the request is kept."""
    step, now = signed_by(request), timezone.now()
    proof_id = proof_id_of(request, link)
    if proving.may_decide(step, actor=request.actor, at=now, proof_id=proof_id):
        return redirect("contractor_sign", city=request.city.slug, link_id=link.pk)
    if not permissions.can_sign(request.actor, step):
        return gone(request, link)
    form = CodeForm(request.POST if request.method == "POST" else None, level=SigningLevel(step.level))
    if request.method == "POST" and form.is_valid():
        return _entered(request, link, step, form)
    found = codes.living(step)
    context = {
        "form": form,
        "link": link,
        "step": step,
        "code": found,
        "may_try": found is not None and found.is_live(at=now),
        "again": proving.proof_of(step, actor=request.actor, proof_id=proof_id) is not None,
        "office": link.case.department,
    }
    return render(request, "contracts/links/sign_code.html", context, status=422 if form.errors else 200)


def _entered(request: ActorRequest, link: AccessLink, step: SigningStep, form: CodeForm) -> HttpResponse:
    now = timezone.now()
    proof = codes.enter(step, actor=request.actor, at=now, code=form.cleaned_data["code"])
    if proof is None:
        messages.error(request, "コードが違います。")
        return ask(request, link)
    signing.open_(step, actor=request.actor, at=now)
    _keep(request, link, proof)
    return redirect("contractor_sign", city=request.city.slug, link_id=link.pk)


def _keep(request: ActorRequest, link: AccessLink, proof: CodeProof) -> None:
    request.session.cycle_key()
    request.session[SESSION_KEY] = request.session.get(SESSION_KEY, {}) | {str(link.pk): proof.pk}


@speaks_english
@by_link(Purpose.SIGN)
@require_POST
def contractor_code_send(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Mail a one-time code to the firm's second address."""
    step = signed_by(request)
    if step.level == SigningLevel.ONE_TIME_CODE:
        codes.send(step, actor=request.actor, at=timezone.now())
        messages.success(request, "契約事務担当者のメールアドレスへ、ワンタイムコードを送りました。")
    return ask(request, link)

"""The city's signatory reads the documents and signs, in two presses, with a second factor (R58, R63, R65)."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import second_factor
from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, rules, story
from contracts.models import Document, Party, Revision, SigningJob, SigningStep
from contracts.services.signatures import readmarks, signing
from contracts.states import StepState, VersionState
from contracts.views import reading

CASE = "version__contract__case"
ON_THE_WAY = {VersionState.SENT, VersionState.ALL_SIGNED, VersionState.SEAL_WAITING}


def _step(request: ActorRequest, step_id: int) -> SigningStep:
    rows = SigningStep.objects.visible_to(request.actor).filter(party=Party.CITY)
    rows = rows.select_related(f"{CASE}__contractor", f"{CASE}__rule_set", "version__approved_by")
    step: SigningStep = get_object_or_404(rows, pk=step_id)
    return step


def _documents(request: ActorRequest, step: SigningStep) -> list[Document]:
    revisions = Revision.objects.visible_to(request.actor).order_by("number")
    rows = Document.objects.visible_to(request.actor).filter(version=step.version)
    return list(rows.prefetch_related(Prefetch("revisions", revisions)).order_by("order"))


@require_safe
@requires(permissions.may_sign)
def sign_step(request: ActorRequest, step_id: int) -> HttpResponse:
    """Show the documents in tabs, with 「完了する」 below."""
    step = _step(request, step_id)
    if not permissions.can_sign(request.actor, step):
        return _not_now(request, step)
    if not second_factor.described(request):
        return second_factor.ask(request, back=request.path)
    return render(request, "contracts/sign/read.html", _reading(request, step))


def _not_now(request: ActorRequest, step: SigningStep) -> HttpResponse:
    if step.state in {StepState.INSTRUCTED, StepState.SIGNED} and step.user_id == request.actor.user_id:
        return redirect("sign_progress", step_id=step.pk)
    return render(request, "contracts/sign/not_now.html", {"step": step, "case": step.version.case}, status=409)


def _reading(request: ActorRequest, step: SigningStep) -> dict[str, Any]:
    def address(document_id: int, page: int) -> str:
        return reverse("document_page", args=[document_id, page])

    return _facts(step) | reading.opened(request, step, _documents(request, step), address=address)


def _facts(step: SigningStep) -> dict[str, Any]:
    case = step.version.case
    deadline, today = case.conclusion_deadline_date, timezone.localdate()
    return {
        "step": step,
        "version": step.version,
        "case": case,
        "days_left": rules.days_left(deadline, today) if deadline else None,
        "obstacle": signing.obstacle(step, at=timezone.now()),
    }


@require_POST
@requires(permissions.may_sign)
def sign_read(request: ActorRequest, step_id: int, document_id: int) -> HttpResponse:
    """Take the word that a document was read, and lead to the next."""
    step = _step(request, step_id)
    if not second_factor.described(request):
        return second_factor.ask(request, back=reverse("sign_step", args=[step.pk]))
    documents = _documents(request, step)
    document = next((each for each in documents if each.pk == document_id), None)
    if document is None:
        raise Http404
    readmarks.mark(step, document, actor=request.actor, at=timezone.now())
    after = reading.next_unread(step, documents, after=document, request=request)
    return redirect(reverse("sign_step", args=[step.pk]) + after)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_sign)
def sign_confirm(request: ActorRequest, step_id: int) -> HttpResponse:
    """Answer 「完了する」 with the message before the last button."""
    step = _step(request, step_id)
    if (
        request.method != "POST"
        or not permissions.can_sign(request.actor, step)
        or not second_factor.described(request)
    ):
        return redirect("sign_step", step_id=step.pk)
    signing.open_(step, actor=request.actor, at=timezone.now())
    documents, read = _documents(request, step), readmarks.read_by(step, actor=request.actor)
    context = _facts(step) | {"documents": documents, "unread": [each for each in documents if each.pk not in read]}
    return render(request, "contracts/sign/confirm.html", context)


@require_POST
@requires(permissions.may_sign)
def sign_finish(request: ActorRequest, step_id: int) -> HttpResponse:
    """Take the final instruction; pressing twice changes nothing."""
    step = _step(request, step_id)
    authentication = second_factor.described(request)
    if not authentication:
        return second_factor.ask(request, back=reverse("sign_step", args=[step.pk]))
    signing.instruct(step, actor=request.actor, at=timezone.now(), authentication=authentication)
    return redirect("sign_progress", step_id=step.pk)


@require_safe
@requires(permissions.may_sign)
def sign_progress(request: ActorRequest, step_id: int) -> HttpResponse:
    """Show how far the sealing is; the page asks again by itself until the contract is concluded."""
    step = _step(request, step_id)
    jobs = SigningJob.objects.visible_to(request.actor).filter(step=step).select_related("document")
    context = {
        "step": step,
        "version": step.version,
        "case": step.version.case,
        "jobs": jobs.order_by("document__order"),
        "on_the_way": step.version.state in ON_THE_WAY,
        "sealing": story.sealing_of(step.version, actor=request.actor, at=timezone.now()),
    }
    template = "contracts/sign/_progress.html" if request.headers.get("HX-Request") else "contracts/sign/progress.html"
    return render(request, template, context)

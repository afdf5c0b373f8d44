"""The contractor reads the documents and signs them, in two presses (R61–R65)."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.languages import speaks_english
from accounts.requests import ActorRequest
from contracts import permissions, rendering, story
from contracts.durations import write_duration
from contracts.forms.contractor import DeclineForm
from contracts.models import AccessLink, Document, SignerChange, SigningStep, StepKind
from contracts.services.signatures import ending, proving, readmarks, signing
from contracts.states import StepState
from contracts.views import reading
from contracts.views.contractor_codes import ask, by_signer, proof_id_of
from contracts.views.links import case_facts, way_of
from contracts.views.sealing import sealing_part

AUTHENTICATION = "メールアドレスに届いた専用のリンク"
BY_INBOX = "メールアドレスに届いたリンクまたはコードで開く受注者の窓口"


@speaks_english
@by_signer(even_revoked=True)
@require_safe
def contractor_sign(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Show the documents in tabs, or how the matter ended."""
    if not _is_turn(request, link, step):
        return _ended(request, link, step)
    return _reading(request, link, step, DeclineForm())


@speaks_english
@by_signer(even_revoked=True)
def contractor_confirm(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Answer 「完了する」 with the message before the last button; nothing is decided yet."""
    if request.method != "POST" or not _is_turn(request, link, step) or step.kind != StepKind.SIGN:
        return _back(request, link)
    if not _is_proven(request, link, step):
        return ask(request, link)
    documents, read = _documents(request), readmarks.read_by(step, actor=request.actor)
    context = {"step": step, "documents": documents, "unread": [each for each in documents if each.pk not in read]}
    return render(request, "contracts/links/sign_confirm.html", context | _facts(link, step))


@speaks_english
@by_signer(even_revoked=True)
@require_POST
def contractor_finish(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Take the final instruction, when the code it needs was given lately; pressing twice changes nothing."""
    if link.revoked_at is not None or step.kind != StepKind.SIGN:
        return _back(request, link)
    if _is_turn(request, link, step) and not _is_proven(request, link, step):
        return ask(request, link)
    proof_id = proof_id_of(request, link)
    known = BY_INBOX if way_of(request, link) else AUTHENTICATION
    signing.instruct(step, actor=request.actor, at=timezone.now(), authentication=known, proof_id=proof_id)
    return _back(request, link)


@speaks_english
@by_signer(even_revoked=True)
@require_POST
def contractor_checked(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Take the look of a firm's contact, who confirms before the authority signs."""
    if link.revoked_at is None and step.kind == StepKind.CONFIRM:
        signing.confirm(step, actor=request.actor, at=timezone.now())
    return _back(request, link)


@speaks_english
@by_signer(even_revoked=True)
@require_POST
def contractor_decline(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Take the contractor's refusal with its reason."""
    if not _is_turn(request, link, step):
        return _back(request, link)
    if not _is_proven(request, link, step):
        return ask(request, link)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _reading(request, link, step, form)
    reason, proof_id = form.cleaned_data["reason"], proof_id_of(request, link)
    ending.decline(step, actor=request.actor, at=timezone.now(), reason=reason, proof_id=proof_id)
    return _back(request, link)


@speaks_english
@by_signer()
@require_POST
def contractor_read(request: ActorRequest, link: AccessLink, step: SigningStep, document_id: int) -> HttpResponse:
    """Take the word that a document was read, and lead to the next."""
    documents = _documents(request)
    document = next((each for each in documents if each.pk == document_id), None)
    if document is None:
        raise Http404
    if not _is_turn(request, link, step):
        return _back(request, link)
    readmarks.mark(step, document, actor=request.actor, at=timezone.now())
    page = reverse("contractor_sign", args=[request.city.slug, link.pk])
    return redirect(page + reading.next_unread(step, documents, after=document, request=request))


@by_signer()
@require_safe
def contractor_page(
    request: ActorRequest, _link: AccessLink, _step: SigningStep, document_id: int, page: int
) -> HttpResponse:
    """Draw one page of a document."""
    document = get_object_or_404(Document.objects.visible_to(request.actor), pk=document_id)
    return rendering.image_response(document, request.GET, page=page)


@speaks_english
@by_signer(even_revoked=True)
@require_safe
def contractor_progress(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    """Tell the firm that has signed how far the sealing is."""
    return sealing_part(request, step.version, page=reverse("contractor_sign", args=[request.city.slug, link.pk]))


def _is_turn(request: ActorRequest, link: AccessLink, step: SigningStep) -> bool:
    return link.revoked_at is None and permissions.can_sign(request.actor, step)


def _is_proven(request: ActorRequest, link: AccessLink, step: SigningStep) -> bool:
    return proving.may_decide(step, actor=request.actor, at=timezone.now(), proof_id=proof_id_of(request, link))


def _documents(request: ActorRequest) -> list[Document]:
    return list(Document.objects.visible_to(request.actor).order_by("order"))


def _facts(link: AccessLink, step: SigningStep) -> dict[str, Any]:
    obstacle = signing.obstacle(step, at=timezone.now()) if step.kind == StepKind.SIGN else ""
    return case_facts(link.case) | {"version": step.version, "obstacle": obstacle, "link": link}


def _reading(request: ActorRequest, link: AccessLink, step: SigningStep, decline_form: DeclineForm) -> HttpResponse:
    def address(document_id: int, page: int) -> str:
        return reverse("contractor_page", args=[request.city.slug, link.pk, document_id, page])

    context = reading.opened(request, step, _documents(request), address=address) | {
        "decline_form": decline_form,
        "confirms": step.kind == StepKind.CONFIRM,
        "change": _wish(request, step),
    }
    status = 422 if decline_form.errors else 200
    return render(request, "contracts/links/sign.html", context | _facts(link, step), status=status)


def _wish(request: ActorRequest, step: SigningStep) -> SignerChange | None:
    """Find what this signer last asked about who signs."""
    own = SignerChange.objects.visible_to(request.actor).filter(step=step, asked_email=step.email)
    wish: SignerChange | None = own.order_by("-pk").first()
    return wish


def _ended(request: ActorRequest, link: AccessLink, step: SigningStep) -> HttpResponse:
    steps = step.version.steps.order_by("order")
    kept = write_duration(request.city.download_lifetime)
    told = {"step": step, "steps": steps, "by": _by(step), "kept": kept}
    context = told | _facts(link, step) | _sealing(request, link, step)
    if step.state in {StepState.INSTRUCTED, StepState.SIGNED, StepState.CONFIRMED}:
        return render(request, "contracts/links/sign_done.html", context)
    return render(request, "contracts/links/sign_ended.html", context, status=410)


def _by(step: SigningStep) -> date | None:
    """Tell until when the city signs: the deadline of the contract while it is ahead, or the end of the request."""
    version, today = step.version, timezone.localdate()
    deadline: date | None = version.contract.case.conclusion_deadline_date if version.contract.is_original else None
    if deadline and deadline >= today:
        return deadline
    return timezone.localdate(version.expires_at) if version.expires_at else None


def _sealing(request: ActorRequest, link: AccessLink, step: SigningStep) -> dict[str, Any]:
    place = [request.city.slug, link.pk]
    return {
        "sealing": story.sealing_of(step.version, actor=request.actor, at=timezone.now()),
        "sealing_url": reverse("contractor_progress", args=place),
        "page": reverse("contractor_sign", args=place),
    }


def _back(request: ActorRequest, link: AccessLink) -> HttpResponse:
    return redirect("contractor_sign", city=request.city.slug, link_id=link.pk)

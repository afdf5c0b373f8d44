"""The consent form as staff see it: read, held against the register, accepted, sent back or withdrawn."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from audit.models import Event
from contracts import permissions, rendering
from contracts.forms.consents import AuthorityForm, ContactForm
from contracts.models import Consent, ConsentSubmission
from contracts.services.consents import addresses, consenting, withdrawing
from contracts.services.signatures import downloading
from contracts.states import LIVE_CONSENTS
from contracts.views.answers import pdf_response, reason_of
from contracts.views.consent_parts import compared

# 契約締結権限者が替わった出来事
SUCCESSIONS = ("consent.authority_changed", "step.reassigned")


def _consent(request: ActorRequest, consent_id: int) -> Consent:
    related = ("contractor", "case__contractor", "case__tenant", "case__rule_set")
    rows = Consent.objects.visible_to(request.actor).select_related(*related)
    consent: Consent = get_object_or_404(rows, pk=consent_id)
    return consent


def _submission(request: ActorRequest, consent: Consent, *, asked: QueryDict) -> ConsentSubmission:
    """Choose the submission that the address names by its number, or the last one; raises Http404 for no such one."""
    rows = ConsentSubmission.objects.visible_to(request.actor).filter(consent=consent).order_by("number")
    submissions = list(rows.select_related("paper", "received"))
    known: dict[str, ConsentSubmission] = {str(each.number): each for each in submissions}
    wanted = asked.get("number") or (str(submissions[-1].number) if submissions else "")
    if wanted not in known:
        raise Http404
    return known[wanted]


@require_safe
@requires(permissions.can_read)
def consent_paper(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Show 様式第1号 as it was submitted, now or earlier, and what differs from the register."""
    consent = _consent(request, consent_id)
    return render(request, "contracts/cases/consent.html", _page(request, consent))


def _page(request: ActorRequest, consent: Consent) -> dict[str, Any]:
    actor = request.actor
    shown = _submission(request, consent, asked=request.GET)
    submissions = list(ConsentSubmission.objects.visible_to(actor).filter(consent=consent).order_by("number"))

    def address(page: int) -> str:
        return f"{reverse('consent_page', args=[consent.pk, page])}?number={shown.number}"

    return {
        "consent": consent,
        "case": consent.case,
        "shown": shown,
        "is_last": shown.number == submissions[-1].number,
        "submissions": submissions,
        "succession": _succession(consent),
        "pages": rendering.viewer_pages(shown, address=address),
        "may_accept": permissions.can_accept_consent(actor, consent),
        "may_ask": permissions.can_ask_address(actor, consent),
        "may_change": permissions.can_register(actor) and permissions.can_change_authority(actor, consent),
        "may_withdraw": permissions.can_withdraw_consent(actor, consent) and withdrawing.is_open(consent.case),
    } | (compared(consent) if consent.state in LIVE_CONSENTS else {})


def _succession(consent: Consent) -> list[tuple[Event, dict[str, Any]]]:
    """List how the authority of a consent changed: on the consent itself, or with the signer of a contract."""
    events = Event.objects.of_thread(consent.tenant_id, consent.case.thread).filter(action__in=SUCCESSIONS)
    told = [(event, json.loads(event.data)) for event in events.order_by("seq")]
    subject = f"consent:{consent.pk}"
    return [(event, data) for event, data in told if subject in {event.subject, f"consent:{data.get('consent')}"}]


@require_safe
@requires(permissions.can_read)
def consent_page(request: ActorRequest, consent_id: int, page: int) -> HttpResponse:
    """Draw one page of the submitted form."""
    consent = _consent(request, consent_id)
    return rendering.image_response(_submission(request, consent, asked=request.GET), request.GET, page=page)


@require_POST
@requires(permissions.can_read)
@hands_out
def consent_download(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Hand out the submitted form."""
    consent = _consent(request, consent_id)
    number = _submission(request, consent, asked=request.POST).number
    content = downloading.download_consent(consent, actor=request.actor, at=timezone.now(), number=number)
    return pdf_response(content, consent.case.number, "電子契約利用承諾書", consent.company_name)


@require_POST
@requires(permissions.can_read)
@hands_out
def consent_received(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Hand out a mailed form as it came in, where the gate had to put it in order."""
    consent = _consent(request, consent_id)
    number = _submission(request, consent, asked=request.POST).number
    content = downloading.take_received_consent(consent, actor=request.actor, at=timezone.now(), number=number)
    return pdf_response(content, consent.case.number, "電子契約利用承諾書", consent.company_name, "受け取ったまま")


@require_POST
@requires(permissions.can_cancel_invitation)
def consent_cancel(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Take an invitation back before the form has come."""
    consent = consenting.cancel(
        _consent(request, consent_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "承諾書の依頼を取り消し、お知らせしました。宛先は名簿で直し、改めて依頼してください。")
    return redirect("case", case_id=consent.case_id)


@require_POST
@requires(permissions.can_accept_consent)
def consent_accept(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Accept the consent; where it differs from the register, only with the tick that says so."""
    consent = _consent(request, consent_id)
    checked = bool(request.POST.get("differences_checked"))
    try:
        consenting.accept(consent, actor=request.actor, at=timezone.now(), differences_checked=checked)
    except consenting.ConsentRefused as refused:
        context = _page(request, consent) | {"refused": str(refused)}
        return render(request, "contracts/cases/consent.html", context, status=422)
    messages.success(request, "承諾を確認しました。すべての承諾がそろうと、契約書を起案できます。")
    return redirect("case", case_id=consent.case_id)


@require_POST
@requires(permissions.can_accept_consent)
def consent_return(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Send the consent back with the reason."""
    consent = consenting.return_(
        _consent(request, consent_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "承諾書を差し戻し、理由をメールで送りました。再提出をお待ちください。")
    return redirect("case", case_id=consent.case_id)


@require_POST
@requires(permissions.can_register)
def consent_ask(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Ask the authority's address once more."""
    consent = addresses.ask_again(_consent(request, consent_id), actor=request.actor, at=timezone.now())
    messages.success(request, f"{consent.authority_email} へ確認のメールを送りました。返事をお待ちください。")
    return redirect("case", case_id=consent.case_id)


@require_POST
@requires(permissions.can_register)
def consent_withdraw(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Register a withdrawal that reached the city by another way."""
    consent = withdrawing.withdraw(
        _consent(request, consent_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "承諾の撤回を登録しました。紙の契約に切り替えるか、承諾書の提出を依頼し直してください。")
    return redirect("case", case_id=consent.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def consent_authority(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Put another authority or address on an accepted consent."""
    consent = _consent(request, consent_id)
    form = AuthorityForm(request.POST or None, consent=consent)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            addresses.change_authority(
                consent, actor=request.actor, at=timezone.now(), answers=form.answers, reason=reason
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "契約締結権限者を変え、新しい宛先へ確認のメールを送りました。")
            return redirect("consent_paper", consent_id=consent.pk)
    context = {"consent": consent, "case": consent.case, "form": form}
    return render(request, "contracts/cases/consent_authority.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def consent_contact(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Put another address of the firm's contact on an accepted consent."""
    consent = _consent(request, consent_id)
    form = ContactForm(request.POST or None, consent=consent)
    if request.method == "POST" and form.is_valid():
        email, reason = form.cleaned_data["contact_email"], form.cleaned_data["reason"]
        try:
            addresses.change_contact(consent, actor=request.actor, at=timezone.now(), email=email, reason=reason)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "契約事務担当者のメールアドレスを変え、契約締結権限者にお知らせしました。")
            return redirect("consent_paper", consent_id=consent.pk)
    context = {"consent": consent, "case": consent.case, "form": form}
    return render(request, "contracts/cases/consent_contact.html", context, status=422 if form.errors else 200)

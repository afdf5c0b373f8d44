"""The checking desk: a certificate is opened, read, and compared with its contract (R91)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.permissions import can_read
from guarantees import permissions, services
from guarantees.forms.checking import RevealForm, SavedScreenForm
from guarantees.models import FactsSource, Guarantee
from guarantees.states import GuaranteeState
from guarantees.views import life, showing
from guarantees.views.rows import rows, tally

READ = "証書から{count}項目を読み取りました。証書と見比べて、違うところを直してから照合してください。"


@require_safe
@requires(can_read)
def guarantee_page(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show a guarantee beside its contract, with what may be done now."""
    guarantee = showing.found(request, guarantee_id)
    if not guarantee.is_electronic:
        return life.record(request, guarantee)
    return showing.page(request, guarantee, editing="edit" in request.GET)


@require_POST
@requires(permissions.may_handle)
@sensitive_variables("shown")
def reveal(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show the key once, on this answer only."""
    guarantee = showing.found(request, guarantee_id)
    form = RevealForm(request.POST, prefix="reveal")
    if not form.is_valid():
        return showing.page(request, guarantee, reveal_form=form)
    shown = services.reveal(guarantee, actor=request.actor, at=timezone.now(), reason=form.cleaned_data["reason"])
    return showing.page(request, guarantee, shown=shown)


@require_POST
@requires(permissions.may_handle)
def ask(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Ask the guarantor for the certificate and compare what it showed."""
    answer = services.ask(showing.found(request, guarantee_id), actor=request.actor, at=timezone.now())
    if answer.why_not:
        messages.error(request, answer.why_not)
    else:
        _tell(request, answer.guarantee)
    return redirect("guarantee", guarantee_id)


@require_POST
@requires(permissions.may_handle)
def read(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Read a saved certificate into the form; a person looks it over before anything is compared."""
    guarantee = showing.found(request, guarantee_id)
    screen = SavedScreenForm(request.POST, request.FILES, prefix="screen")
    if screen.is_valid():
        content = screen.cleaned_data["file"].read()
        try:
            facts = services.read_saved(guarantee, content=content, actor=request.actor, at=timezone.now())
        except Refusal as refused:
            screen.add_error("file", str(refused))
        else:
            messages.info(request, READ.format(count=sum(1 for value in vars(facts).values() if value)))
            form = showing.check_form(guarantee, begin=facts, source=FactsSource.PDF)
            return showing.page(request, guarantee, form=form)
    return showing.page(request, guarantee, screen_form=screen)


@require_POST
@requires(permissions.may_handle)
def compare(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Judge what is typed so far, line by line, while it is being typed; nothing is kept."""
    guarantee = showing.found(request, guarantee_id)
    form = showing.check_form(guarantee, request.POST)
    lines = rows(showing.judged(guarantee, form), form=form)
    return render(request, "guarantees/desk/outcomes.html", {"rows": lines, "tally": tally(lines)})


@require_POST
@requires(permissions.may_handle)
def check(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Take what was read on the certificate and show how it compares."""
    guarantee = showing.found(request, guarantee_id)
    form = showing.check_form(guarantee, request.POST)
    if form.is_valid():
        try:
            checked = services.check(
                guarantee,
                actor=request.actor,
                at=timezone.now(),
                facts=form.facts,
                source=form.source,
                by_eye=form.by_eye,
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            _tell(request, checked)
            return redirect("guarantee", guarantee_id)
    return showing.page(request, guarantee, form=form)


def _tell(request: ActorRequest, checked: Guarantee) -> None:
    tone = messages.SUCCESS if checked.state == GuaranteeState.CHECKED_OK else messages.WARNING
    messages.add_message(request, tone, f"照合しました。結果は「{checked.get_state_display()}」です。")

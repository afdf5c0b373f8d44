"""The page of one guarantee: the desk while a certificate is looked at, and its record afterwards."""

import json
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables

from accounts.requests import ActorRequest
from audit.models import Event
from guarantees import permissions, services
from guarantees.facts import CertificateFacts
from guarantees.forms.checking import AcceptForm, CheckForm, RejectForm, RevealForm, SavedScreenForm
from guarantees.models import Attachment, FactsSource, Guarantee
from guarantees.rules.lines import Finding
from guarantees.views.rows import rows, tally

LONGEST_STORY = 20
_WITH_CASE = ("case__contractor", "case__department", "case__rule_set", "case__tenant", "institution", "routed_to")
_WITH_PEOPLE = ("checked_by", "decided_by", "amends")


def found(request: ActorRequest, guarantee_id: int) -> Guarantee:
    """Find a guarantee that this person may see; 404 for any other."""
    guarantees = Guarantee.objects.visible_to(request.actor).select_related(*_WITH_CASE, *_WITH_PEOPLE)
    return get_object_or_404(guarantees, pk=guarantee_id)  # type: ignore[no-any-return]


def check_form(
    guarantee: Guarantee,
    data: QueryDict | None = None,
    *,
    begin: CertificateFacts | None = None,
    source: FactsSource = FactsSource.TYPED,
) -> CheckForm:
    """Make the form of the desk, beginning with what was read before."""
    expected = services.expected(guarantee, on=timezone.localdate())
    return CheckForm(data, expected=expected, begin=begin or guarantee.certificate_facts, source=source)


@sensitive_variables("shown")
def page(
    request: ActorRequest,
    guarantee: Guarantee,
    *,
    shown: services.Credential | None = None,
    form: CheckForm | None = None,
    editing: bool = False,
    **forms: Any,
) -> HttpResponse:
    """Show the desk; 422 when a form of it has errors. With a key in it, the answer stays out of every cache."""
    may_check = permissions.can_check(request.actor, guarantee)
    if form is None and may_check and (editing or not guarantee.findings):
        form = check_form(guarantee)
    context = _desk(guarantee, form) | _doors(request, guarantee) | {"shown": shown, "check_form": form} | forms
    wrong = any(each.errors for each in (form, *forms.values()) if each is not None)
    response = render(request, "guarantees/guarantee.html", context, status=422 if wrong else 200)
    if shown:
        add_never_cache_headers(response)
    return response


def _desk(guarantee: Guarantee, form: CheckForm | None) -> dict[str, Any]:
    findings = guarantee.findings if form is None else judged(guarantee, form)
    lines = rows(findings, form=form)
    return {
        "guarantee": guarantee,
        "case": guarantee.case,
        "rows": lines,
        "tally": tally(lines),
        "story": _story(guarantee),
    }


def judged(guarantee: Guarantee, form: CheckForm) -> list[dict[str, Any]]:
    """Judge what a form holds so far, as it would be judged when it is sent; nothing is kept."""
    if form.is_bound:
        form.is_valid()
    lines = services.compared(guarantee, facts=form.facts, at=timezone.now(), by_eye=form.by_eye)
    return [line.to_dict() for line in lines]


def _story(guarantee: Guarantee) -> list[tuple[Event, str]]:
    """Tell who did what with a guarantee and when, the last first, each with the reason that was given."""
    thread = Event.objects.of_thread(guarantee.tenant_id, guarantee.case.thread)
    events = thread.filter(subject=f"guarantee:{guarantee.pk}")[:LONGEST_STORY]
    return [(event, json.loads(event.data).get("reason", "")) for event in events]


def _doors(request: ActorRequest, guarantee: Guarantee) -> dict[str, Any]:
    actor = request.actor
    may_accept = permissions.can_accept(actor, guarantee)
    papers = Attachment.objects.visible_to(actor).filter(guarantee=guarantee)
    return {
        "may_handle": permissions.may_handle(actor),
        "may_route": permissions.can_route(actor, guarantee),
        "may_check": permissions.can_check(actor, guarantee),
        "may_accept": may_accept,
        "may_reject": permissions.can_reject(actor, guarantee),
        "may_reveal": permissions.can_reveal(actor, guarantee),
        "may_release": permissions.can_release(actor, guarantee),
        "may_ask": permissions.can_check(actor, guarantee) and services.can_be_asked(guarantee),
        "unsure": any(line["outcome"] == Finding.UNSURE for line in guarantee.findings),
        "papers": list(papers),
        "accept_form": AcceptForm(findings=guarantee.findings, prefix="settle"),
        "reject_form": RejectForm(prefix="reject"),
        "reveal_form": RevealForm(prefix="reveal"),
        "screen_form": SavedScreenForm(prefix="screen"),
    }

"""A case as it is registered, and as it is corrected before its contract."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.dates import wareki
from contracts.forms.cases import CaseForm
from contracts.models import Case, Contractor, RuleSet
from contracts.register import candidates
from contracts.services.cases import registering
from contracts.services.editing import Overtaken
from contracts.views.conflicts import differences, reopen

FACTS = (
    "number",
    "title",
    "place",
    "kind",
    "procurement_method",
    "announced_date",
    "awarded_date",
    "contractor",
    "amount",
    "work_starts_date",
    "work_ends_date",
    "department",
    "needs_council",
    "traits",
)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def case_new(request: ActorRequest) -> HttpResponse:
    """Register a case; its page then says whether it may be contracted electronically, and until when."""
    rule_set = registering.rules_in_force(tenant_id=request.actor.tenant_id, at=timezone.now())
    form = _form(request, rule_set, {})
    if form.is_bound and form.is_valid():
        typed = {name: value for name, value in form.cleaned_data.items() if name in FACTS}
        try:
            case = registering.register(actor=request.actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "案件を登録しました。判定と契約締結期限をご確認ください。")
            return redirect("case", case_id=case.pk)
    return _shown(request, form, {})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_correct)
def case_edit(request: ActorRequest, case_id: int) -> HttpResponse:
    """Correct a case; of two people who do so at once, the second sees what the first one saved."""
    related = ("contractor", "department", "rule_set")
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*related), pk=case_id)
    form = _form(request, case.rule_set, _facts(case) | {"edit_number": case.edit_number})
    conflict = None
    if form.is_bound and form.is_valid():
        try:
            return _corrected(request, case, form)
        except Overtaken as overtaken:
            now = Case.objects.visible_to(request.actor).select_related(*related).get(pk=case_id)
            conflict = differences(form, {name: getattr(now, name) for name in FACTS})
            reopen(form, overtaken, edit_number=now.edit_number)
        except Refusal as refused:
            form.add_error(None, str(refused))
    return _shown(request, form, {"case": case, "conflict": conflict})


def _corrected(request: ActorRequest, case: Case, form: CaseForm) -> HttpResponse:
    typed = {name: value for name, value in form.cleaned_data.items() if name in FACTS}
    edit_number = form.cleaned_data["edit_number"] or 0
    registering.correct(case, actor=request.actor, at=timezone.now(), edit_number=edit_number, **typed)
    messages.success(request, "案件を訂正しました。判定と契約締結期限は、登録したときの規程で計算し直しています。")
    return redirect("case", case_id=case.pk)


def _form(request: ActorRequest, rule_set: RuleSet, initial: dict[str, Any]) -> CaseForm:
    """Make the form: as typed, or with what was typed so far while the awardee is still being searched for."""
    if request.method == "POST" and "search" in request.POST:
        initial = initial | request.POST.dict() | {"traits": request.POST.getlist("traits")}
        return CaseForm(initial=initial, actor=request.actor, data=rule_set.data)
    data = request.POST if request.method == "POST" else None
    return CaseForm(data, initial=initial, actor=request.actor, data=rule_set.data)


def _facts(case: Case) -> dict[str, Any]:
    """Give the form what the case says now, days as people write them."""
    found = {name: getattr(case, name) for name in FACTS}
    days = {name: wareki(value) for name, value in found.items() if name.endswith("_date")}
    chosen = {"contractor": case.contractor_id, "department": case.department_id}
    return found | days | chosen | {"amount": f"{case.amount:,}"}


def _shown(request: ActorRequest, form: CaseForm, context: dict[str, Any]) -> HttpResponse:
    words = request.POST.get("contractor_words", "").strip()
    chosen = _chosen(request, form)
    context |= {
        "form": form,
        "words": words,
        "chosen": chosen,
        "candidates": candidates(words, actor=request.actor, chosen=chosen),
    }
    status = 409 if context.get("conflict") else 422 if form.is_bound and form.errors else 200
    return render(request, "contracts/cases/new.html", context, status=status)


def _chosen(request: ActorRequest, form: CaseForm) -> Contractor | None:
    value = str(form["contractor"].value() or "")
    if not (value.isdecimal() and len(value) < 19):
        return None
    found: Contractor | None = Contractor.objects.visible_to(request.actor).filter(pk=int(value)).first()
    return found

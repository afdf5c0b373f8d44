"""What is asked of the awardee first, and the way to paper."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.staff import PaperChangeForm, PaperForm
from contracts.models import Case
from contracts.services.cases import papering, registering
from contracts.services.consents import consenting
from contracts.views.answers import addresses_checked


@require_POST
@requires(permissions.can_register)
def case_invite(request: ActorRequest, case_id: int) -> HttpResponse:
    """Ask the awardee for the consent form, or send the request again."""
    invited = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    asked = consenting.invite(
        invited, actor=request.actor, at=timezone.now(), addresses_checked=addresses_checked(request)
    )
    firms = "、".join(consent.contractor.full_name for consent in asked)
    messages.success(request, f"{firms}へ承諾書の依頼メールを送りました。提出をお待ちください。")
    return redirect("case", case_id=case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_switch_to_paper)
def case_paper(request: ActorRequest, case_id: int) -> HttpResponse:
    """Record that a case was contracted on paper."""
    switched = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    form = PaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registering.switch_to_paper(switched, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "紙の契約として記録しました。承諾書と署名依頼は無効になりました。")
            return redirect("case", case_id=case_id)
    context = {"form": form, "case": switched}
    return render(request, "contracts/cases/paper.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_change_on_paper)
def case_change_on_paper(request: ActorRequest, case_id: int) -> HttpResponse:
    """Record an amendment that was concluded on paper."""
    case: Case = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    known = {name: getattr(case, name) for name in ("amount", "work_starts_date", "work_ends_date")}
    form = PaperChangeForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            papering.change(case, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "紙の変更契約を登録しました。")
            return redirect("case", case_id=case_id)
    context = {"form": form, "case": case}
    return render(request, "contracts/cases/paper_change.html", context, status=422 if form.errors else 200)

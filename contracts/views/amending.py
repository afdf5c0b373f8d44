"""After the conclusion, and beside the way: 変更契約, 訂正合意, 取りやめ, 議決, 署名者変更."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.amending import AmendForm, PlanForm, ReassignForm, VoteForm
from contracts.models import Case, Contract, ContractKind, Party, SigningStep
from contracts.services.cases import amending, council
from contracts.services.signatures import reassigning
from contracts.shield import Doubt
from contracts.views.answers import addresses_checked, reason_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def case_amend(request: ActorRequest, case_id: int) -> HttpResponse:
    """Open an amendment or a correction; where the parent is on paper, say why not and what to do (R43)."""
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related("contractor"), pk=case_id)
    try:
        amending.refuse_without_parent(case)
        obstacle = ""
    except Refusal as refused:
        obstacle = str(refused)
    form = AmendForm(request.POST or None, actor=request.actor, initial={"kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            version = amending.amend(
                case,
                actor=request.actor,
                at=timezone.now(),
                signatory=typed["signatory"].user,
                reason=typed["reason"],
                kind=ContractKind(typed["kind"]),
                is_provisional=typed["is_provisional"],
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "起案を始めました。変わるところを入力し、庁内の決裁を依頼してください。")
            return redirect("version_edit", version_id=version.pk)
    context = {"form": form, "case": case, "obstacle": obstacle}
    return render(request, "contracts/cases/amend.html", context, status=422 if form.errors else 200)


@require_POST
@requires(permissions.can_drop)
def contract_drop(request: ActorRequest, contract_id: int) -> HttpResponse:
    """Give an amendment or correction up for good."""
    contract = get_object_or_404(Contract.objects.visible_to(request.actor), pk=contract_id)
    contract = amending.drop(contract, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, f"{contract.label}を取りやめました。契約は前の内容のまま有効です。")
    return redirect("case", case_id=contract.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_record_vote)
def contract_vote(request: ActorRequest, contract_id: int) -> HttpResponse:
    """Note the day on which the council is to vote, or how it voted."""
    rows = Contract.objects.visible_to(request.actor).select_related("case__contractor")
    contract: Contract = get_object_or_404(rows, pk=contract_id)
    planning = request.POST.get("act") == "plan"
    plan = PlanForm(request.POST if planning else None, prefix="plan", initial={"day": contract.council_planned_date})
    vote = VoteForm(request.POST if request.method == "POST" and not planning else None)
    if request.method == "POST" and _recorded(request, contract, plan=plan, vote=vote, planning=planning):
        return redirect("case", case_id=contract.case_id)
    context = {"contract": contract, "case": contract.case, "plan": plan, "vote": vote}
    status = 422 if plan.errors or vote.errors else 200
    return render(request, "contracts/cases/vote.html", context, status=status)


def _recorded(request: ActorRequest, contract: Contract, *, plan: PlanForm, vote: VoteForm, planning: bool) -> bool:
    form = plan if planning else vote
    if not form.is_valid():
        return False
    try:
        if planning:
            council.plan(contract, actor=request.actor, at=timezone.now(), day=form.cleaned_data["day"])
            messages.success(request, "議決の予定日を登録しました。")
        else:
            council.record_vote(contract, actor=request.actor, at=timezone.now(), **vote.answer)
            messages.success(request, "議決の結果を登録し、両者へお知らせしました。")
    except Refusal as refused:
        form.add_error(None, str(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def step_reassign(request: ActorRequest, step_id: int) -> HttpResponse:
    """Put another person or address in a contractor's place; the old link dies at once."""
    rows = SigningStep.objects.visible_to(request.actor).filter(party=Party.CONTRACTOR)
    step: SigningStep = get_object_or_404(rows.select_related("version__contract__case", "contractor"), pk=step_id)
    known = {"title": step.title, "name": step.name, "email": step.email}
    form = ReassignForm(request.POST or None, initial=known)
    doubts: Sequence[Doubt] = ()
    if request.method == "POST" and form.is_valid():
        try:
            reassigning.reassign(
                step,
                actor=request.actor,
                at=timezone.now(),
                addresses_checked=addresses_checked(request),
                **form.cleaned_data,
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
            doubts = getattr(refused, "doubts", ())
        else:
            messages.success(request, "署名者を変更しました。前の署名者のリンクは使えなくなりました。")
            return redirect("case", case_id=step.version.contract.case_id)
    context = {"form": form, "step": step, "case": step.version.contract.case, "doubts": doubts}
    return render(request, "contracts/cases/reassign.html", context, status=422 if form.errors else 200)

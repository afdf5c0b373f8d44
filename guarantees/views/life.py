"""The life of guarantees beside the certificate: what is expected, what came on paper, what goes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import Case
from guarantees import permissions, services
from guarantees.forms.life import CompletionForm, PaperForm, ReasonForm, WantForm
from guarantees.models import Guarantee


@dataclass(frozen=True)
class Step:
    """A page with one form: what it is called, what follows, what its button says, and where 「やめる」 leads."""

    title: str
    lead: str
    button: str
    back: str
    danger: bool = False


@require_POST
@requires(permissions.may_handle)
def invite(request: ActorRequest, case_id: int) -> HttpResponse:
    """Send the contractor the invitation once more."""
    case = services.invite_again(_case(request, case_id), actor=request.actor, at=timezone.now())
    messages.success(request, f"{case.contractor.name}へ、保証の提出の案内をもう一度お送りします。")
    return redirect("case", case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def want(request: ActorRequest, case_id: int) -> HttpResponse:
    """Say that a guarantee is wanted, 前払金保証 above all."""
    case = _case(request, case_id)
    step = Step(
        "保証を求める",
        "選んだ保証を「提出待ち」に加えます。受注者は、案内のリンクから登録できます。",
        "提出待ちに加える",
        reverse("case", args=[case.pk]),
    )
    form = WantForm(request.POST or None, case=case)

    def act(**typed: Any) -> str:
        wanted = services.want(case, actor=request.actor, at=timezone.now(), **typed)
        return f"{wanted.get_type_display()}を提出待ちに加えました。"

    return _step(request, step, case, form, act)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def paper(request: ActorRequest, case_id: int) -> HttpResponse:
    """Record a guarantee received on paper, or cash."""
    case = _case(request, case_id)
    step = Step(
        "紙で受け取った保証",
        "紙の証書、銀行等の保証、現金を記録します。紙で受け取った保証に、認証キーはありません。",
        "受け取りを登録する",
        reverse("case", args=[case.pk]),
    )

    def act(**typed: Any) -> str:
        taken = services.receive_paper(case, actor=request.actor, at=timezone.now(), **typed)
        return f"{taken.get_type_display()}を紙で受け取ったことを登録しました。"

    return _step(request, step, case, PaperForm(request.POST or None), act)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def complete(request: ActorRequest, case_id: int) -> HttpResponse:
    """Record the completion of the works, with which all guarantees go back."""
    case = _case(request, case_id)
    due = "規程の日数の後に、認証キーを自動で消します。照合の記録は残ります。"
    step = Step(
        "工事の完成を登録する",
        f"受け取った保証をすべて返還・解除とし、提出待ちの保証を不要とします。{due}この登録は取り消せません。",
        "完成を登録する",
        reverse("case", args=[case.pk]),
        danger=True,
    )

    def act(**typed: Any) -> str:
        services.complete(case, actor=request.actor, at=timezone.now(), **typed)
        return "工事の完成を登録しました。受け取った保証は返還・解除になりました。"

    return _step(request, step, case, CompletionForm(request.POST or None), act)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def dismiss(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Note that an expected guarantee is not needed."""
    guarantee = _guarantee(request, guarantee_id)
    step = Step(
        f"{guarantee.get_type_display()}を不要にする",
        "提出を待つのをやめます。必要になったときは、案件の画面からもう一度求められます。",
        "不要にする",
        reverse("guarantee", args=[guarantee.pk]),
    )

    def act(reason: str) -> str:
        services.dismiss(guarantee, actor=request.actor, at=timezone.now(), reason=reason)
        return f"{guarantee.get_type_display()}を不要にしました。"

    return _step(request, step, guarantee.case, ReasonForm(request.POST or None), act)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def release(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Give one guarantee back before the completion."""
    guarantee = _guarantee(request, guarantee_id)
    step = Step(
        f"{guarantee}を返還・解除する",
        "契約の解除などで、完成の前にこの保証を返すときに使います。取り消せません。",
        "返還・解除する",
        reverse("guarantee", args=[guarantee.pk]),
        danger=True,
    )

    def act(reason: str) -> str:
        services.release(guarantee, actor=request.actor, at=timezone.now(), reason=reason)
        return "保証を返還・解除しました。"

    return _step(request, step, guarantee.case, ReasonForm(request.POST or None), act)


def record(request: ActorRequest, guarantee: Guarantee) -> HttpResponse:
    """Show a guarantee that is no electronic certificate: expected, not needed, or on paper."""
    actor = request.actor
    context = {
        "guarantee": guarantee,
        "case": guarantee.case,
        "may_register": permissions.can_dismiss(actor, guarantee),
        "may_dismiss": permissions.can_dismiss(actor, guarantee),
        "may_release": permissions.can_release(actor, guarantee),
    }
    return render(request, "guarantees/record.html", context)


def _step(request: ActorRequest, step: Step, case: Case, form: forms.Form, act: Callable[..., str]) -> HttpResponse:
    """Show the form, or do what it says and go back; what is refused is said above the form."""
    if form.is_valid():
        try:
            messages.success(request, act(**form.cleaned_data))
            return redirect(step.back)
        except Refusal as refused:
            form.add_error(None, str(refused))
    context = {"step": step, "case": case, "form": form}
    return render(request, "guarantees/step.html", context, status=422 if form.errors else 200)


def _case(request: ActorRequest, case_id: int) -> Case:
    rows = Case.objects.visible_to(request.actor).select_related("contractor", "department", "rule_set", "tenant")
    return get_object_or_404(rows, pk=case_id)  # type: ignore[no-any-return]


def _guarantee(request: ActorRequest, guarantee_id: int) -> Guarantee:
    rows = Guarantee.objects.visible_to(request.actor).select_related("case")
    return get_object_or_404(rows, pk=guarantee_id)  # type: ignore[no-any-return]

"""The page of a case's advance payments: what may be paid, what waits, what was paid, and the buttons of a clerk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import Case
from contracts.permissions import can_read
from guarantees.advances import account, permissions, services, sharing
from guarantees.advances.account import PAID_KINDS
from guarantees.advances.forms import BasisForm, CancelForm, CertifyForm, ClaimForm, SettleForm
from guarantees.models import AdvanceKind, AdvancePayment
from guarantees.permissions import may_handle
from guarantees.states import UNPAID


@dataclass(frozen=True)
class Open:
    """One advance that waits for a clerk, with its forms."""

    advance: AdvancePayment
    may_settle: bool
    settle_form: SettleForm
    cancel_form: CancelForm


@require_safe
@requires(can_read)
def advances(request: ActorRequest, case_id: int) -> HttpResponse:
    """Show what of a price was and may be paid in advance."""
    return _page(request, _case(request, case_id))


@require_POST
@requires(may_handle)
def claim(request: ActorRequest, case_id: int) -> HttpResponse:
    """Take a claim for an advance."""
    case = _case(request, case_id)
    form = ClaimForm(request.POST, prefix="claim")

    def act() -> str:
        taken = services.claim(case, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        return f"{taken.get_kind_display()}の請求を受け付けました。期限までに支払い、支払った日を登録してください。"

    return _acted(request, case, form, act, claim_form=form)


@require_POST
@requires(may_handle)
def certify(request: ActorRequest, case_id: int) -> HttpResponse:
    """Recognise that an interim advance may be claimed."""
    case = _case(request, case_id)
    form = CertifyForm(request.POST, prefix="certify")

    def act() -> str:
        services.certify(case, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        return "中間前払金を認定しました。受注者へメールでお知らせします。"

    return _acted(request, case, form, act, certify_form=form)


@require_POST
@requires(may_handle)
def basis(request: ActorRequest, case_id: int) -> HttpResponse:
    """Set what the amounts are reckoned from."""
    case = _case(request, case_id)
    form = BasisForm(request.POST, prefix="basis", found=account.of(case))

    def act() -> str:
        services.set_basis(case, actor=request.actor, at=timezone.now(), **form.typed)
        return "対象額などを登録しました。必要な保証金額も、これに合わせました。"

    return _acted(request, case, form, act, basis_form=form)


@require_POST
@requires(may_handle)
def ask(request: ActorRequest, case_id: int, kind: str) -> HttpResponse:
    """Ask for the guarantee that the next claim needs."""
    case = _case(request, case_id)
    if kind not in PAID_KINDS:
        raise Http404
    wanted = services.ask_for_cover(case, actor=request.actor, at=timezone.now(), kind=kind)
    what = "変更の証書" if wanted.amends_id else wanted.get_type_display()
    messages.success(request, f"{what}を「提出待ち」に加えました。受注者は、案内のリンクから登録できます。")
    return redirect("advances", case.pk)


@require_POST
@requires(may_handle)
def settle(request: ActorRequest, advance_id: int) -> HttpResponse:
    """Note the day on which an advance was paid, or a refund came in."""
    advance = _advance(request, advance_id)
    is_refund = advance.kind == AdvanceKind.REFUND
    form = SettleForm(request.POST, prefix=f"settle{advance.pk}", kind=advance.kind)

    def act() -> str:
        now, day = timezone.now(), form.cleaned_data["day"]
        if is_refund:
            services.take_back(advance, actor=request.actor, at=now, refunded_date=day)
            return "返還を受けたことを登録しました。"
        services.pay(advance, actor=request.actor, at=now, paid_date=day)
        return "支払を登録しました。受注者へメールでお知らせします。"

    return _acted(request, advance.case, form, act, settled=(advance.pk, form))


@require_POST
@requires(may_handle)
def cancel(request: ActorRequest, advance_id: int) -> HttpResponse:
    """End what waits, with the reason the contractor is told."""
    advance = _advance(request, advance_id)
    form = CancelForm(request.POST, prefix=f"cancel{advance.pk}")

    def act() -> str:
        services.cancel(advance, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        return "取り消しました。受注者へ理由をメールでお知らせします。"

    return _acted(request, advance.case, form, act, cancelled=(advance.pk, form))


def _acted(request: ActorRequest, case: Case, form: forms.Form, act: Callable[[], str], **shown: Any) -> HttpResponse:
    """Do what a valid form asks for and go back to the page; show the form again with what stands against it."""
    if form.is_valid():
        try:
            messages.success(request, act())
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("advances", case.pk)
    return _page(request, case, **shown)


def _case(request: ActorRequest, case_id: int) -> Case:
    rows = Case.objects.visible_to(request.actor).select_related("contractor", "rule_set", "tenant")
    case: Case = get_object_or_404(rows, pk=case_id)
    return case


def _advance(request: ActorRequest, advance_id: int) -> AdvancePayment:
    found: AdvancePayment = get_object_or_404(_rows(request), pk=advance_id)
    return found


def _rows(request: ActorRequest) -> Any:
    rows = AdvancePayment.objects.visible_to(request.actor)
    return rows.select_related("case__contractor", "case__rule_set", "case__tenant", "certified_by")


def _page(request: ActorRequest, case: Case, **shown: Any) -> HttpResponse:
    if obstacle := account.obstacle(case):
        return render(request, "guarantees/advances.html", {"case": case, "obstacle": obstacle})
    found = account.of(case)
    rows = list(_rows(request).filter(case=case).order_by("pk"))
    shares = sharing.shares(found, rows, awaited=sharing.awaited(request.actor, case))
    given = {name: form for name, form in shown.items() if name.endswith("_form")}
    context = {
        "case": case,
        "found": found,
        "shares": shares,
        "may_certify": any(share.may_certify for share in shares),
        "open": [_open(request, row, shown) for row in rows if row.state in UNPAID],
        "closed": [row for row in rows if row.state not in UNPAID],
        "may_handle": may_handle(request.actor),
        "claim_form": ClaimForm(prefix="claim", kinds=[share.kind for share in shares if share.may_claim]),
        "certify_form": CertifyForm(prefix="certify"),
        "basis_form": BasisForm(prefix="basis", found=found),
    } | given
    return render(request, "guarantees/advances.html", context, status=422 if shown else 200)


def _open(request: ActorRequest, row: AdvancePayment, shown: dict[str, Any]) -> Open:
    settled, cancelled = (dict([shown[name]] if name in shown else []) for name in ("settled", "cancelled"))
    actor = request.actor
    return Open(
        advance=row,
        may_settle=permissions.can_pay(actor, row) or permissions.can_take_back(actor, row),
        settle_form=settled.get(row.pk) or SettleForm(prefix=f"settle{row.pk}", kind=row.kind),
        cancel_form=cancelled.get(row.pk) or CancelForm(prefix=f"cancel{row.pk}"),
    )

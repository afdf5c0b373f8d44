"""A form that a firm sent by mail, registered by staff (備考1, R47, R54)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.consents import MailedConsentForm
from contracts.models import Case, Contractor
from contracts.services.consents import consenting
from contracts.services.signatures import ordering


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def consent_mailed(request: ActorRequest, case_id: int, firm_id: int) -> HttpResponse:
    """Take down what a mailed form says, with its PDF; the authority's address is then asked."""
    related = ("contractor", "rule_set", "tenant")
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*related), pk=case_id)
    firm = _firm(case, firm_id)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = MailedConsentForm(data, files, consent=consenting.prefilled(case, firm), city=case.tenant)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"]
        try:
            consent = consenting.register_mailed(
                case, firm, actor=request.actor, at=timezone.now(), answers=form.answers, content=content
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"承諾書を登録し、{consent.authority_email} へ確認のメールを送りました。")
            return redirect("case", case_id=case.pk)
    context = {"case": case, "firm": firm, "form": form}
    return render(request, "contracts/cases/consent_mailed.html", context, status=422 if form.errors else 200)


def _firm(case: Case, firm_id: int) -> Contractor:
    """Find one of the firms that contract for the case; raises Http404 for any other."""
    for firm in ordering.firms_of(case):
        if firm.pk == firm_id:
            return firm
    raise Http404

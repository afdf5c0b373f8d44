"""The access code of a contractor's signature: made by staff, shown once, passed on by another way than mail."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import passcodes, permissions
from contracts.forms.codes import ConveyForm
from contracts.models import Consent, Party, SigningStep
from contracts.services.signatures import codes
from contracts.states import ConsentState


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_make_code)
def step_code(request: ActorRequest, step_id: int) -> HttpResponse:
    """Ask how the code will be told; then show it, this once."""
    step = _step(request, step_id)
    if not permissions.can_make_code(request.actor, step):
        raise Refusal("アクセスコードを作れるのは、アクセスコードを求める署名を依頼している間だけです。")
    phone, before = _phone(request, step), codes.living(step)
    initial = {"channel": "phone", "place": phone, "instead_of": before and before.pk}
    form = ConveyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _made(request, step, form)
    context = {"form": form, "step": step, "case": step.version.case, "phone": phone, "before": before}
    return render(request, "contracts/cases/code.html", context, status=422 if form.errors else 200)


def _made(request: ActorRequest, step: SigningStep, form: ConveyForm) -> HttpResponse:
    code = codes.issue(
        step,
        actor=request.actor,
        at=timezone.now(),
        conveyed=form.conveyed,
        instead_of=form.cleaned_data["instead_of"],
    )
    context = {
        "step": step,
        "case": step.version.case,
        "code": passcodes.grouped(code),
        "letters": passcodes.spelled(code),
        "conveyed": form.conveyed,
    }
    response = render(request, "contracts/cases/code_made.html", context)
    add_never_cache_headers(response)
    return response


def _step(request: ActorRequest, step_id: int) -> SigningStep:
    rows = SigningStep.objects.visible_to(request.actor).filter(party=Party.CONTRACTOR)
    related = ("version__contract__case__department", "version__contract__case__tenant", "contractor")
    step: SigningStep = get_object_or_404(rows.select_related(*related), pk=step_id)
    return step


def _phone(request: ActorRequest, step: SigningStep) -> str:
    """Propose the telephone number of the firm's contact, as the consent names it."""
    rows = Consent.objects.visible_to(request.actor).filter(
        case=step.version.case, contractor_id=step.contractor_id, state=ConsentState.ACCEPTED
    )
    return rows.values_list("contact_phone", flat=True).first() or ""

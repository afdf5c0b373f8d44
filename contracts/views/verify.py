"""Verify any PDF, for anyone: read once, judged, not kept (R72–R82)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts.forms.contractor import VerifyForm
from signing import setup
from signing.results import DocumentTimestampReport, Report, SignatureReport, Verdict
from signing.verification import verify

TONES = {Verdict.VALID: "success", Verdict.INDETERMINATE: "warning", Verdict.INVALID: "error", Verdict.UNSIGNED: "info"}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def public_verify(request: ActorRequest) -> HttpResponse:
    """Take a PDF and say in plain words what Acrobat's signature panel would."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    if request.method != "POST" or not form.is_valid():
        return render(request, "contracts/verify.html", {"form": form}, status=422 if form.is_bound else 200)
    report = verify(form.cleaned_data["file"], trust=setup.trust())
    context = {"form": VerifyForm(), "name": form.name, **report_context(report)}
    return render(request, "contracts/verify.html", context)


def report_context(report: Report) -> dict[str, object]:
    """Give a report page the report, its colour and its signatures in the order of the revisions."""
    every: list[SignatureReport | DocumentTimestampReport] = [*report.signatures, *report.timestamps]
    seals = sorted(every, key=lambda seal: seal.revision)
    return {"report": report, "tone": TONES[report.verdict], "seals": seals}

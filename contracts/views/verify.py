"""Verify any PDF, for anyone: read once, judged, not kept (R72–R82)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import speaks_english
from accounts.limits import limited
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts import originals, turning
from contracts.forms.contractor import VerifyForm, VersionForm
from contracts.views.answers import pdf_response
from signing import excerpt, setup
from signing.pages import PageMissing
from signing.results import DocumentTimestampReport, Report, SignatureReport, Verdict
from signing.texts import Unreadable
from signing.verification import losses, verify
from signing.verification.problems import NO_CHAIN

Seal = SignatureReport | DocumentTimestampReport
TONES = {Verdict.VALID: "success", Verdict.INDETERMINATE: "warning", Verdict.INVALID: "error", Verdict.UNSIGNED: "info"}


@dataclass(frozen=True)
class Row:
    """One signature or document timestamp, and what this installation knows of it besides.

    `is_stranger`: its issuer is not on our list, which says nothing against the signature (other vendors, AATL).
    """

    seal: Seal
    name: str
    issuer: str
    root: str
    is_stranger: bool
    is_accredited: bool
    is_trial: bool
    signature_type: str


@public
@speaks_english
@require_http_methods(["GET", "HEAD", "POST"])
@limited("verified")
def public_verify(request: ActorRequest) -> HttpResponse:
    """Take a PDF and say in plain words what Acrobat's signature panel would."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    if request.method != "POST" or not form.is_valid():
        return _page(request, {"form": form}, status=422 if form.is_bound else 200)
    content = form.cleaned_data["file"]
    report = verify(content, trust=setup.trust())
    context: dict[str, object] = {"name": form.name, "remains": losses.remains(content, report), "may_turn": True}
    if report.verdict in {Verdict.UNSIGNED, Verdict.INVALID}:
        context["original"] = originals.original_of(content, actor=request.actor)
    return _page(request, context | report_context(report) | _opened(content, form.wanted))


@public
@speaks_english
@require_POST
@limited("verified")
def public_version(request: ActorRequest) -> HttpResponse:
    """Take a PDF and hand it back as it stood at one of its versions (R80); the file is read once and not kept."""
    form = VersionForm(request.POST, request.FILES, auto_id="version_%s")
    content = None
    if form.is_valid():
        content = excerpt.as_of(form.cleaned_data["file"], form.cleaned_data["version"])
        if content is None:
            form.add_error("version", gettext("このファイルに、その番号の版はありません。"))
    if content is None:
        return _page(request, {"version_form": form}, status=422)
    return pdf_response(content, form.name.removesuffix(".pdf"), f"版{form.cleaned_data['version']}")


@public
@require_safe
def acrobat(request: ActorRequest) -> HttpResponse:
    """Teach how to check a contract in Acrobat's signature panel (R82)."""
    return render(request, "contracts/acrobat.html")


@public
@require_safe
def trial_root(_request: ActorRequest) -> HttpResponse:
    """Hand out the root certificate of a trial installation, to be trusted in Acrobat; a real one has no such page."""
    if not settings.TEST_CERTIFICATE:
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="musubi-trial-root.cer"'}
    return HttpResponse(setup.trust().roots[0].dump(), content_type="application/pkix-cert", headers=headers)


def _opened(content: bytes, wanted: tuple[int, int] | None) -> dict[str, object]:
    """Give the pages of a version that were asked for, or why they cannot be shown."""
    if wanted is None:
        return {}
    try:
        opened = turning.open_at(content, version=wanted[0], page=wanted[1])
    except (PageMissing, Unreadable) as told:
        return {"not_opened": str(told)}
    return (
        {"opened": opened} if opened else {"not_opened": gettext_noop("このファイルに、その版やページはありません。")}
    )


def _page(request: ActorRequest, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Answer with the page; where its script asked, with its answer alone, so that the chosen file stays chosen."""
    forms = {"form": VerifyForm(), "version_form": VersionForm(auto_id="version_%s")}
    is_part = "HX-Request" in request.headers
    template = "contracts/verify/_answer.html" if is_part else "contracts/verify/verify.html"
    response = render(request, template, {**forms, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def report_context(report: Report, *, types: Mapping[str, str] | None = None) -> dict[str, object]:
    """Give a report page the report, its colour and its signatures in the order of the revisions.

    `types` names the signature types (R35) of fields that are known.
    """
    every: list[Seal] = [*report.signatures, *report.timestamps]
    rows = [_row(seal, types or {}) for seal in sorted(every, key=lambda seal: seal.revision)]
    return {"report": report, "tone": TONES[report.verdict], "rows": rows}


def _row(seal: Seal, types: Mapping[str, str]) -> Row:
    stamped = seal.tsa_chain if isinstance(seal, SignatureReport) else seal.chain
    signer = seal.signer if isinstance(seal, SignatureReport) else seal.tsa
    return Row(
        seal=seal,
        name=signer or gettext_noop("署名者不明"),
        issuer=seal.chain[-1].issuer if seal.chain else "",
        root=seal.chain[-1].subject if seal.chain else "",
        is_stranger=any(each.code == NO_CHAIN.code for each in seal.problems),
        is_accredited=setup.authorities().accredit(each.sha256 for each in stamped),
        is_trial=settings.TEST_CERTIFICATE and seal.trusted,
        signature_type=types.get(seal.field, ""),
    )

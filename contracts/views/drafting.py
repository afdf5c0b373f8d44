"""From the draft to the request for signature: documents, internal approval, recall, fresh download links."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.staff import DocumentForm, DraftForm
from contracts.models import Case, ContractVersion, DocumentKind, SigningStep
from contracts.services import approving, downloading, drafting, ending
from contracts.views.answers import reason_of


def _version(request: ActorRequest, version_id: int) -> ContractVersion:
    rows = ContractVersion.objects.visible_to(request.actor).select_related("contract__case", "tenant")
    version: ContractVersion = get_object_or_404(rows, pk=version_id)
    return version


def _back(version: ContractVersion) -> HttpResponse:
    return redirect("case", case_id=version.contract.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_draft)
def case_draft(request: ActorRequest, case_id: int) -> HttpResponse:
    """Draft the contract: the document is made from the case, the signing order from the consent."""
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related("contractor"), pk=case_id)
    form = DraftForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        signatory = form.cleaned_data["signatory"].user
        try:
            drafting.draft(case, actor=request.actor, at=timezone.now(), signatory=signatory)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "契約書を作りました。内容を確かめ、仕様書などを加えてください。")
            return redirect("case", case_id=case_id)
    context = {"form": form, "case": case}
    return render(request, "contracts/cases/draft.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def document_add(request: ActorRequest, version_id: int) -> HttpResponse:
    """Add an uploaded PDF to the draft."""
    version = _version(request, version_id)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*posted, city=request.city)
    if request.method == "POST" and form.is_valid() and _added(request, version, form):
        messages.success(request, "文書を加え、内容を凍結しました。そろったら、庁内の承認を依頼してください。")
        return _back(version)
    context = {"form": form, "version": version, "case": version.contract.case}
    return render(request, "contracts/cases/document_add.html", context, status=422 if form.errors else 200)


def _added(request: ActorRequest, version: ContractVersion, form: DocumentForm) -> bool:
    file = form.cleaned_data["file"]
    try:
        drafting.add_document(
            version,
            actor=request.actor,
            at=timezone.now(),
            kind=DocumentKind(form.cleaned_data["kind"]),
            title=form.cleaned_data["title"],
            content=file.read(),
            filename=file.name,
        )
    except Refusal as refused:
        form.add_error("file", str(refused))
        return False
    return True


@require_POST
@requires(permissions.can_register)
def version_submit(request: ActorRequest, version_id: int) -> HttpResponse:
    """Ask for internal approval."""
    version = drafting.submit(_version(request, version_id), actor=request.actor, at=timezone.now())
    messages.success(request, "承認を依頼しました。承認者にメールでお知らせしています。")
    return _back(version)


@require_POST
@requires(permissions.may_approve)
def version_approve(request: ActorRequest, version_id: int) -> HttpResponse:
    """Approve, and send the request for signature."""
    version = approving.approve(_version(request, version_id), actor=request.actor, at=timezone.now())
    messages.success(request, "承認し、受注者へ署名を依頼しました。相手方の署名をお待ちください。")
    return _back(version)


@require_POST
@requires(permissions.may_approve)
def version_return(request: ActorRequest, version_id: int) -> HttpResponse:
    """Send the draft back to its drafter."""
    version = _version(request, version_id)
    version = approving.return_(version, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, "起案を差し戻し、起案者に理由をお知らせしました。")
    return _back(version)


@require_POST
@requires(permissions.can_register)
def version_recall(request: ActorRequest, version_id: int) -> HttpResponse:
    """Take the request for signature back."""
    version = _version(request, version_id)
    version = ending.recall(version, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, "署名依頼を取り下げました。直したら、もう一度起案してください。")
    return _back(version)


@require_POST
@requires(permissions.can_register)
def link_reissue(request: ActorRequest, version_id: int, step_id: int) -> HttpResponse:
    """Send one party a fresh download link."""
    version = _version(request, version_id)
    rows = SigningStep.objects.visible_to(request.actor).filter(version=version)
    step = get_object_or_404(rows.select_related("version__contract__case__tenant"), pk=step_id)
    downloading.reissue(version, step=step, actor=request.actor, at=timezone.now())
    messages.success(
        request, f"{step.name} 様へ新しいダウンロードのリンクを送りました。前のリンクは使えなくなりました。"
    )
    return _back(version)

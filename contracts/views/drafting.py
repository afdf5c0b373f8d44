"""The draft of a version: its front sheet, its documents, the request for approval, and how it may be given up."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from audit.models import Event
from contracts import permissions
from contracts.forms.drafting import SheetForm, SignatoryForm, shown, typed
from contracts.forms.uploads import DocumentForm
from contracts.models import Case, ContractKind, ContractVersion, Document, DocumentKind, SigningStep
from contracts.services.editing import Overtaken
from contracts.services.mails import shielding
from contracts.services.signatures import downloading, ending
from contracts.services.versions import comparing, drafting, sheets
from contracts.states import ENDED_VERSIONS
from contracts.views.answers import addresses_checked, edit_number_of, reason_of, version_of
from contracts.views.conflicts import reopen

PUT_IN_ORDER = (
    "整えて受け付けました。下の「整えたこと」と文書の見え方を確かめてください。"
    "思っていたものと違うときは、外して、元のファイルを直してから加え直せます。"
)


def _back(version: ContractVersion) -> HttpResponse:
    return redirect("case", case_id=version.contract.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_draft)
def case_draft(request: ActorRequest, case_id: int) -> HttpResponse:
    """Start the original contract, or its next version after one ended; its sheet is then filled in."""
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related("contractor"), pk=case_id)
    form = SignatoryForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        signatory = form.cleaned_data["signatory"].user
        try:
            version = drafting.draft(case, actor=request.actor, at=timezone.now(), signatory=signatory)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "起案を始めました。契約の条件を確かめ、仕様書などを加えてください。")
            return redirect("version_edit", version_id=version.pk)
    context = {"form": form, "case": case, "ended": _ended(request, case)}
    return render(request, "contracts/versions/new.html", context, status=422 if form.errors else 200)


def _ended(request: ActorRequest, case: Case) -> ContractVersion | None:
    """Find the version whose content the next one takes over."""
    rows = ContractVersion.objects.visible_to(request.actor).filter(
        contract__case=case, contract__kind=ContractKind.ORIGINAL, state__in=ENDED_VERSIONS
    )
    ended: ContractVersion | None = rows.order_by("-number").first()
    return ended


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def version_edit(request: ActorRequest, version_id: int) -> HttpResponse:
    """Fill in the front sheet of a draft; of two people who do so at once, the second sees what the first saved."""
    version = _draft(request, version_id)
    form = _sheet_form(request, version)
    conflict: tuple[Any, ...] | None = None
    if form.is_bound and form.is_valid():
        try:
            return _saved(request, version, form)
        except Overtaken as overtaken:
            version = _draft(request, version_id)
            conflict = _at_odds(version, form)
            reopen(form, overtaken, edit_number=version.edit_number)
        except Refusal as refused:
            form.add_error(None, str(refused))
    context = _page(request, version) | {"form": form, "conflict": conflict}
    status = 409 if conflict is not None else 422 if form.is_bound and form.errors else 200
    return render(request, "contracts/versions/edit.html", context, status=status)


def _draft(request: ActorRequest, version_id: int) -> ContractVersion:
    version = version_of(request, version_id)
    if not permissions.can_edit(request.actor, version):
        raise Refusal("この版の起案は終わっています。直すには、案件の画面から起案し直してください。")
    return version


def _sheet_form(request: ActorRequest, version: ContractVersion) -> SheetForm:
    """Make the form: as saved, as typed, or as typed so far with one row more (`add`)."""
    made: dict[str, Any] = {"version": version, "actor": request.actor, "today": timezone.localdate()}
    if request.method != "POST":
        return SheetForm(initial=shown(sheets.sheet_of(version)) | _standing(request, version), **made)
    if "add" in request.POST:
        return SheetForm(initial=typed(request.POST), more=request.POST["add"], **made)
    return SheetForm(request.POST, **made)


def _standing(request: ActorRequest, version: ContractVersion) -> dict[str, Any]:
    offered: Any = SignatoryForm(actor=request.actor).fields["signatory"]
    chosen = offered.queryset.filter(user_id=version.signatory_id).first()
    return {"edit_number": version.edit_number, "signatory": chosen and chosen.pk}


def _saved(request: ActorRequest, version: ContractVersion, form: SheetForm) -> HttpResponse:
    drafting.change(
        version,
        actor=request.actor,
        at=timezone.now(),
        edit_number=form.cleaned_data["edit_number"],
        sheet=form.sheet(sheets.sheet_of(version)),
        signatory=form.cleaned_data["signatory"].user,
    )
    messages.success(request, "保存しました。契約書の見え方と文言の点検を確かめてください。")
    return redirect("version_preview" if "preview" in request.POST else "version_edit", version_id=version.pk)


def _at_odds(version: ContractVersion, form: SheetForm) -> tuple[Any, ...]:
    sheet = form.sheet(sheets.sheet_of(version))
    return comparing.at_odds(version, sheet=sheet, signatory=form.cleaned_data["signatory"].user)


def _page(request: ActorRequest, version: ContractVersion) -> dict[str, Any]:
    case = version.case
    edits = Event.objects.of_thread(case.tenant_id, case.thread).filter(subject=f"version:{version.pk}")
    last_edit = edits.filter(action="contract.edited").first() if version.edit_number else None
    return {
        "version": version,
        "case": case,
        "documents": Document.objects.visible_to(request.actor).filter(version=version).order_by("order"),
        "last_edit": last_edit,
        "last_editor": last_edit.actor_name.partition(" <")[0] if last_edit else "",
        "has_predecessor": bool(comparing.predecessors(version)),
        "doubts": shielding.of_version(version),
    }


@require_POST
@requires(permissions.can_register)
def version_discard(request: ActorRequest, version_id: int) -> HttpResponse:
    """Give a draft up."""
    version = drafting.discard(version_of(request, version_id), actor=request.actor, at=timezone.now())
    messages.success(request, "起案を取り止めました。内容は残り、次に起案するときに引き継げます。")
    return _back(version)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def document_add(request: ActorRequest, version_id: int) -> HttpResponse:
    """Add an uploaded PDF to the draft."""
    version = version_of(request, version_id)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*posted, city=request.city)
    if request.method == "POST" and form.is_valid() and (document := _added(request, version, form)):
        messages.success(request, PUT_IN_ORDER if document.normalised else "文書を加え、内容を凍結しました。")
        return redirect("version_edit", version_id=version.pk)
    context = {"form": form, "version": version, "case": version.case}
    return render(request, "contracts/versions/document_add.html", context, status=422 if form.errors else 200)


def _added(request: ActorRequest, version: ContractVersion, form: DocumentForm) -> Document | None:
    file = form.cleaned_data["file"]
    try:
        return drafting.add_document(
            version,
            actor=request.actor,
            at=timezone.now(),
            kind=DocumentKind(form.cleaned_data["kind"]),
            title=form.cleaned_data["title"],
            content=file,
            filename=file.name,
        )
    except Refusal as refused:
        form.add_error("file", str(refused))
        return None


def _upload(request: ActorRequest, document_id: int) -> Document:
    rows = Document.objects.visible_to(request.actor).select_related("version__contract__case")
    document: Document = get_object_or_404(rows, pk=document_id)
    return document


@require_POST
@requires(permissions.can_register)
def document_move(request: ActorRequest, document_id: int) -> HttpResponse:
    """Move an upload one place up or down among those of the draft."""
    document = _upload(request, document_id)
    drafting.move_document(
        document.version,
        document_id=document.pk,
        up=request.POST.get("to") == "up",
        actor=request.actor,
        at=timezone.now(),
        edit_number=edit_number_of(request),
    )
    return redirect(reverse("version_edit", args=[document.version_id]) + "#documents")


@require_POST
@requires(permissions.can_register)
def document_remove(request: ActorRequest, document_id: int) -> HttpResponse:
    """Take an upload out of the draft."""
    document = _upload(request, document_id)
    drafting.remove_document(document.version, document_id=document.pk, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{document.title}」を起案から外しました。")
    return redirect("version_edit", version_id=document.version_id)


@require_POST
@requires(permissions.can_register)
def version_submit(request: ActorRequest, version_id: int) -> HttpResponse:
    """Freeze the draft and ask for internal approval."""
    version = version_of(request, version_id)
    drafting.submit(
        version,
        actor=request.actor,
        at=timezone.now(),
        edit_number=edit_number_of(request),
        addresses_checked=addresses_checked(request),
    )
    messages.success(request, "契約書を作って凍結し、承認を依頼しました。決裁する人にメールでお知らせしています。")
    return _back(version)


@require_POST
@requires(permissions.can_register)
def version_recall(request: ActorRequest, version_id: int) -> HttpResponse:
    """Take the request for signature back."""
    version = version_of(request, version_id)
    version = ending.recall(version, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, "署名依頼を取り下げました。内容を引き継いで、起案し直せます。")
    return _back(version)


@require_POST
@requires(permissions.can_register)
def link_reissue(request: ActorRequest, version_id: int, step_id: int) -> HttpResponse:
    """Send one party a fresh download link."""
    version = version_of(request, version_id)
    rows = SigningStep.objects.visible_to(request.actor).filter(version=version)
    step = get_object_or_404(rows.select_related("version__contract__case__tenant"), pk=step_id)
    downloading.reissue(version, step=step, actor=request.actor, at=timezone.now())
    messages.success(
        request, f"{step.name} 様へ新しいダウンロードのリンクを送りました。前のリンクは使えなくなりました。"
    )
    return _back(version)

"""Contracts concluded elsewhere: taken in with their index, shown, handed out, verified anew."""

from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions, rendering
from contracts.elsewhere import packages
from contracts.elsewhere.packages import PackageRefused
from contracts.forms.keeping import PackageForm
from contracts.legible import Paper
from contracts.models import ForeignContract, ImportJob, ImportKind
from contracts.services import foreign as service
from contracts.services.register import importing
from contracts.services.register.importing import ImportRefused
from contracts.tables import UTF8
from contracts.tables import write as table
from contracts.views.answers import pdf_response
from contracts.views.imports import csv_response
from contracts.views.verify import TONES, report_context
from signing import setup
from signing.results import Verdict
from vault import files

RECENT = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_records)
def elsewhere_import(request: ActorRequest) -> HttpResponse:
    """Read a package of contracts, verify each, and show what it would bring in."""
    form = PackageForm(request.POST, request.FILES) if request.method == "POST" else PackageForm()
    if form.is_bound and form.is_valid():
        try:
            job = _previewed(request, form.cleaned_data["file"])
        except ImportRefused as refused:
            for problem in refused.problems:
                form.add_error("file", problem)
        else:
            return redirect("import_report", import_id=job.pk)
    jobs = ImportJob.objects.visible_to(request.actor).filter(kind=ImportKind.ELSEWHERE).select_related("made_by")
    context = {
        "form": form,
        "columns": importing.columns_of(ImportKind.ELSEWHERE, actor=request.actor, at=timezone.now()),
        "jobs": jobs.defer("report").order_by("-made_at", "-pk")[:RECENT],
    }
    return render(request, "contracts/elsewhere/upload.html", context, status=422 if form.errors else 200)


def _previewed(request: ActorRequest, chosen: list[Any]) -> ImportJob:
    """Read one ZIP as it is, and files that were chosen together as one package; raises ImportRefused."""
    if len(chosen) == 1:
        return _preview(request, chosen[0].name, chosen[0])
    with TemporaryFile() as target:
        try:
            packages.pack([(file.name, file) for file in chosen], target)
        except PackageRefused as refused:
            raise ImportRefused(str(refused)) from refused
        target.seek(0)
        return _preview(request, f"まとめて選んだ{len(chosen)}ファイル", target)


def _preview(request: ActorRequest, name: str, content: BinaryIO) -> ImportJob:
    return importing.preview(
        actor=request.actor, at=timezone.now(), kind=ImportKind.ELSEWHERE, name=name, content=content
    )


@require_safe
@requires(permissions.can_keep_records)
def elsewhere_template(request: ActorRequest) -> HttpResponse:
    """Hand out an empty index with its headings and one example."""
    columns = importing.columns_of(ImportKind.ELSEWHERE, actor=request.actor, at=timezone.now())
    return csv_response(table(UTF8, columns, [[column.example for column in columns]]), "よそで締結した契約の索引.csv")


def _foreign(request: ActorRequest, foreign_id: int) -> ForeignContract:
    rows = ForeignContract.objects.visible_to(request.actor).select_related("file", "custody", "taken_in_by")
    found: ForeignContract = get_object_or_404(rows, pk=foreign_id)
    return found


@require_safe
@requires(permissions.can_read)
def foreign_contract(request: ActorRequest, foreign_id: int) -> HttpResponse:
    """Show a contract as it came, and what was found when it came."""
    shown = _foreign(request, foreign_id)
    gone = shown.file.destroyed_at is not None or shown.custody.disposed_at is not None

    def address(page: int) -> str:
        return reverse("foreign_page", args=[shown.pk, page])

    context = {
        "foreign": shown,
        "custody": shown.custody,
        "found": shown.report["report"],
        "tone": TONES[Verdict(shown.verdict)],
        "paper": None if gone else rendering.reader(_paper(shown), request.GET, address=address),
    }
    return render(request, "contracts/elsewhere/foreign.html", context)


@require_safe
@requires(permissions.can_read)
def foreign_page(request: ActorRequest, foreign_id: int, page: int) -> HttpResponse:
    """Draw one page of it."""
    return rendering.image_response(_paper(_foreign(request, foreign_id)), request.GET, page=page)


def _paper(shown: ForeignContract) -> Paper:
    return Paper(sha256=shown.sha256, read=lambda: files.read(shown.file))


@require_POST
@requires(permissions.can_read)
@hands_out
def foreign_download(request: ActorRequest, foreign_id: int) -> HttpResponse:
    """Hand it out as it came."""
    shown = _foreign(request, foreign_id)
    content = service.download(shown, actor=request.actor, at=timezone.now())
    return pdf_response(content, shown.number, shown.title, shown.party)


@require_POST
@requires(permissions.can_read)
@hands_out
def foreign_verify(request: ActorRequest, foreign_id: int) -> HttpResponse:
    """Verify it anew, as it is stored."""
    shown = _foreign(request, foreign_id)
    report = service.verify_again(shown, actor=request.actor, at=timezone.now(), trust=setup.trust())
    return render(request, "contracts/elsewhere/verified.html", {"foreign": shown, **report_context(report)})

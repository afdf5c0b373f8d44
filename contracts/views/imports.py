"""Files of rows: upload, the report of the dry run, and taking in or giving up; templates and the export."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, tables
from contracts.forms.register import ExportForm, UploadForm
from contracts.models import ImportJob, ImportKind
from contracts.services.register import exporting, importing
from contracts.services.register.import_rows import Outcome, digest
from contracts.services.register.importing import ImportRefused
from contracts.states import ImportState
from contracts.tables import UTF8

PER_PAGE = 50
RECENT = 10
OUTCOMES = {
    Outcome.NEW: ("新規", "success"),
    Outcome.CHANGED: ("変更", "info"),
    Outcome.SAME: ("変わりなし", "neutral"),
    Outcome.REFUSED: ("取り込めない", "error"),
}
BACK = {
    ImportKind.REGISTER: ("register", "事業者"),
    ImportKind.CASES: ("case_list", "案件"),
    ImportKind.ELSEWHERE: ("archive", "締結済みの契約"),
}
UPLOAD = {
    ImportKind.REGISTER: ("register_import", "CSV の取込み"),
    ImportKind.CASES: ("case_import", "CSV の取込み"),
    ImportKind.ELSEWHERE: ("elsewhere_import", "よその契約の取込み"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def register_import(request: ActorRequest) -> HttpResponse:
    """Read a file of the register, and show what it would do."""
    return _upload(request, ImportKind.REGISTER)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def case_import(request: ActorRequest) -> HttpResponse:
    """Read a file of cases from the bidding system, and show what it would do."""
    return _upload(request, ImportKind.CASES)


def _upload(request: ActorRequest, kind: ImportKind) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = importing.preview(
                actor=request.actor, at=timezone.now(), kind=kind, name=file.name, content=file.read()
            )
        except ImportRefused as refused:
            for problem in refused.problems:
                form.add_error("file", problem)
        else:
            return redirect("import_report", import_id=job.pk)
    jobs = ImportJob.objects.visible_to(request.actor).filter(kind=kind).select_related("made_by").defer("report")
    context = {
        "form": form,
        "kind": kind,
        "columns": importing.columns_of(kind, actor=request.actor, at=timezone.now()),
        "jobs": jobs.order_by("-made_at", "-pk")[:RECENT],
        "back": BACK[kind],
    }
    return render(request, "contracts/imports/upload.html", context, status=422 if form.errors else 200)


def _job(request: ActorRequest, import_id: int) -> ImportJob:
    rows = ImportJob.objects.visible_to(request.actor).select_related("made_by", "file")
    job: ImportJob = get_object_or_404(rows, pk=import_id)
    return job


@require_safe
@requires(permissions.can_keep_register)
def import_report(request: ActorRequest, import_id: int) -> HttpResponse:
    """Show what each row of a file would do, or did."""
    job = _job(request, import_id)
    counts: dict[str, int] = job.report["counts"]
    wanted = request.GET.get("outcome") or (Outcome.REFUSED if counts[Outcome.REFUSED] else "all")
    rows = [row for row in job.report["rows"] if wanted in {"all", row["outcome"]}]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "job": job,
        "kind": ImportKind(job.kind),
        "open": job.state == ImportState.PREVIEWED,
        "written": counts[Outcome.NEW] + counts[Outcome.CHANGED],
        "refused": counts[Outcome.REFUSED],
        "tabs": _tabs(counts, wanted),
        "wanted": wanted,
        "page": page,
        "rows": [(row, *OUTCOMES[Outcome(row["outcome"])]) for row in page],
        "seen": digest(job.report),
        "back": BACK[ImportKind(job.kind)],
        "upload": UPLOAD[ImportKind(job.kind)],
    }
    return render(request, "contracts/imports/report.html", context)


def _tabs(counts: dict[str, int], wanted: str) -> list[dict[str, Any]]:
    every = [("all", "すべて", sum(counts.values()))]
    every += [(str(outcome), label, counts[outcome]) for outcome, (label, _) in OUTCOMES.items()]
    return [{"key": key, "label": f"{label} {n:,}", "current": key == wanted} for key, label, n in every]


@require_POST
@requires(permissions.can_keep_register)
def import_apply(request: ActorRequest, import_id: int) -> HttpResponse:
    """Take the good rows in, if they still do what the person saw."""
    job = importing.apply(
        _job(request, import_id), actor=request.actor, at=timezone.now(), seen=request.POST.get("seen", "")
    )
    if job.state == ImportState.APPLIED:
        counts = job.report["counts"]
        messages.success(request, f"取り込みました。新規 {counts['new']:,}件、変更 {counts['changed']:,}件です。")
    else:
        messages.warning(
            request,
            "ご覧になった後で登録の内容が変わったため、まだ何も取り込んでいません。新しい結果を確かめて、もう一度お進みください。",
        )
    return redirect("import_report", import_id=job.pk)


@require_POST
@requires(permissions.can_keep_register)
def import_discard(request: ActorRequest, import_id: int) -> HttpResponse:
    """Give a file up; nothing of it is taken in."""
    job = importing.discard(_job(request, import_id), actor=request.actor, at=timezone.now())
    messages.success(request, "取りやめました。何も取り込んでいません。ファイルを直したら、もう一度選んでください。")
    return redirect(UPLOAD[ImportKind(job.kind)][0])


@require_safe
@requires(permissions.can_keep_register)
def register_template(request: ActorRequest) -> HttpResponse:
    """Hand out an empty register with its headings and one example."""
    return _template(request, ImportKind.REGISTER, "名簿のひな形.csv")


@require_safe
@requires(permissions.can_register)
def case_template(request: ActorRequest) -> HttpResponse:
    """Hand out an empty list of cases with its headings and one example."""
    return _template(request, ImportKind.CASES, "案件のひな形.csv")


def _template(request: ActorRequest, kind: ImportKind, filename: str) -> HttpResponse:
    columns = importing.columns_of(kind, actor=request.actor, at=timezone.now())
    return csv_response(tables.write(UTF8, columns, [[column.example for column in columns]]), filename)


def csv_response(content: bytes, filename: str) -> HttpResponse:
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def register_export(request: ActorRequest) -> HttpResponse:
    """Say what the export holds and what CP932 would lose; POST hands it out."""
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        encoding = form.cleaned_data["encoding"]
        content = exporting.export_register(actor=request.actor, at=timezone.now(), encoding=encoding)
        return csv_response(content, "競争入札参加資格者名簿.csv")
    lost = exporting.unwritable(request.actor)
    context = {"form": form, "lost": lost}
    return render(request, "contracts/register/export.html", context, status=422 if form.errors else 200)

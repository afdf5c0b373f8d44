"""The answers of a search as a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.archive import searching
from contracts.archive.totals import Total
from contracts.forms.desk import ExportForm
from contracts.services.auditing import exporting
from contracts.views.desk import asking


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_read)
@hands_out
def archive_export(request: ActorRequest) -> HttpResponse:
    """Choose form and columns, and take the answers of the question in the address, all of them."""
    question, at = asking.question_of(request.GET), timezone.now()
    asked = asking.asked(request, question, today=timezone.localdate(at))
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        chosen = form.cleaned_data
        return asking.handed(
            exporting.export(
                asked.wanted,
                question=question.urlencode(),
                order=asked.sorting,
                columns=chosen["columns"],
                form=chosen["form"],
                actor=request.actor,
                at=at,
            )
        )
    context = {
        "form": form,
        "total": Total.of(searching.count(asked.wanted, actor=request.actor).values()),
        "conditions": asking.conditions(asked, question),
        "question": question.urlencode(),
    }
    return render(request, "contracts/desk/export.html", context, status=422 if form.errors else 200)

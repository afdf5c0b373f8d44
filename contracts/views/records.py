"""What a firm has to keep of its electronic contracts, in one archive (電子帳簿保存法7条, R17-R24)."""

from collections.abc import Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import ActorRequest
from contracts import guide
from contracts.forms.contractor import RecordsForm
from contracts.models import AccessLink, Inbox, Purpose, SigningStep
from contracts.services import records
from contracts.streams.names import file_name
from contracts.views.inbox import by_inbox
from contracts.views.links import by_link


@by_link(Purpose.DOWNLOAD)
@require_POST
def contractor_records(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Hand out the archive of the one contract of the link."""
    del link
    step = SigningStep.objects.visible_to(request.actor).select_related(*records.FIRM).get()
    return _handed(request, [step])


@by_inbox
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_records(request: ActorRequest, inbox: Inbox) -> HttpResponse:
    """Ask for the days, and hand out the archive of the contracts of those days."""
    form = RecordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if steps := records.of_address(inbox, **form.cleaned_data):
            return _handed(request, steps)
        form.add_error(None, "この期間に成立した契約はありません。期間を変えてお試しください。")
    context = {
        "form": form,
        "inbox": inbox,
        "count": len(records.of_address(inbox)),
        "links": guide.topics(request.city, on=timezone.localdate()),
    }
    return render(request, "contracts/inbox/records.html", context, status=422 if form.errors else 200)


def _handed(request: ActorRequest, steps: Sequence[SigningStep]) -> HttpResponse:
    at = timezone.now()
    keeper = records.keeper_of(steps[-1], city=request.city)
    archive = records.take([step.pk for step in steps], keeper=keeper, actor=request.actor, at=at)
    filename = file_name("電子取引データ", request.city.name, f"{timezone.localdate(at):%Y%m%d}") + ".zip"
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingHttpResponse(archive, content_type="application/zip", headers=headers)  # type: ignore[return-value]

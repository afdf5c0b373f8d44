"""What a firm has to keep of its electronic contracts, in one archive (電子帳簿保存法7条, R17-R24)."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.languages import speaks_english
from accounts.middleware import client_ip
from accounts.models import Organization
from accounts.requests import ActorRequest
from contracts import guide
from contracts.forms.contractor import RecordsForm
from contracts.models import AccessLink, Inbox, Purpose, SigningStep
from contracts.services import records
from contracts.services.inboxes import across, entering
from contracts.services.records import Share
from contracts.streams.names import file_name
from contracts.templatetags.japanese import names
from contracts.views.across import by_address
from contracts.views.inbox import by_inbox
from contracts.views.links import by_link

NONE_THEN = "この期間に成立した契約はありません。期間を変えてお試しください。"


@speaks_english
@by_link(Purpose.DOWNLOAD)
@require_POST
def contractor_records(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Hand out the archive of the one contract of the link."""
    del link
    step = SigningStep.objects.visible_to(request.actor).select_related(*records.FIRM).get()
    return _handed(request, [step])


@speaks_english
@by_inbox
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_records(request: ActorRequest, inbox: Inbox) -> HttpResponse:
    """Ask for the days, and hand out the archive of the contracts of those days."""
    form = RecordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if steps := records.of_address(inbox, **form.cleaned_data):
            return _handed(request, steps)
        form.add_error(None, NONE_THEN)
    context = {
        "form": form,
        "inbox": inbox,
        "count": len(records.of_address(inbox)),
        "links": guide.topics(request.city, on=timezone.localdate()),
    }
    return render(request, "contracts/inbox/records.html", context, status=422 if form.errors else 200)


@speaks_english
@by_address
@require_http_methods(["GET", "HEAD", "POST"])
def across_records(request: ActorRequest, email: str) -> HttpResponse:
    """Ask for the days, and hand out the archive of the contracts with all cities that were joined."""
    form = RecordsForm(request.POST if request.method == "POST" else None)
    days = form.cleaned_data if request.method == "POST" and form.is_valid() else {}
    ip = client_ip(request)
    answers = across.ask(across.cities(email), lambda city: _share(city, email=email, ip=ip, **days))
    silent = [city for city, shares in answers if shares is None]
    shares = [share for _city, found in answers for share in found or ()]
    if request.method == "POST" and form.is_valid():
        if shares and not silent:
            return _streamed(shares, "すべての市町村")
        form.add_error(None, _missing(silent))
    count = sum(len(share.steps) for share in shares)
    context = {"form": form, "email": email, "count": count, "silent": silent}
    context["cities"] = [share.keeper.city for share in shares]
    return render(request, "contracts/across/records.html", context, status=422 if form.errors else 200)


def _share(city: Organization, *, email: str, ip: str | None, **days: Any) -> list[Share]:
    """Gather what is to be taken of the city in view, as a list of one; empty where nothing is."""
    inbox = across.joined(city, email=email)
    steps = records.of_address(inbox, **days) if inbox is not None else []
    return [_share_of(steps, city=city, actor=entering.holder(inbox, ip=ip))] if inbox is not None and steps else []


def _missing(silent: Sequence[Organization]) -> str:
    if silent:
        words = _("%(cities)sが、いま答えられません。すべてがそろうときに、もう一度お試しください。")
        return words % {"cities": names(silent)}
    return NONE_THEN


def _handed(request: ActorRequest, steps: Sequence[SigningStep]) -> HttpResponse:
    return _streamed([_share_of(steps, city=request.city, actor=request.actor)], request.city.name)


def _share_of(steps: Sequence[SigningStep], *, city: Organization, actor: Actor) -> Share:
    return Share([step.pk for step in steps], records.keeper_of(steps[-1], city=city), actor)


def _streamed(shares: Sequence[Share], whose: str) -> HttpResponse:
    at = timezone.now()
    archive = records.take(shares, at=at)
    filename = file_name("電子取引データ", whose, f"{timezone.localdate(at):%Y%m%d}") + ".zip"
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingHttpResponse(archive, content_type="application/zip", headers=headers)  # type: ignore[return-value]

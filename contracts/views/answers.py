"""Small answers that several pages give, and small questions that several pages ask."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.forms.staff import ReasonForm
from contracts.models import ContractVersion
from contracts.streams.names import UNFIT


def pdf_response(content: bytes, *names: str) -> HttpResponse:
    """Hand out a PDF named 工事番号_契約書_相手方.pdf (RFC 5987)."""
    filename = "_".join(UNFIT.sub("-", name.strip()) for name in names if name.strip()) + ".pdf"
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def reason_of(request: HttpRequest) -> str:
    """Read the reason that was typed.

    Raises Refusal when it is missing or too long.
    """
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refusal("理由を500文字以内で入力してください。")
    return str(form.cleaned_data["reason"])


def addresses_checked(request: HttpRequest) -> bool:
    """Tell whether the box under the doubts about an address was ticked."""
    return bool(request.POST.get("addresses_checked"))


def edit_number_of(request: HttpRequest) -> int:
    """Read which state of a draft the page was made from; an unreadable one is none."""
    text = request.POST.get("edit_number", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else -1


def version_of(request: ActorRequest, version_id: int) -> ContractVersion:
    """Find a version of the asker's city with what every page about it needs; raises Http404."""
    related = ("contract__case__contractor", "contract__case__rule_set", "contract__case__tenant")
    rows = ContractVersion.objects.visible_to(request.actor).select_related("tenant", "signatory", *related)
    version: ContractVersion = get_object_or_404(rows, pk=version_id)
    return version

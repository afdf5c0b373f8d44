"""The question that an address asks of the archive, for every page of the desk alike."""

from datetime import date

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.archive.names import names
from contracts.forms.archive import ArchiveForm
from contracts.services.auditing.exporting import Handed
from contracts.views import archive_links as links
from contracts.views.questions import Condition, without_place


def question_of(params: QueryDict) -> QueryDict:
    """Keep of an address the question itself, without its place among the pages."""
    return without_place(links.tidied(params))


def asked(request: ActorRequest, question: QueryDict, *, today: date) -> ArchiveForm:
    """Read a question as of a day (what 「今年度」 means); raises Refusal when it cannot be read."""
    form = ArchiveForm(question, names=names(request.actor), today=today)
    if not form.is_valid():
        raise Refusal("検索の条件を読み取れませんでした。「締結済みの契約」の画面で条件を直してください。")
    return form


def conditions(form: ArchiveForm, question: QueryDict) -> list[Condition]:
    """List what narrows the answers, as it was understood."""
    return list(links.conditions(form, question, {}))


def handed(file: Handed) -> HttpResponse:
    """Send a file as it is made, after the transaction of the request has ended."""
    disposition = content_disposition_header(True, file.name) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingHttpResponse(file.pieces, content_type=file.type, headers=headers)  # type: ignore[return-value]

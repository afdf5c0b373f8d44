"""Whether papers beside the documents are those that came in: consents, uploads as received, imports, and the like."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from audit.models import Event
from contracts import hooks
from contracts.hooks import KeptPaper, Telling
from contracts.models import Consent, ConsentSubmission, Document, ForeignContract, ImportJob
from contracts.services.register import importing
from vault.models import StoredFile

NOT_NAMED = "このファイル（SHA-256 {}）は、届いたときの操作記録に書かれていません。"
NOT_ITS_OWN = "行の SHA-256 が、保管されたファイル（{}）と違います。"
Told = Mapping[str, Sequence[tuple[str, str, datetime, str]]]


def _consent(consent: Consent) -> list[Telling]:
    return [Telling(consent.case.thread, consent.submitted_at, f"consent:{consent.pk}")]


def _submission(submission: ConsentSubmission) -> list[Telling]:
    consent = submission.consent
    return [Telling(consent.case.thread, submission.submitted_at, f"consent:{consent.pk}")]


def _upload(document: Document) -> list[Telling]:
    return [Telling(document.version.case.thread, subject=f"document:{document.pk}")]


def _foreign(foreign: ForeignContract) -> list[Telling]:
    return [Telling(foreign.subject, foreign.taken_in_at, foreign.subject)]


def _import(job: ImportJob) -> list[Telling]:
    return [Telling(importing.THREAD, job.made_at, f"import:{job.pk}")]


SUBMITTED = {"consent.submitted": "paper_sha256", "consent.mailed": "paper_sha256"}
RECEIVED = {"consent.mailed": "received_sha256"}
UPLOADED = {"document.frozen": "received_sha256"}
OF_VERSION = ("version__contract__case",)
OWN = (
    KeptPaper(Consent, "paper", "電子契約利用承諾書", SUBMITTED, _consent, ("case",)),
    KeptPaper(ConsentSubmission, "paper", "提出された承諾書", SUBMITTED, _submission, ("consent__case",)),
    KeptPaper(ConsentSubmission, "received", "受け取ったままの承諾書", RECEIVED, _submission, ("consent__case",)),
    KeptPaper(Document, "received", "受け取ったままの文書", UPLOADED, _upload, OF_VERSION),
    KeptPaper(ForeignContract, "file", "よそで締結した契約", {"foreign.taken_in": "sha256"}, _foreign),
    KeptPaper(ImportJob, "file", "取込みのファイル", {"import.previewed": "sha256"}, _import),
)


def flaws(kept: Sequence[StoredFile], *, tenant_id: int) -> Iterator[tuple[str, str]]:
    """Yield where and what does not hold, of the papers of the municipality in view that lie in some files.

    The number of queries is that of the columns and one more, however many files there are.
    """
    found = [(paper, row, paper.tellings(row)) for paper in known() for row in _rows(paper, kept)]
    told = _told([each for _, _, tellings in found for each in tellings], tenant_id=tenant_id)
    for paper, row, tellings in found:
        for what in _of(paper, row, tellings, told):
            yield f"{paper.label} {row}（{row.pk}）", what


def known() -> tuple[KeptPaper, ...]:
    """List the columns that are looked at, those of the apps above among them."""
    return (*OWN, *hooks.kept_papers)


def _rows(paper: KeptPaper, kept: Sequence[StoredFile]) -> Any:
    model: Any = paper.model
    rows = model.unscoped.filter(**{f"{paper.column}__in": kept})
    return rows.select_related(paper.column, *paper.related).order_by("pk")


def _told(tellings: Sequence[Telling], *, tenant_id: int) -> Told:
    """Read what the journal tells there, by thread."""
    told: dict[str, list[tuple[str, str, datetime, str]]] = defaultdict(list)
    actions = {action for paper in known() for action in paper.named}
    events = Event.objects.filter(tenant_id=tenant_id, thread__in={each.thread for each in tellings})
    moments, subjects = {each.at for each in tellings if each.at}, {each.subject for each in tellings if each.subject}
    events = events.filter(Q(at__in=moments) | Q(subject__in=subjects), action__in=actions)
    for thread, action, subject, at, data in events.values_list("thread", "action", "subject", "at", "data"):
        told[thread].append((action, subject, at, data))
    return told


def _of(paper: KeptPaper, row: Any, tellings: Sequence[Telling], told: Told) -> Iterator[str]:
    sha256 = getattr(row, paper.column).sha256
    if getattr(row, "sha256", sha256) != sha256:
        yield NOT_ITS_OWN.format(sha256)
    if tellings and sha256 not in {each for telling in tellings for each in _named(paper, telling, told)}:
        yield NOT_NAMED.format(sha256)


def _named(paper: KeptPaper, telling: Telling, told: Told) -> Iterator[str]:
    """Yield the hashes that the journal names at one place, in the words of the paper's actions."""
    for action, subject, at, data in told.get(telling.thread, ()):
        if telling.at in {None, at} and telling.subject in {"", subject} and action in paper.named:
            said = json.loads(data).get(paper.named[action], [])
            yield from (line.rsplit(" ", 1)[-1] for line in ([said] if isinstance(said, str) else said))

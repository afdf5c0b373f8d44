"""What is known of one case, read in one go: its papers, and plain values that say the same on its page and as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from accounts import tenancy
from accounts.actors import Actor
from audit import proofs
from audit.models import Event
from contracts import hooks
from contracts.models import (
    ApprovalAct,
    ApprovalStep,
    Case,
    Consent,
    ConsentSubmission,
    ContractVersion,
    Document,
    ForeignContract,
    Revision,
    SigningStep,
)
from contracts.packs import papers, telling
from contracts.packs.papers import Paper
from contracts.services import evidence
from contracts.states import VersionState
from contracts.streams.names import file_name

RELATED = ("contractor", "department", "tenant", "rule_set")


@dataclass(frozen=True)
class Gathered:
    """One case as its folder in a pack holds it; `proof` is the journal of the case and what proves it."""

    case: dict[str, Any]
    agreements: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    sections: list[hooks.PackSection]
    papers: list[Paper]
    events: list[Event]
    proof: str
    page: str = "record"


def gather(thread: str, *, actor: Actor, at: datetime) -> Gathered | None:
    """Read what a thread of the journal is about, a case ("case:7") or a contract concluded elsewhere ("foreign:7").

    It is noted there that it was taken. None when it is not the asker's to see. One short transaction; the number of
    queries does not grow with what the case holds.
    """
    kind, _, number = thread.partition(":")
    with tenancy.acting_for(actor.tenant_id):
        gathered = (_case if kind == "case" else _foreign)(int(number), actor)
        if gathered is not None:
            told = {"case": gathered.case["number"]}
            evidence.record_in(thread, "pack.taken", subject=thread, actor=actor, at=at, **told)
    return gathered


def _case(case_id: int, actor: Actor) -> Gathered | None:
    case = Case.objects.visible_to(actor).select_related(*RELATED).filter(pk=case_id).first()
    return None if case is None else _gathered(case, actor)


def _foreign(foreign_id: int, actor: Actor) -> Gathered | None:
    rows = ForeignContract.objects.visible_to(actor).select_related("file", "job", "taken_in_by", "tenant")
    foreign = rows.filter(pk=foreign_id).first()
    if foreign is None:
        return None
    about = Q(thread=foreign.subject) | Q(subject=f"import:{foreign.job_id}")
    events = list(Event.objects.filter(about, tenant_id=foreign.tenant_id).order_by("seq"))
    path = f"契約書類/{file_name(foreign.name)}"
    return Gathered(
        case=telling.foreign(foreign),
        agreements=[],
        consents=[],
        sections=[],
        papers=[papers.of_file(foreign.file, path=path, title=foreign.title, is_signed=True)],
        events=events,
        proof=proofs.write(events),
        page="foreign",
    )


def _gathered(case: Case, actor: Actor) -> Gathered:
    versions, consents = list(_versions(case)), list(_consents(case))
    sections = [section(case, actor) for section in hooks.pack_sections]
    events = list(Event.objects.of_thread(case.tenant_id, case.thread).order_by("seq"))
    return Gathered(
        case=telling.case(case),
        agreements=[telling.agreement(version) for version in versions],
        consents=[telling.consent(consent) for consent in consents],
        sections=sections,
        papers=[*_documents(versions), *_forms(consents), *_files(sections)],
        events=events,
        proof=proofs.write(events),
    )


def _versions(case: Case) -> Any:
    documents = Document.unscoped.filter(removed_at__isnull=True).order_by("order")
    revisions = Revision.unscoped.order_by("number").defer("standing")
    acts = ApprovalAct.unscoped.select_related("user", "on_behalf_of").order_by("at", "pk")
    route = ApprovalStep.unscoped.select_related("department").order_by("order")
    rows = ContractVersion.unscoped.filter(contract__case=case, state=VersionState.CONCLUDED).order_by("pk")
    return rows.select_related("contract", "drafted_by", "late_allowed_by").prefetch_related(
        Prefetch("documents", documents.prefetch_related(Prefetch("revisions", revisions))),
        Prefetch("steps", SigningStep.unscoped.order_by("order")),
        Prefetch("approval_steps", route.prefetch_related(Prefetch("acts", acts))),
    )


def _consents(case: Case) -> Any:
    submissions = ConsentSubmission.unscoped.select_related("paper").order_by("number")
    rows = Consent.unscoped.filter(case=case).select_related("contractor").order_by("pk")
    return rows.prefetch_related(Prefetch("submissions", submissions))


def _documents(versions: list[ContractVersion]) -> list[Paper]:
    found = []
    for version in versions:
        for document in version.documents.all():
            name = file_name(version.contract.label, str(document.order), document.title)
            last = list(document.revisions.all())[-1]
            found.append(papers.of_document(document, path=f"契約書類/{name}.pdf", sha256=last.sha256))
    return found


def _forms(consents: list[Consent]) -> list[Paper]:
    found = []
    for number, consent in enumerate(consents, start=1):
        for form in consent.submissions.all():
            name = file_name(str(number), consent.company_name, f"第{form.number}回")
            title = f"電子契約利用承諾書（{consent.company_name} 第{form.number}回）"
            found.append(papers.of_file(form.paper, path=f"承諾書/{name}.pdf", title=title))
    return found


def _files(sections: list[hooks.PackSection]) -> list[Paper]:
    return [
        papers.of_file(each.file, path=f"{section.name}/{file_name(each.name)}", title=each.title)
        for section in sections
        for each in section.files
    ]

"""What is known of one case, read in one go: its papers, and plain values that say the same on its page and as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

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


def gather(case_id: int, *, actor: Actor, at: datetime) -> Gathered | None:
    """Read a case of the asker's city, and note that it was taken; None when it is not theirs to see.

    One short transaction; the number of queries does not grow with what the case holds.
    """
    with tenancy.acting_for(actor.tenant_id):
        case = Case.objects.visible_to(actor).select_related(*RELATED).filter(pk=case_id).first()
        if case is None:
            return None
        gathered = _gathered(case, actor)
        evidence.record("pack.taken", case, subject=case.thread, actor=actor, at=at)
    return gathered


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

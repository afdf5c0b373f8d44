"""What must hold after any number of deaths: each question lists the flaws it finds."""

import email
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.db.models import Count, QuerySet

from audit import verifying
from audit.models import Event
from contracts.models import Case, ContractVersion, Document, DocumentKind, Revision, SigningJob, SigningStep
from contracts.reading import content_of
from contracts.services.versions import freezing
from contracts.states import JobState, VersionState
from notifications.models import Delivery, DeliveryState
from signing import setup
from signing.results import Verdict
from signing.verification import verify
from tests.faults.town import Town
from tests.race.agreement import disagreements


def documents(town: Town) -> Iterator[tuple[Case, Document, list[SigningStep]]]:
    """Give each document with the parties that sign it, in their order."""
    for case in town.cases():
        for version in ContractVersion.unscoped.filter(contract__case=case):
            steps = list(SigningStep.unscoped.filter(version=version).order_by("order"))
            for document in freezing.current(version):
                yield case, document, steps


def lost_jobs(town: Town) -> list[str]:
    """List the jobs that were not done, and the contracts that were not concluded."""
    found = []
    for case in town.cases():
        jobs = SigningJob.unscoped.filter(step__version__contract__case=case)
        found += [f"{case.number}: 封印 {job} が {job.state}" for job in jobs.exclude(state=JobState.DONE)]
        versions = ContractVersion.unscoped.filter(contract__case=case).exclude(state=VersionState.CONCLUDED)
        found += [f"{case.number}: 版が {version.state}" for version in versions]
    return found


def unfit_signatures(town: Town) -> list[str]:
    """List the documents that do not carry exactly one signature per party, in order."""
    found = []
    for case, document, steps in documents(town):
        revisions = list(Revision.unscoped.filter(document=document).order_by("number"))
        signed = [(revision.number, revision.step_id) for revision in revisions]
        if signed != [(0, None), *((step.order, step.pk) for step in steps)]:
            found.append(f"{case.number} {document}: {signed}")
        told = Event.objects.filter(
            tenant_id=case.tenant_id, action="document.sealed", subject=f"document:{document.pk}"
        ).count()
        if told != len(steps):
            found.append(f"{case.number} {document}: 署名の記録が {told} 件")
    return found + unfit_certificates(town)


def unfit_certificates(town: Town) -> list[str]:
    """List the versions with more than one 合意締結証明書, and those that were not sealed exactly once."""
    found = []
    for case in town.cases():
        papers = Document.unscoped.filter(version__contract__case=case, kind=DocumentKind.CERTIFICATE)
        twice = papers.values("version").annotate(n=Count("pk")).filter(n__gt=1)
        found += [f"{case.number}: 合意締結証明書が {each['n']} 通" for each in twice]
        for paper in papers:
            numbers = list(Revision.unscoped.filter(document=paper).order_by("number").values_list("number", flat=True))
            if numbers != [0, 1]:
                found.append(f"{case.number} {paper}: {numbers}")
    return found


def unverified(town: Town) -> list[str]:
    """List the revisions that do not verify, or do not begin with the bytes of the one before."""
    found, trust = [], setup.trust()
    for case, document, steps in documents(town):
        before = content_of(document, number=0)
        for count in range(1, len(steps) + 1):
            content = content_of(document, number=count)
            fields = [f"FIELD_{document.pk}_{step.order - 1}" for step in steps[:count]]
            level = "PAdES-B-LTA" if count == len(steps) else None
            report = verify(content, trust=trust, expected_fields=fields, required_level=level)
            if report.verdict is not Verdict.VALID:
                found.append(f"{case.number} {document} 第{count}版: {report.problems}")
            if not content.startswith(before):
                found.append(f"{case.number} {document} 第{count}版: 前の版のバイトが変わっている")
            before = content
    return found


def wrong_notices(town: Town) -> list[str]:
    """List the notices that were decided never, or twice, or did not leave."""
    found = []
    for case in town.cases():
        mails = _mails(case)
        told = Counter(mails.values_list("template", flat=True))
        for template, wanted in (("contracts/city_signature_requested", 1), ("contracts/concluded", 2)):
            if told[template] != wanted:
                found.append(f"{case.number}: {template} が {told[template]} 通")
        found += [f"{case.number}: {mail} が {mail.state}" for mail in mails.exclude(state=DeliveryState.SENT)]
    return found


def copies(town: Town, mailbox: Path) -> Counter[str]:
    """Count how often each mail of the town arrived; the same Message-ID is the same mail."""
    arrived = Counter(_message_id(path) for path in mailbox.glob("*.eml"))
    ours: Counter[str] = Counter()
    for case in town.cases():
        for message_id in _mails(case).values_list("message_id", flat=True):
            ours[message_id] = arrived[message_id]
    return ours


def _mails(case: Case) -> "QuerySet[Delivery]":
    # リンクを使って署名した後に、まだ出ていなかったそのリンクのメールは、送らずに取り消される
    return Delivery.unscoped.filter(thread=case.thread).exclude(state=DeliveryState.CANCELLED)


def _message_id(path: Path) -> str:
    with path.open("rb") as file:
        return str(email.message_from_binary_file(file)["Message-ID"])


def broken_journals(town: Town) -> list[str]:
    """List the cities whose chain of events does not hold."""
    reports = [(city, verifying.verify_chain(tenant_id=city.pk)) for city in town._acting()]
    return [f"{city}: {report.why}" for city, report in reports if not report.intact]


def disagreeing(town: Town) -> list[str]:
    """List the cases whose rows and log tell different stories."""
    return [f"{case.number}: {flaw}" for case in town.cases() for flaw in disagreements(case)]

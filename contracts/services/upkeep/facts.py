"""What a 合意締結証明書 tells: the rows of the version, the log, and our own verification of the stored bytes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from audit import extract
from audit.models import Event
from contracts.documents import Attested, CertificatePaper, Signer, Stage, Told, legible
from contracts.models import AccessLink, ContractVersion, Document, Revision, SigningStep, StepKind
from contracts.reading import mapped
from contracts.services.signatures.fields import expected_fields, field_of
from contracts.services.versions import freezing
from signing.results import Report, SignatureReport
from signing.trust import Trust
from signing.verification import verify

# 庁内のやりとりは、相手方に渡す紙に載せない
TOLD = (
    "contract.sent",
    "link.opened",
    "code.sent",
    "code.accepted",
    "step.opened",
    "step.confirmed",
    "step.reassigned",
    "step.instructed",
    "document.sealed",
    "contract.concluded",
)


def paper_of(version: ContractVersion, *, at: datetime, trust: Trust) -> CertificatePaper:
    """Gather what is known of a concluded version, in the municipality in view."""
    case = version.case
    files = list(freezing.current(version).select_related("received"))
    reports = [_verified(file, trust=trust) for file in files]
    events = _events(version, files)
    head = extract.head_of(version.tenant_id)
    assert version.fixed_at is not None  # noqa: S101 - 締結済みの行に必ずある（制約 concluded_exactly_when_dated）
    assert version.concluded_at is not None  # noqa: S101
    return CertificatePaper(
        number=case.number,
        title=legible(case.title),
        agreement=f"{version.contract.label}（第{version.number}版）",
        orderer=case.tenant.name,
        contractor=legible(case.contractor.name),
        amount=version.amount,
        fixed_at=version.fixed_at,
        concluded_at=version.concluded_at,
        made_at=at,
        signers=tuple(_signers(version, files, reports)),
        documents=tuple(_attested(file, report) for file, report in zip(files, reports, strict=True)),
        events=tuple(_told(event, files) for event in events),
        head_seq=head.seq,
        head_hash=head.hash,
        is_trial=settings.TEST_CERTIFICATE,
        extract=extract.write(events, head=head),
    )


def _verified(file: Document, *, trust: Trust) -> Report:
    return verify(mapped(file), trust=trust, expected_fields=expected_fields(file))


def _signers(version: ContractVersion, files: list[Document], reports: list[Report]) -> Iterator[Signer]:
    """Yield the parties in their order, with the certificate by which each signed the first document."""
    fields = {each.field: each for each in reports[0].signatures}
    for step in version.steps.order_by("order"):
        seal = fields.get(field_of(files[0], step))
        acted_at = step.instructed_at or step.confirmed_at
        if acted_at is not None:
            yield _signer(step, acted_at, seal)


def _signer(step: SigningStep, acted_at: datetime, seal: SignatureReport | None) -> Signer:
    acted = Signer(
        party=step.get_party_display(),
        role=step.get_kind_display(),
        name=legible(step.name),
        title=legible(step.title),
        email=step.email,
        authentication=legible(step.authentication or "メールのリンク"),
        acted_at=acted_at,
        ip=step.instructed_ip or "",
        agent=legible(step.instructed_agent),
    )
    if step.kind == StepKind.CONFIRM or seal is None:
        return acted
    leaf = seal.chain[0] if seal.chain else None
    return replace(
        acted,
        signature_type=step.get_signature_type_display(),
        certificate=legible(seal.signer),
        issuer=legible(leaf.issuer) if leaf else "",
        fingerprint=leaf.sha256 if leaf else "",
        stamped_at=step.signed_at,
    )


def _attested(file: Document, report: Report) -> Attested:
    revisions = list(file.revisions.select_related("step").order_by("number"))
    return Attested(
        title=legible(file.title),
        kind=file.get_kind_display(),
        pages=file.pages,
        stages=tuple(map(_stage, revisions)),
        verdict=report.verdict.label,
        headline=report.headline,
        level=report.level,
        checked_at=report.checked_at,
        lasts_until=report.lasts_until,
        received=_received(file, at=revisions[0].made_at),
        normalised=tuple(map(legible, file.normalised)),
    )


def _received(file: Document, *, at: datetime) -> Stage | None:
    stored = file.received
    if stored is None:
        return None
    return Stage(what="受け取ったままのファイル", at=at, size=stored.size, sha256=stored.sha256)


def _stage(revision: Revision) -> Stage:
    return Stage(
        what=legible(_what(revision)),
        at=revision.timestamped_at or revision.made_at,
        size=revision.size,
        sha256=revision.sha256,
        tsa=legible(revision.tsa),
    )


def _what(revision: Revision) -> str:
    if revision.step is None:
        return "証拠の延長（文書タイムスタンプ）" if revision.number else "署名の前の内容"
    signed = f"{revision.step.get_party_display()} {revision.step.name} の署名"
    return f"{signed}と文書タイムスタンプ" if revision.archived_at else signed


def _events(version: ContractVersion, files: list[Document]) -> list[Event]:
    """Read what the log tells of this version's signing, oldest first."""
    steps = list(version.steps.values_list("pk", flat=True))
    subjects = [
        f"version:{version.pk}",
        *(f"step:{step}" for step in steps),
        *(f"document:{file.pk}" for file in files),
    ]
    links = AccessLink.unscoped.filter(step__in=steps).values_list("pk", flat=True)
    subjects += [f"link:{link}" for link in links]
    thread: Any = Event.objects.of_thread(version.tenant_id, version.case.thread)
    return list(thread.filter(action__in=TOLD, subject__in=subjects).order_by("seq"))


def _told(event: Event, files: list[Document]) -> Told:
    about = {f"document:{file.pk}": file.title for file in files}
    return Told(
        seq=event.seq,
        at=event.at,
        action=event.label,
        about=legible(about.get(event.subject, "")),
        actor=legible(event.actor_name.partition(" <")[0]),
        ip=event.ip,
        hash=event.hash,
    )

"""Ask for the internal approval of many drafts at once; each contract document is made and frozen as its turn comes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import MovedOn, Refusal
from contracts import permissions
from contracts.dates import wareki
from contracts.models import BatchKind, Case, Consent, Contractor, ContractVersion, Deed, Document, JvMember
from contracts.services.batches.invitations import serious_doubts
from contracts.services.batches.kind import Kind, Told
from contracts.services.mails import shielding
from contracts.services.versions import drafting
from contracts.states import ConsentState, VersionState

CASE = "contract__case"
OF_CASE = tuple(f"{CASE}__{name}" for name in ("contractor", "department", "rule_set"))
Given = Mapping[int, Mapping[int, Consent]]


def _rows(actor: Actor, _at: datetime) -> Any:
    documents = Prefetch("documents", Document.unscoped.filter(removed_at__isnull=True).order_by("order"))
    rows = ContractVersion.unscoped.filter(tenant_id=actor.tenant_id, state=VersionState.DRAFT)
    return rows.select_related("drafted_by", "signatory", *OF_CASE).prefetch_related(documents)


def _tell(rows: Sequence[Any], _actor: Actor, at: datetime) -> list[Told]:
    cases = [version.case for version in rows]
    given, members = _given(cases), _members(cases)
    consents = [consent for of_case in given.values() for consent in of_case.values()]
    doubtful = serious_doubts([aim for consent in consents for aim in shielding.aims_of(consent)])
    return [_told(version, members, given[version.case.pk], doubtful, at=at) for version in rows]


def _given(cases: Iterable[Case]) -> Given:
    """Map each case to its accepted consents by firm."""
    given: dict[int, dict[int, Consent]] = defaultdict(dict)
    rows = Consent.unscoped.filter(case__in=[case.pk for case in cases], state=ConsentState.ACCEPTED)
    for consent in rows.select_related("contractor"):
        given[consent.case_id][consent.contractor_id] = consent
    return given


def _members(cases: Iterable[Case]) -> Mapping[int, list[Contractor]]:
    """Map each joint venture among the contractors to its members."""
    ventures = [case.contractor_id for case in cases if case.contractor.is_joint_venture]
    found: dict[int, list[Contractor]] = {pk: [] for pk in ventures}
    for place in JvMember.unscoped.filter(joint_venture__in=ventures).select_related("member").order_by("order"):
        found[place.joint_venture_id].append(place.member)
    return found


def _told(
    version: Any,
    members: Mapping[int, list[Contractor]],
    given: Mapping[int, Consent],
    doubtful: Mapping[str, str],
    *,
    at: datetime,
) -> Told:
    case = version.case
    firms = members.get(case.contractor_id, [case.contractor])
    notes = [
        f"工期 {wareki(version.work_starts_date)}から{wareki(version.work_ends_date)}まで",
        f"起案 {version.drafted_by.name}・市の署名者 {version.signatory.name}",
    ]
    if not version.documents.all():
        notes.append("契約書のほかに、一緒に署名する文書はありません。")
    obstacle = _obstacle(version, firms, given, at=at) or _doubt(given, doubtful)
    documents = list(version.documents.all())
    return Told(
        version.pk, case, version.contract.label, version.amount, notes, documents, obstacle, version.edit_number
    )


def _obstacle(
    version: ContractVersion, firms: Sequence[Contractor], given: Mapping[int, Consent], *, at: datetime
) -> str:
    try:
        drafting.check_front(version, today=timezone.localdate(at))
        drafting.check_given(firms, given)
    except Refusal as refused:
        return str(refused)
    return ""


def _doubt(given: Mapping[int, Consent], doubtful: Mapping[str, str]) -> str:
    addresses = [aim.address for consent in given.values() for aim in shielding.aims_of(consent)]
    why = next((doubtful[address] for address in addresses if address in doubtful), "")
    return f"{why}案件の画面で宛先を確かめ、一件ずつ依頼してください。" if why else ""


def _do(deed: Deed, actor: Actor, at: datetime) -> str:
    version = lock(ContractVersion.unscoped.get(pk=deed.target), f"{CASE}__tenant", f"{CASE}__rule_set", "signatory")
    if version.state != VersionState.DRAFT:
        raise MovedOn("この起案は、すでに承認を依頼したか、取りやめられています。案件の画面を開いてご確認ください。")
    drafting.submit(version, actor=actor, at=at, edit_number=deed.seen)
    return "契約書を作成し、庁内承認を依頼しました。決裁する人にお知らせしています。"


KIND = Kind(
    name=BatchKind.SUBMIT,
    may=permissions.can_register,
    rows=_rows,
    case=CASE,
    tell=_tell,
    do=_do,
    effect="起案ごとに契約書を作成し、庁内承認を依頼します。依頼した後は、差し戻されるまで直せません。",
    lacking="承認を依頼する前の起案がありません。",
)

"""Keep the register of qualified bidders: firms, joint ventures and their members (R9, R49, R56)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.folding import search_keys
from contracts.models import Case, Consent, Contractor, JvMember
from contracts.services import evidence
from contracts.services.editing import check_edit, put
from contracts.states import LIVE_CONSENTS

THREAD = "register"
# 画面と CSV で書ける項目
FIELDS = (
    "registration_number",
    "name",
    "name_kana",
    "branch",
    "address",
    "representative_title",
    "representative_name",
    "representative_kana",
    "agent_title",
    "agent_name",
    "agent_kana",
    "email",
    "phone",
)
KANA_OF_NOBODY = "受任者の氏名がないのに、そのフリガナがあります。氏名も書くか、フリガナを空にしてください。"
TWINS = {
    "one_contractor_per_registration": "この登録番号は、ほかの事業者が使っています。番号をご確認ください。",
    "one_entry_per_contractor": "同じ名称・支店・住所の事業者が、すでに登録されています。",
}


class RegisterRefused(Refusal):
    """The register cannot be kept this way."""


@transaction.atomic
def enlist(*, actor: Actor, at: datetime, is_joint_venture: bool = False, **typed: str) -> Contractor:
    """Put a firm, or a joint venture still without members, on the register; names stand exactly as typed.

    Raises RegisterRefused for a registration number or an entry that is there already.
    """
    doors.check(permissions.can_keep_register, actor)
    firm = Contractor(tenant_id=actor.tenant_id, is_joint_venture=is_joint_venture, **typed)
    _save(firm)
    _record("contractor.enlisted", firm, actor=actor, at=at, venture=is_joint_venture, **typed)
    return firm


@transaction.atomic
def correct(contractor: Contractor, *, actor: Actor, at: datetime, edit_number: int, **typed: str) -> Contractor:
    """Correct an entry; the log keeps each value before and after. Nothing is written when nothing changes.

    Raises Overtaken when someone saved since the edit began, RegisterRefused for a twin.
    """
    doors.check(permissions.can_keep_register, actor)
    firm = lock(contractor)
    check_edit(firm, edit_number=edit_number)
    changes = put(firm, dict(typed))
    if not changes:
        return firm
    firm.edit_number += 1
    _save(firm)
    refold([firm])
    _record("contractor.corrected", firm, actor=actor, at=at, changes=changes)
    return firm


@transaction.atomic
def set_active(contractor: Contractor, *, actor: Actor, at: datetime, active: bool) -> Contractor:
    """Suspend an entry, or take it up again; it is never deleted, and its cases keep it."""
    doors.check(permissions.can_keep_register, actor)
    firm = lock(contractor)
    if firm.active == active:
        return firm
    firm.active = active
    firm.edit_number += 1
    firm.save(update_fields=["active", "edit_number"])
    _record("contractor.resumed" if active else "contractor.suspended", firm, actor=actor, at=at)
    return firm


@transaction.atomic
def arrange(
    joint_venture: Contractor,
    *,
    actor: Actor,
    at: datetime,
    edit_number: int,
    members: Sequence[Contractor],
    representative: Contractor | None,
) -> Contractor:
    """Settle who forms a joint venture, in which order, and which one of them represents it (代表構成員).

    Raises RegisterRefused when the members do not make a joint venture, or consents were already asked of them.
    """
    doors.check(permissions.can_keep_register, actor)
    venture = lock(joint_venture)
    check_edit(venture, edit_number=edit_number)
    _check_members(venture, members, representative)
    before = list(JvMember.unscoped.filter(joint_venture=venture).values_list("member_id", "is_representative"))
    after = [(firm.pk, firm == representative) for firm in members]
    if before == after:
        return venture
    JvMember.unscoped.filter(joint_venture=venture).delete()
    JvMember.unscoped.bulk_create(
        JvMember(
            tenant_id=venture.tenant_id,
            joint_venture=venture,
            member=firm,
            order=order,
            is_representative=firm == representative,
        )
        for order, firm in enumerate(members, start=1)
    )
    venture.edit_number += 1
    venture.save(update_fields=["edit_number"])
    told = {"members": [firm.name for firm in members], "representative": representative and representative.name}
    _record("contractor.arranged", venture, actor=actor, at=at, **told)
    return venture


def _check_members(venture: Contractor, members: Sequence[Contractor], representative: Contractor | None) -> None:
    if not venture.is_joint_venture:
        raise RegisterRefused("構成員を置けるのは、共同企業体として登録した事業者だけです。")
    if any(firm.is_joint_venture for firm in members):
        raise RegisterRefused("共同企業体を、別の共同企業体の構成員にすることはできません。")
    if len({firm.pk for firm in members}) < len(members):
        raise RegisterRefused("同じ事業者を、構成員に二度入れることはできません。")
    if members and representative not in members:
        raise RegisterRefused("代表構成員を、構成員の中から一者選んでください。")
    if Consent.unscoped.filter(case__contractor=venture, state__in=LIVE_CONSENTS).exists():
        raise RegisterRefused(
            "承諾書を依頼した案件があるため、構成員を変えられません。別の共同企業体として登録してください。"
        )


def key_of(firm: Contractor) -> str:
    """Fold the name, branch, registration number and reading by which an entry is found."""
    return search_keys(firm.name, firm.branch, firm.registration_number, firm.name_kana, longest=400)


def key_of_case(case: Case) -> str:
    """Fold the number, title and contractor's name, and its reading, by which a case is found."""
    firm = case.contractor
    return search_keys(case.number, case.title, firm.name, firm.name_kana, longest=500)


def refold(firms: Iterable[Contractor]) -> None:
    """Write the search keys of the cases that these firms won again, after their names changed."""
    cases = list(Case.unscoped.filter(contractor__in=[firm.pk for firm in firms]).select_related("contractor"))
    for case in cases:
        case.search_key = key_of_case(case)
    Case.unscoped.bulk_update(cases, ["search_key"], batch_size=1000)


def _save(firm: Contractor) -> None:
    if bool(firm.agent_title) != bool(firm.agent_name):
        raise RegisterRefused("受任者は、役職と氏名の両方を書くか、両方を空にしてください。")
    if firm.agent_kana and not firm.agent_name:
        raise RegisterRefused(KANA_OF_NOBODY)
    firm.name_key = key_of(firm)
    try:
        with transaction.atomic():
            firm.save()
    except IntegrityError as clash:
        raise twin(clash) from clash


def twin(clash: IntegrityError) -> RegisterRefused | IntegrityError:
    """Say in Japanese which rule of the register a clash broke; the clash itself when it is another."""
    texts = [text for name, text in TWINS.items() if name in str(clash)]
    return RegisterRefused(texts[0]) if texts else clash


def _record(action: str, firm: Contractor, *, actor: Actor, at: datetime, **data: object) -> None:
    subject = f"contractor:{firm.pk}"
    evidence.record_in(THREAD, action, subject=subject, actor=actor, at=at, contractor=firm.full_name, **data)

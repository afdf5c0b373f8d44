"""The guarantors whose certificates a city takes, kept by its administrators (R7)."""

import re
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization, OrganizationKind
from accounts.querysets import lock
from contracts.services import evidence
from guarantees.models import Institution, InstitutionKind
from guarantees.services.refusals import GuaranteeRefused
from vault import fields

THREAD = "city"


@sensitive_variables("token")
@transaction.atomic
def keep(
    institution: Institution | None,
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    name: str,
    branch: str = "",
    phone: str = "",
    usual_number: str = "",
    portal_url: str = "",
    registry_url: str = "",
    seal_name: str = "",
    token: str = "",
) -> Institution:
    """Enter a guarantor (None), or change one; the token of its registry is sealed, and kept where none is given.

    Raises GuaranteeRefused when an address or the form of its numbers could not be used, or the entry is there.
    """
    doors.check(doors.can_administer, actor)
    _check(usual_number=usual_number, addresses=(portal_url, registry_url))
    row = lock(institution) if institution else Institution(tenant_id=actor.tenant_id)
    told = {"kind": InstitutionKind(kind), "name": name, "branch": branch, "phone": phone}
    told |= {"usual_number": usual_number, "portal_url": portal_url, "registry_url": registry_url}
    told["seal_name"] = seal_name
    for field, value in told.items():
        setattr(row, field, value)
    row.organization = Organization.objects.filter(kind=OrganizationKind.GUARANTOR, name=name).first()
    _save(row)
    if token.strip():
        row.sealed_registry_token = fields.seal(token.strip(), tenant_id=row.tenant_id, context=row.token_context)
        row.save(update_fields=["sealed_registry_token"])
    subject = f"institution:{row.pk}"
    about: dict[str, Any] = told | {"token_changed": bool(token.strip())}
    evidence.record_in(THREAD, "institution.kept", subject=subject, actor=actor, at=at, **about)
    return row


def _check(*, usual_number: str, addresses: tuple[str, ...]) -> None:
    try:
        re.compile(usual_number)
    except re.error as wrong:
        raise GuaranteeRefused("見慣れた番号の形を、正規表現として読めません。書き方をご確認ください。") from wrong
    if any(address and not address.startswith("https://") for address in addresses):
        raise GuaranteeRefused("画面と窓口のアドレスは、https:// から始めてください。")


def _save(row: Institution) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        if "one_entry_per_institution" not in str(clash):
            raise
        raise GuaranteeRefused("同じ名称と支店の保証機関が、すでに登録されています。") from clash

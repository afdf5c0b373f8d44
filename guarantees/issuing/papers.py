"""The two papers a guarantor prints: 保証証書, and the notice of its key; plain values in, PDF bytes out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.views.decorators.debug import sensitive_variables

from accounts.models import Organization
from contracts.documents.printing import print_pdf
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.models import GuaranteeType

FACTS = "certificate.json"  # registry.http が、封印した PDF から読む名
NOTICE_TITLE = "電子証書閲覧用「認証キー」等のお知らせ"
STYLES = ["guarantee.css"]


@dataclass(frozen=True, kw_only=True)
class Guarantor:
    """What a certificate says of whoever answers for it (R105)."""

    name: str
    address: str
    title: str
    representative: str
    branch: str
    phone: str

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Read it from the guarantor's entry."""
        return cls(
            name=organization.name,
            address=organization.address,
            title=organization.mayor_title,
            representative=organization.mayor_name,
            branch=organization.help_desk,
            phone=organization.help_phone,
        )


def render_certificate(facts: CertificateFacts, *, guarantor: Guarantor, at: datetime) -> bytes:
    """Print a certificate; what it says goes with it for machines, so that the seal covers both. Raises Unprintable."""
    from contracts.documents.renderer import Attached

    said = json.dumps(facts.to_json(), ensure_ascii=False, indent=1)
    attached = Attached(FACTS, "保証証書の記載事項", said, at)
    context = {"facts": facts, "guarantor": guarantor, "title": f"{facts.title} {facts.number}"}
    return print_pdf("guarantees/issuing/pdf/certificate.html", context, styles=STYLES, attached=[attached])


@sensitive_variables("notice", "context")
def render_notice(notice: NoticeFacts, *, guarantor: Guarantor) -> bytes:
    """Print the notice of a key (R89, R90); it is handed out and never kept. Raises Unprintable."""
    kind = GuaranteeType(notice.type or "").label
    context = {"notice": notice, "kind": kind, "guarantor": guarantor, "title": NOTICE_TITLE}
    return print_pdf("guarantees/issuing/pdf/notice.html", context, styles=STYLES)

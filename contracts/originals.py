"""Know a contract of this installation again in a file that lost its signatures, and say who keeps the original.

Whoever holds such a file holds the words of the contract, and is told nothing that they do not say: which city keeps
the original. A mark can be copied into any file, so it proves nothing of the file that carries it.
"""

from dataclasses import dataclass
from typing import Any

from accounts.actors import Actor
from accounts.models import Organization
from contracts import permissions
from contracts.models import Document
from signing.pdf.identity import mark_of

WHOSE = """
    select o.*, w.document_id from contracts_whose_document(%s) w
    join accounts_organization o on o.id = w.tenant_id
"""


@dataclass(frozen=True)
class Original:
    """The city that keeps it; the document itself only for those who may read it anyway."""

    city: Organization
    document: Document | None


def original_of(pdf: bytes, *, actor: Actor | None) -> Original | None:
    """Find the concluded document that a file was written from; None for none, and where more than one city has it."""
    mark = mark_of(pdf)
    found: list[Any] = list(Organization.objects.raw(WHOSE, [mark])) if mark else []
    if len({city.pk for city in found}) != 1:
        return None
    return Original(found[0], _readable([city.document_id for city in found], actor=actor))


def _readable(documents: list[int], *, actor: Actor | None) -> Document | None:
    if actor is None or not permissions.can_read(actor):
        return None
    rows = Document.objects.visible_to(actor).filter(pk__in=documents).select_related("version__contract__case")
    return rows.order_by("-pk").first()  # type: ignore[no-any-return]

"""The certificates this installation signs with: written down, stopped, and watched until they end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import actors, roles, tenancy
from accounts.models import Organization, OrganizationKind, Role
from accounts.refusals import Refusal
from contracts import messages
from contracts.models import Certificate, CertificateKind, Revision
from contracts.services import evidence
from signing.endings import Ending
from signing.keys import KnownKey

THRESHOLDS = (1, 7, 30)  # 日
# 自分の文書に署名する団体と、その鍵のことを知らせる相手
KEEPERS = {OrganizationKind.MUNICIPALITY: Role.ADMINISTRATOR, OrganizationKind.GUARANTOR: Role.UNDERWRITER}


@dataclass(frozen=True)
class SealedFile:
    """One revision of a document that a certificate sealed."""

    city: str
    case: str
    document: str
    revision: int
    sha256: str
    made_at: datetime
    certificate: str


def note(key: KnownKey, *, kind: str = CertificateKind.SIGNING) -> None:
    """Write a certificate down, or what has changed about its use; writes nothing when nothing has."""
    facts = {
        "public_key": key.public_key,
        "kind": kind,
        "name": key.name[:100],
        "subject": key.subject[:200],
        "owners": sorted(key.owners),
        "starts_at": key.starts_at,
        "ends_at": key.ends_at,
    }
    if not Certificate.objects.filter(fingerprint=key.fingerprint, **facts).exists():
        Certificate.objects.update_or_create(fingerprint=key.fingerprint, defaults=facts)


def stopped() -> dict[str, str]:
    """Return the public keys (SHA-256, hex) that must sign no more, each with the reason."""
    return dict(Certificate.objects.filter(stopped_at__isnull=False).values_list("public_key", "stopped_because"))


def stop(name: str, *, reason: str, by: str, at: datetime) -> list[Certificate]:
    """Stop every certificate of a key's name from signing, at once and everywhere, and tell each city's log.

    Raises Refusal when no certificate of that name is known, or the reason is missing.
    """
    if not reason.strip():
        raise Refusal("止める理由を書いてください。")
    with transaction.atomic():
        found = _named(name)
        for certificate in found:
            if certificate.stopped_at is None:
                certificate.stopped_at, certificate.stopped_because = at, reason.strip()[:200]
                certificate.save(update_fields=["stopped_at", "stopped_because"])
    _log("key.stopped", found, by=by, at=at, reason=reason)
    return found


def resume(name: str, *, reason: str, by: str, at: datetime) -> list[Certificate]:
    """Let a key that was stopped by mistake sign again; raises Refusal when no certificate of that name is known."""
    with transaction.atomic():
        found = _named(name)
        for certificate in found:
            certificate.stopped_at, certificate.stopped_because = None, ""
            certificate.save(update_fields=["stopped_at", "stopped_because"])
    _log("key.resumed", found, by=by, at=at, reason=reason)
    return found


def files(name: str, *, since: datetime) -> Iterator[SealedFile]:
    """Yield every revision that the certificates of a name have sealed since a moment, city by city."""
    sealers = [certificate.fingerprint for certificate in _named(name)]
    for city in _sealing():
        with tenancy.acting_for(city.pk):
            rows = Revision.unscoped.filter(made_at__gte=since, key_fingerprint__in=sealers).order_by("made_at", "pk")
            found = [_described(row, city) for row in rows.select_related("document__version__contract__case")]
        yield from found


def of_city(city: Organization, *, at: datetime) -> "QuerySet[Certificate]":
    """List the certificates that a city's signatures carry at a moment or soon, its own before the shared ones."""
    current = Certificate.objects.filter(kind=CertificateKind.SIGNING, ends_at__gt=at)
    own: QuerySet[Certificate] = current.filter(owners__contains=[city.slug])
    return own if own.filter(starts_at__lte=at).exists() else own | current.filter(owners=[])


def warn(ending: Ending, *, at: datetime) -> None:
    """Write a certificate down, and tell those it concerns 30, 7 and 1 days before its end, once each.

    Those are the administrators of the cities that use it, and the operators.
    """
    note(ending.key, kind=ending.kind)
    left = ending.key.ends_at - at
    days = next((days for days in THRESHOLDS if timedelta() < left <= timedelta(days=days)), None)
    if days is not None:
        told = dict.fromkeys(settings.OPERATORS, "運用の担当者")
        for city in _sealing():
            if _concerns(ending, city, at=at):
                with tenancy.acting_for(city.pk):
                    _tell(city, ending, others=told, days=days, at=at)
                told = {}  # 運用の担当者には、関わる市がいくつあっても一通


def _concerns(ending: Ending, city: Organization, *, at: datetime) -> bool:
    return ending.kind == "timestamp" or of_city(city, at=at).filter(fingerprint=ending.key.fingerprint).exists()


def _tell(city: Organization, ending: Ending, *, others: dict[str, str], days: int, at: datetime) -> None:
    keepers = roles.holders(city, KEEPERS[OrganizationKind(city.kind)], on=timezone.localdate(at))
    for to, name in (others | {user.email: user.name for user in keepers}).items():
        messages.certificate_ending(city, to=to, name=name, ending=ending, days=days, at=at)


def _named(name: str) -> list[Certificate]:
    rows = list(Certificate.objects.filter(name=name, kind=CertificateKind.SIGNING))
    if not rows:
        raise Refusal(f"「{name}」という名の署名の鍵は、まだ使われたことがありません。")
    return rows


def _log(action: str, found: list[Certificate], *, by: str, at: datetime, reason: str) -> None:
    for certificate in found:
        for city in _sealing():
            if certificate.owners and city.slug not in certificate.owners:
                continue
            with tenancy.acting_for(city.pk):
                evidence.record_in(
                    "city",
                    action,
                    subject=f"certificate:{certificate.fingerprint}",
                    actor=actors.system(city.pk),
                    at=at,
                    name=certificate.name,
                    reason=reason,
                    by=by,
                )


def _sealing() -> "QuerySet[Organization]":
    """List whoever has documents sealed here: municipalities, and guarantors with their certificates."""
    return Organization.objects.filter(kind__in=KEEPERS).order_by("slug")


def _described(row: Revision, city: Organization) -> SealedFile:
    return SealedFile(
        city=city.slug,
        case=row.document.version.case.number,
        document=row.document.title,
        revision=row.number,
        sha256=row.sha256,
        made_at=row.made_at,
        certificate=row.key_fingerprint,
    )

"""The certificates this installation signs with: written down, stopped, and watched until they end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import actors, tenancy
from accounts.models import Organization, OrganizationKind, Role
from accounts.refusals import Refusal
from contracts.models import Certificate, CertificateKind, Revision
from contracts.services import evidence
from signing.endings import Ending
from signing.keys import KnownKey

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


def watch(found: Iterable[Ending]) -> None:
    """Write down what ends and that nobody follows it; the morning's sweep tells those whom it concerns.

    What was the last of its kind before, and is not found any more, has found its follower.
    """
    last, followed = [], Q(kind=CertificateKind.SIGNING)
    for ending in found:
        note(ending.key, kind=ending.kind)
        last.append(ending.key.fingerprint)
        if ending.kind == "timestamp":
            # いま答えない時刻認証局の証明書は、替わったかどうか分からない
            followed |= Q(kind=CertificateKind.TIMESTAMP, name=ending.key.name[:100])
    Certificate.objects.filter(followed, is_last=True).exclude(fingerprint__in=last).update(is_last=False)
    Certificate.objects.filter(fingerprint__in=last, is_last=False).update(is_last=True)


def houses_of(certificate: Certificate, *, on: date) -> list[int]:
    """List the ids of those whose documents a certificate seals on a day (JST), by their slugs."""
    houses = _sealing()
    if certificate.owners:
        houses = houses.filter(slug__in=certificate.owners)
    elif certificate.kind == CertificateKind.SIGNING:
        own = Certificate.objects.filter(starts_at__date__lte=on, ends_at__date__gte=on).exclude(owners=[])
        houses = houses.exclude(slug__in={slug for owners in own.values_list("owners", flat=True) for slug in owners})
    return list(houses.values_list("pk", flat=True))


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

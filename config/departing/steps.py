"""Close a city, open it again, and write down to whom its export was handed."""

from datetime import datetime

from django.utils import timezone

from accounts import roles, tenancy
from accounts.actors import Actor, ActorKind
from accounts.models import Organization, OrganizationKind, Role, User
from accounts.refusals import Refusal
from config.departing import told
from config.departing.told import Departure
from contracts.models import ContractVersion
from contracts.services import evidence
from contracts.states import VersionState

UNDER_WAY = (VersionState.SENT, VersionState.ALL_SIGNED, VersionState.SEAL_WAITING)


class DepartureRefused(Refusal):
    """A city cannot be brought further on its way out; the text says why and what to do."""


def find(slug: str) -> Organization:
    """Find a city, closed or not; raises DepartureRefused."""
    cities = (OrganizationKind.MUNICIPALITY, OrganizationKind.FORMER)
    city = Organization.objects.filter(slug=slug, kind__in=cities).first()
    if city is None:
        raise DepartureRefused(f"「{slug}」という自治体は登録されていません。")
    return city


def operator(email: str, *, at: datetime) -> User:
    """Find who of the operator has this address; raises DepartureRefused."""
    for house in Organization.objects.filter(kind=OrganizationKind.OPERATOR).order_by("pk"):
        with tenancy.acting_for(house.pk):
            holders = roles.holders(house, Role.OPERATOR, on=timezone.localdate(at))
            if (found := holders.filter(email__iexact=email).first()) is not None:
                return found
    raise DepartureRefused(f"「{email}」は、運営者の、いま役割を持つ人ではありません。")


def close(city: Organization, *, by: User, reason: str, at: datetime) -> None:
    """Close a city: nobody holds a role there, its addresses lead nowhere, and nothing is worked on.

    Raises DepartureRefused where it is closed, or a contract is being signed.
    """
    with tenancy.acting_for(city.pk):
        row = locked(city)
        if row.kind == OrganizationKind.FORMER:
            raise DepartureRefused("この自治体は、すでに閉じています。")
        waiting = ContractVersion.unscoped.filter(tenant_id=city.pk, state__in=UNDER_WAY).count()
        if waiting:
            raise DepartureRefused(f"署名の途中の契約が {waiting} 件あります。締結か取下げを終えてからにしてください。")
        _turn(row, OrganizationKind.FORMER)
        note(row, told.CLOSED, by=by, at=at, reason=reason)


def reopen(city: Organization, *, by: User, reason: str, at: datetime) -> None:
    """Open a closed city again, as it was; raises DepartureRefused once its keys are destroyed."""
    with tenancy.acting_for(city.pk):
        row, departure = locked(city), told.of(city.pk)
        check_closed(row, departure)
        if departure.destroyed is not None:
            raise DepartureRefused("鍵を滅した後です。開け直せません。")
        _turn(row, OrganizationKind.MUNICIPALITY)
        note(row, told.REOPENED, by=by, at=at, reason=reason)


def hand_over(city: Organization, *, by: User, manifest: str, received_by: str, at: datetime) -> None:
    """Write down who took an export of the closed city; the days of waiting begin.

    Raises DepartureRefused for an export that was made before the city was closed: something may be missing in it.
    """
    with tenancy.acting_for(city.pk):
        row, departure = locked(city), told.of(city.pk)
        check_closed(row, departure)
        if departure.destroyed is not None:
            raise DepartureRefused("すでに鍵を滅しています。")
        export = told.export(city.pk, manifest)
        if export is None:
            raise DepartureRefused("その書き出しは操作記録にありません。manifest.json の SHA-256 を書いてください。")
        if departure.closed is None or export.seq < departure.closed.seq:
            raise DepartureRefused("閉じる前の書き出しです。export_tenant をもう一度動かし、それを渡してください。")
        note(
            row,
            told.HANDED,
            by=by,
            at=at,
            manifest_sha256=manifest,
            missing=export.data["missing"],
            received_by=received_by,
        )


def locked(city: Organization) -> Organization:
    """Lock the row of a city against others who do the same; its people may go on."""
    return Organization.objects.select_for_update(no_key=True).get(pk=city.pk)


def check_closed(city: Organization, departure: Departure) -> None:
    """Raise DepartureRefused for a city that is open."""
    if city.kind != OrganizationKind.FORMER or departure.closed is None:
        raise DepartureRefused("この自治体は、まだ閉じていません。")


def note(city: Organization, action: str, *, by: User, at: datetime, **data: object) -> None:
    """Write a step into the journal of the city, in the name of somebody of the operator; last in a transaction."""
    actor = Actor(ActorKind.STAFF, city.pk, f"{by.name}（運営者）", by.email, user_id=by.pk)
    evidence.record_in(told.THREAD, action, subject=f"organization:{city.pk}", actor=actor, at=at, **data)


def _turn(city: Organization, kind: OrganizationKind) -> None:
    city.kind = kind
    city.save(update_fields=["kind"])

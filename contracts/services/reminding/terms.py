"""Terms that end: of those who sign, on either side, and of the certificates that the signatures carry."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, OrganizationKind, Role, User
from contracts import rules
from contracts.models import Authority, Case, Certificate, CertificateKind, JvMember
from contracts.services.reminding.desk import STAFF, Desk
from contracts.services.signatures import certificates
from contracts.states import OPEN_CASES
from notifications.reminders.planning import Shift
from notifications.reminders.registry import Item


def items(desk: Desk) -> Iterator[Item]:
    """Find the terms and certificates that end soon."""
    if desk.wanted("membership"):
        yield from _signatories(desk)
    if desk.wanted("authority"):
        yield from _authorities(desk)
    if desk.wanted("certificate"):
        yield from _certificates(desk)


def _ending(desk: Desk, rows: Any) -> Any:
    first, last = desk.asking.planned
    return rows.filter(ends_date__range=(first, last + timedelta(days=desk.furthest("authority"))))


def _signatories(desk: Desk) -> Iterator[Item]:
    rows = Membership.unscoped.filter(tenant=desk.city, role=Role.SIGNATORY, user__is_active=True)
    for post in _ending(desk, desk.asked(rows, "membership")).select_related("user").order_by("pk"):
        yield from _authority(
            desk,
            desk.roster.holders(Role.ADMINISTRATOR),
            subject=f"membership:{post.pk}",
            ends=post.ends_date,
            heading=f"署名者の任期：{post.user.name}",
            why="続けて務めるときは任期を延ばし、替わるときは次の署名者を登録してください。",
            url=reverse("person", args=[post.user_id]),
        )


def _authorities(desk: Desk) -> Iterator[Item]:
    """Tell the administrators, and those who have a contract with the firm under way, of the end of a firm's signer."""
    rows = Authority.unscoped.filter(tenant=desk.city, contractor__active=True)
    found = list(_ending(desk, desk.asked(rows, "authority")).select_related("contractor").order_by("pk"))
    busy = _busy_with(desk, {authority.contractor_id for authority in found}) if found else {}
    for authority in found:
        users = [*desk.roster.holders(Role.ADMINISTRATOR), *busy.get(authority.contractor_id, ())]
        yield from _authority(
            desk,
            users,
            subject=f"authority:{authority.pk}",
            ends=authority.ends_date,
            heading=f"契約締結権限者の任期：{authority.contractor.full_name} {authority.name}",
            why="続けて務めるか、替わるかを受注者に確かめ、名簿を直してください。",
            url=reverse("contractor", args=[authority.contractor_id]),
        )


def _busy_with(desk: Desk, firms: set[int]) -> dict[int, list[User]]:
    """Map firms to those who registered an open case of theirs, a joint venture's cases being its members' too."""
    places = JvMember.unscoped.filter(tenant=desk.city, member__in=firms).values_list("joint_venture_id", "member_id")
    ventures: dict[int, set[int]] = {firm: {firm} for firm in firms}
    for venture, member in places:
        ventures[member].add(venture)
    rows = Case.unscoped.filter(tenant=desk.city, state__in=OPEN_CASES, contractor__in=set().union(*ventures.values()))
    cases = list(rows.select_related("registered_by").only("contractor_id", "department_id", "registered_by"))
    return {
        firm: [user for case in cases if case.contractor_id in those for user in desk.people(case)]
        for firm, those in ventures.items()
    }


def _authority(desk: Desk, users: Iterable[User], *, ends: Any, **item: Any) -> Iterator[Item]:
    _name, said = desk.current
    planned = rules.ending_days(said, "authority", ends=ends, within=desk.asking.planned)
    item["url"] = settings.BASE_URL + item["url"]
    for user in users:
        yield Item(
            rule="authority",
            planned=planned,
            shift=Shift.BEFORE,
            to=user.email,
            name=user.name,
            digest=STAFF,
            by=ends,
            by_label="任期の末日",
            line=desk.city_line("authority"),
            **item,
        )


def _certificates(desk: Desk) -> Iterator[Item]:
    """Tell the keepers of a house, and once the operators, of the certificates that nobody follows."""
    first, last = desk.asking.planned
    span = (first - timedelta(days=1), last + timedelta(days=desk.furthest("certificate") + 1))
    rows = Certificate.objects.filter(is_last=True, stopped_at__isnull=True, ends_at__date__range=span)
    keys = desk.asking.among("certificate")
    for certificate in rows if keys is None else rows.filter(fingerprint__in=keys):
        yield from _certificate(desk, certificate)


def _certificate(desk: Desk, certificate: Certificate) -> Iterator[Item]:
    _name, said = desk.current
    ends = timezone.localdate(certificate.ends_at)
    planned = rules.ending_days(said, "certificate", ends=ends, within=desk.asking.planned)
    use = "電子署名" if certificate.kind == CertificateKind.SIGNING else "タイムスタンプ"
    for to, name in _keepers(desk, certificate).items():
        yield Item(
            rule="certificate",
            subject=f"certificate:{certificate.fingerprint}",
            planned=planned,
            shift=Shift.BEFORE,
            to=to,
            name=name,
            digest=STAFF,
            heading=f"{use}の証明書：{certificate.name}",
            why="過ぎると、契約の締結が止まります。システムの運用の担当者にお伝えください。",
            by=ends,
            by_label="使える最後の日",
            line=desk.city_line("certificate"),
            url=settings.BASE_URL + reverse("city_settings"),
        )


def _keepers(desk: Desk, certificate: Certificate) -> dict[str, str]:
    """Give the addresses and names of those who are told of a certificate in this house."""
    houses = certificates.houses_of(certificate, on=desk.on)
    if desk.city.pk not in houses:
        return {}
    # 運用の担当者には、関わる団体がいくつあっても、初めの団体から一通
    operators = dict.fromkeys(settings.OPERATORS, "運用の担当者") if houses[0] == desk.city.pk else {}
    own = desk.roster.holders(certificates.KEEPERS[OrganizationKind(desk.city.kind)])
    return operators | {user.email: user.name for user in own}

"""Where what is coming is found: one query for each kind, every row with its `day`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership, Organization, Role
from contracts.models import AccessLink, Authority, Case, Certificate, Contract, ContractVersion, Party, Purpose
from contracts.states import LIVE_VERSIONS, CaseState, ContractState, VersionState

Span = tuple[date, date]
Told = tuple[str, str, str]
MINE, DEPARTMENT, EVERYTHING = "mine", "department", "all"


@dataclass(frozen=True)
class Source:
    """One kind of what comes: its name and tone, its rows in a span, and (title, address, note) of a row.

    `passed` is its name on days that are over, where that says more.
    """

    label: str
    tone: str
    rows: Callable[[Actor, Span, str], Any]
    told: Callable[[Any], Told]
    passed: str = ""

    def name_on(self, day: date, *, today: date) -> str:
        return self.passed if self.passed and day < today else self.label


def _own(actor: Actor, whose: str, prefix: str = "") -> Q:
    """Keep the cases that someone registered, drafts or signs now, those of their department, or all."""
    if whose == DEPARTMENT and actor.department_id is not None:
        return Q(**{f"{prefix}department_id": actor.department_id})
    if whose != MINE:
        return Q()
    versions = ContractVersion.objects.visible_to(actor).filter(state__in=LIVE_VERSIONS)
    theirs = versions.filter(Q(drafted_by_id=actor.user_id) | Q(signatory_id=actor.user_id))
    at_hand = {f"{prefix}pk__in": theirs.values("contract__case_id")}
    return Q(**{f"{prefix}registered_by_id": actor.user_id}) | Q(**at_hand)


def _within(moment: str, span: Span) -> Q:
    first, after = (timezone.make_aware(datetime.combine(day, time())) for day in (span[0], span[1] + timedelta(1)))
    return Q(**{f"{moment}__gte": first, f"{moment}__lt": after})


def _day_of(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=timezone.get_default_timezone())


def _deadlines(actor: Actor, span: Span, whose: str) -> Any:
    rows = Case.objects.visible_to(actor).filter(_own(actor, whose), conclusion_deadline_date__range=span)
    waiting = rows.filter(state__in=[CaseState.REGISTERED, CaseState.CONTRACTING])
    return waiting.annotate(day=F("conclusion_deadline_date"))


def _signatures(actor: Actor, span: Span, whose: str) -> Any:
    rows = ContractVersion.objects.visible_to(actor).filter(_own(actor, whose, "contract__case__"))
    asked = rows.filter(_within("expires_at", span), state=VersionState.SENT)
    return asked.select_related("contract__case").annotate(day=_day_of("expires_at"))


def _downloads(actor: Actor, span: Span, whose: str) -> Any:
    """Find the living links by which a firm has not fetched its documents yet."""
    rows = AccessLink.objects.visible_to(actor).filter(_own(actor, whose, "case__"), _within("expires_at", span))
    living = rows.filter(purpose=Purpose.DOWNLOAD, revoked_at=None)
    waiting = living.filter(step__party=Party.CONTRACTOR, step__downloaded_at=None)
    return waiting.select_related("case").annotate(day=_day_of("expires_at"))


def _votes(actor: Actor, span: Span, whose: str) -> Any:
    rows = Contract.objects.visible_to(actor).filter(_own(actor, whose, "case__"), council_planned_date__range=span)
    waiting = rows.filter(state=ContractState.COUNCIL_PENDING)
    return waiting.select_related("case").annotate(day=F("council_planned_date"))


def _terms(actor: Actor, span: Span, _whose: str) -> Any:
    rows = Membership.objects.visible_to(actor).filter(role=Role.SIGNATORY, ends_date__range=span)
    return rows.select_related("user").annotate(day=F("ends_date"))


def _authorities(actor: Actor, span: Span, _whose: str) -> Any:
    rows = Authority.objects.visible_to(actor).filter(ends_date__range=span, contractor__active=True)
    return rows.select_related("contractor").annotate(day=F("ends_date"))


def _certificates(actor: Actor, span: Span, _whose: str) -> Any:
    """Find the certificates that nobody follows, of the city's own keys and of those that all share."""
    city = ArraySubquery(Organization.objects.filter(pk=actor.tenant_id).values("slug"))
    rows = Certificate.objects.filter(_within("ends_at", span), stopped_at=None, is_last=True)
    return rows.filter(Q(owners=[]) | Q(owners__contains=city)).annotate(day=_day_of("ends_at"))


def _case(case: Case, note: str = "") -> Told:
    return case.title, reverse("case", args=[case.pk]), note or case.number


def _authority(row: Authority) -> Told:
    return row.contractor.full_name, reverse("contractor", args=[row.contractor_id]), f"{row.title} {row.name}"


SOURCES = (
    Source("契約締結期限", "error", _deadlines, _case, passed="締結期限を過ぎた案件"),
    Source("署名の期限", "warning", _signatures, lambda row: _case(row.contract.case)),
    Source("未ダウンロードの期限", "warning", _downloads, lambda row: _case(row.case, f"{row.name} 様")),
    Source("議決の予定", "info", _votes, lambda row: _case(row.case)),
    Source("市の署名者の任期", "neutral", _terms, lambda row: (row.user.name, reverse("authority_list"), row.title)),
    Source("事業者の権限の任期", "neutral", _authorities, _authority),
    Source("署名の証明書などの終わり", "neutral", _certificates, lambda row: (row.name, "", row.subject)),
)

"""A fiscal year of a city, as rows of its archive and its cases: what a hand can count."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Department, Organization, Role
from contracts.dates import JST
from contracts.models import Archived, ArchiveEntry, Case, Contract, ContractVersion
from contracts.services.cases import registering
from contracts.services.consents import consenting
from tests import factories

numbers = count(1)
AWARDED = datetime(2025, 6, 2, 9, tzinfo=JST)


def department(city: Organization, name: str) -> Department:
    made, _ = Department.unscoped.get_or_create(tenant=city, name=name)
    return made  # type: ignore[no-any-return]


def version_of(case: Case) -> ContractVersion:
    by = factories.member(case.tenant, Role.DRAFTER)
    contract = Contract.unscoped.create(tenant=case.tenant, case=case, title="工事請負契約書")
    return ContractVersion.unscoped.create(  # type: ignore[no-any-return]
        tenant=case.tenant,
        contract=contract,
        number=1,
        amount=case.amount,
        work_starts_date=case.work_starts_date,
        work_ends_date=case.work_ends_date,
        signatory=by,
        drafted_by=by,
        drafted_at=AWARDED,
    )


def entry(of: ContractVersion, **values: Any) -> ArchiveEntry:
    """File one contract of the department of its case, concluded in June 2025 unless said otherwise."""
    case = of.case
    typed = {"what": Archived.CONTRACT, "concluded_date": date(2025, 6, 7), "fiscal_year": 2025, "case": case}
    typed |= {"subject": f"figures:{next(numbers)}", "version": of, "department": case.department} | values
    return ArchiveEntry.unscoped.create(  # type: ignore[no-any-return]
        tenant=case.tenant, amount=1, kind=case.kind, number=case.number, title=case.title, party="㈱髙﨑", **typed
    )


def on_paper(city: Organization, place: Department, *, day: date = date(2025, 6, 9), asked: bool = False) -> Case:
    """Contract a case on paper that could have been electronic; with `asked`, after its firm gave no consent."""
    by = factories.staff(city, Role.DRAFTER)
    firm = factories.contractor(city)
    days = {"announced_date": date(2026, 3, 2), "awarded_date": date(2026, 3, 20)}
    days |= {"work_starts_date": date(2026, 4, 20), "work_ends_date": date(2026, 9, 30)}
    case = factories.case(city, by=by, at=AWARDED, department=place, contractor=firm, **days)
    if asked:
        consenting.invite(case, actor=by, at=timezone.now())
    case = registering.switch_to_paper(case, actor=by, at=timezone.now(), contract_date=date(2026, 3, 25))
    Case.unscoped.filter(pk=case.pk).update(paper_contract_date=day)
    return case


def year(city: Organization) -> None:
    """Fill fiscal 2025 (令和7年度) of a city, with rows of other years and other sorts around it."""
    roads, farms = department(city, "建設課"), department(city, "農政課")
    one = version_of(factories.case(city, department=roads))
    two = version_of(factories.case(city, department=farms))
    for days, stamps in ((5, 10_000), (3, 10_000), (9, 5_000)):
        entry(one, days_to_conclude=days, stamp_duty_saved=stamps)
    entry(two, days_to_conclude=2, stamp_duty_saved=1_000, concluded_date=date(2026, 3, 31))
    entry(one, what=Archived.AMENDMENT, stamp_duty_saved=200)
    entry(one, concluded_date=date(2025, 3, 31), fiscal_year=2024, days_to_conclude=60, stamp_duty_saved=60_000)
    entry(one, concluded_date=date(2026, 4, 1), fiscal_year=2026, days_to_conclude=50, stamp_duty_saved=50_000)
    entry(one, what=Archived.CONSENT)
    entry(one, is_current=False, days_to_conclude=40, stamp_duty_saved=40_000)
    entry(one, version=None, days_to_conclude=30, stamp_duty_saved=30_000)  # よそで結んだ契約
    on_paper(city, roads)
    on_paper(city, farms, asked=True)
    on_paper(city, farms, day=date(2025, 6, 9) - timedelta(days=365))
    paper = on_paper(city, farms)
    Case.unscoped.filter(pk=paper.pk).update(econtract_verdict=paper.econtract_verdict | {"eligible": False})

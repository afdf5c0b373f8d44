"""What a certificate must say to fit: the contract as it stands, the notice, and the city's rules, as plain values."""

import json
from collections.abc import Iterator
from datetime import date

from audit.models import Event
from contracts import rules as city_rules
from contracts.models import Case, ContractKind, ContractVersion
from contracts.rules.nodes import as_date
from contracts.services.cases import registering
from contracts.states import ContractState, VersionState
from guarantees import states
from guarantees.models import Channel, Guarantee, Institution, InstitutionKind
from guarantees.rules.expected import Clauses, Expected, Namesake
from guarantees.services import expecting
from guarantees.states import GuaranteeState

GIVEN_BACK = {GuaranteeState.CHANGED, GuaranteeState.RELEASED}


def expected(guarantee: Guarantee, *, on: date) -> Expected:
    """Give what the certificate of a submitted guarantee must say on a day in Japan; amounts as they are expected."""
    case, institution = guarantee.case, guarantee.institution
    assert institution is not None  # noqa: S101 - 届いた保証には必ずある（制約 submitted_guarantee_has_its_number）
    minimum, maximum = expecting.expected_amounts(guarantee)
    versions = _in_force(case)
    earlier = [*((each.amount, each.work_ends_date) for each in versions), *_changed_on_paper(case)]
    return Expected(
        type=guarantee.type,
        type_label=guarantee.get_type_display(),
        number=guarantee.number,
        city=case.tenant.name,
        beneficiaries=_beneficiaries(case),
        applicants=tuple(_applicants(case)),
        institution=institution.name,
        seal_name=institution.seal_name or institution.name,
        institutions=tuple(Institution.unscoped.filter(tenant_id=case.tenant_id).values_list("name", flat=True)),
        work_title=case.title,
        price=case.amount,
        minimum=minimum,
        maximum=maximum,
        work_from=case.work_starts_date,
        work_until=case.work_ends_date,
        today=on,
        contracted_date=registering.contracted_date(case),
        earlier_prices=tuple(price for price, _ in earlier if price != case.amount),
        earlier_ends=tuple(ends for _, ends in earlier if ends != case.work_ends_date),
        follows_work=institution.kind == InstitutionKind.SURETY,
        is_change=guarantee.amends_id is not None,
        clauses=_clauses(guarantee, versions),
        namesakes=tuple(_namesakes(guarantee)),
    )


def _beneficiaries(case: Case) -> tuple[str, ...]:
    city = case.tenant
    return (city.addressee, city.name, f"{city.mayor_title} {city.mayor_name}", f"{city.name} {city.mayor_title}")


def _applicants(case: Case) -> Iterator[str]:
    """Name the contractor in every way it may stand on a certificate; a venture by its representative too."""
    firm = case.contractor
    yield from (firm.name, firm.full_name)
    for place in firm.places.filter(is_representative=True).select_related("member"):
        yield f"{firm.name} {place.member.name}"


def _in_force(case: Case) -> list[ContractVersion]:
    """List the concluded original and amendments of a case, the first first; none where the contract is on paper."""
    rows = ContractVersion.unscoped.filter(
        contract__case=case,
        contract__state=ContractState.IN_FORCE,
        contract__kind__in=[ContractKind.ORIGINAL, ContractKind.AMENDMENT],
        state=VersionState.CONCLUDED,
    )
    return list(rows.order_by("contract__number"))


def _changed_on_paper(case: Case) -> Iterator[tuple[int, date]]:
    """Read from the journal the price (yen) and the end of the work before each change on paper."""
    changes = Event.objects.of_thread(case.tenant_id, case.thread).filter(action="case.changed_on_paper")
    for data in changes.values_list("data", flat=True):
        told = json.loads(data)
        yield int(told["amount_before"]), date.fromisoformat(told["work_ends_date_before"])


def _clauses(guarantee: Guarantee, versions: list[ContractVersion]) -> Clauses | None:
    """Say which general terms the original contract is made under, and which the city asks for (R117)."""
    rules = guarantee.case.rule_set.data
    asked = rules["guarantee"].get("clause_set")
    name = versions[0].clause_set if versions else ""
    if not (asked or name):
        return None
    found = city_rules.clause_set_named(rules, name) if name else None
    return Clauses(
        name=name,
        effective_date=found.effective_date if found else None,
        electronic=found.electronic_guarantee if found else None,
        required_name=asked["name"] if asked else "",
        required_date=as_date(asked["effective_date"]) if asked else None,
        # 職員が受け付けるときは、約款を確かめた印がなければ受け付けない。
        seen=bool(asked) and guarantee.channel != Channel.UPLOAD,
    )


def _namesakes(guarantee: Guarantee) -> Iterator[Namesake]:
    """Name the other guarantees under this number; a change certificate may bear that of the one it changes (R106)."""
    rows = Guarantee.unscoped.filter(
        tenant_id=guarantee.tenant_id,
        institution_id=guarantee.institution_id,
        number=guarantee.number,
        state__in=states.OPEN | states.HELD | GIVEN_BACK,
    )
    before = guarantee.amends
    own = {guarantee.pk}
    while before is not None:
        own.add(before.pk)
        before = before.amends
    for row in rows.exclude(pk__in=own).select_related("case").order_by("pk"):
        yield Namesake(row.case.title, row.get_type_display(), is_released=row.state in GIVEN_BACK)

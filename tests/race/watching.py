"""What to look at after a race: one short text per question, so that the ways it may end can be listed."""

from audit.models import Event
from contracts.models import (
    Case,
    Consent,
    Contract,
    ContractKind,
    Contractor,
    ContractVersion,
    Party,
    RuleDraft,
    RuleSet,
    SignerChange,
    SigningCode,
    SigningStep,
)
from guarantees.models import Guarantee
from notifications.models import Delivery, Reminder


def version_state(case: Case) -> str:
    return str(ContractVersion.unscoped.filter(contract__case=case).latest("pk").state)


def wrong_tries(case: Case) -> str:
    code = SigningCode.unscoped.get(step__version__contract__case=case)
    events = Event.objects.of_thread(case.tenant_id, case.thread).filter(action="code.refused")
    return f"{code.wrong_tries}回、記録{events.count()}件"


def case_state(case: Case) -> str:
    return str(case.state)


def contract_state(case: Case) -> str:
    return str(Contract.unscoped.filter(case=case).latest("pk").state)


def consent_state(case: Case) -> str:
    return str(Consent.unscoped.get(case=case).state)


def changes(case: Case) -> str:
    """List the amendments of a case with their states."""
    rows = Contract.unscoped.filter(case=case, kind=ContractKind.AMENDMENT).order_by("pk")
    return "、".join(f"第{row.number}回 {row.state}" for row in rows)


def guarantee_state(case: Case) -> str:
    return str(Guarantee.unscoped.get(case=case, checked_at__isnull=False).state)


def guarantees_of(case: Case) -> str:
    """List the states of a case's guarantees, the oldest first."""
    return "、".join(Guarantee.unscoped.filter(case=case).order_by("pk").values_list("state", flat=True))


def consents_asked(case: Case) -> str:
    return "、".join(Consent.unscoped.filter(case=case).order_by("pk").values_list("state", flat=True))


def versions_and_contracts(case: Case) -> str:
    """Count what two drafters made."""
    versions = ContractVersion.unscoped.filter(contract__case=case).count()
    return f"契約 {Contract.unscoped.filter(case=case).count()}、版 {versions}"


def edited(case: Case) -> str:
    version = ContractVersion.unscoped.get(contract__case=case)
    return f"{version.state} {version.edit_number} {version.amount}"


def signer(case: Case) -> str:
    version = ContractVersion.unscoped.get(contract__case=case)
    return f"{version.state} {version.steps.get(order=1).email}"


def signer_and_wish(case: Case) -> str:
    """Tell who is to sign, and how the wish for another signer stands, if there is one."""
    wishes = SignerChange.unscoped.filter(step__version__contract__case=case)
    return " ".join([signer(case), *wishes.values_list("state", flat=True)])


def city_signer(case: Case) -> str:
    step = SigningStep.unscoped.get(version__contract__case=case, party=Party.CITY)
    return f"{step.state} {step.name}"


def case_and_version(case: Case) -> str:
    states = ContractVersion.unscoped.filter(contract__case=case).values_list("state", flat=True)
    return " ".join([case.state, *states])


def firms_taken_in(case: Case) -> str:
    firms = Contractor.unscoped.filter(tenant=case.tenant, name="㈱競争").count()
    told = Event.objects.filter(tenant_id=case.tenant_id, action="import.applied").count()
    return f"{firms} 社、記録 {told} 件"


def rules_of(case: Case) -> str:
    """Tell the city's newest period for concluding, its draft's, and what the log says was done to either."""
    newest = RuleSet.unscoped.filter(tenant=case.tenant).latest("number")
    drafts = [draft.data["deadline"]["days"] for draft in RuleDraft.unscoped.filter(tenant=case.tenant)]
    done = Event.objects.filter(tenant_id=case.tenant_id, action__startswith="rules.").order_by("seq")
    said = "、".join(action.removeprefix("rules.") for action in done.values_list("action", flat=True))
    return f"第{newest.number}版 {newest.data['deadline']['days']}日、下書き {drafts}: {said}"


def reminded(case: Case) -> str:
    told = Reminder.unscoped.filter(tenant=case.tenant, subject=f"case:{case.pk}").count()
    mails = Delivery.unscoped.filter(tenant=case.tenant, key__startswith="morning:").count()
    return f"催促 {told}、メール {mails}"

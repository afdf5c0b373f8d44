"""Rows as plain values in the words of people, for the pages and the JSON of a pack."""

from typing import Any

from audit.models import Event
from contracts.models import ApprovalStep, Case, Consent, ContractVersion, Document, ForeignContract, SigningStep

Told = dict[str, Any]


def case(row: Case) -> Told:
    """Tell what was tendered and who won it; amounts in yen with tax, days in Japan."""
    return {
        "id": row.pk,
        "city": row.tenant.name,
        "number": row.number,
        "title": row.title,
        "place": row.place,
        "kind": row.kind_label,
        "method": row.method_label,
        "announced_date": row.announced_date,
        "awarded_date": row.awarded_date,
        "deadline_date": row.conclusion_deadline_date,
        "deadline_working": row.deadline_working,
        "contractor": row.contractor.name,
        "contractor_address": row.contractor.address,
        "amount": row.amount,
        "department": row.department.name,
        "state": row.get_state_display(),
        "paper_contract_date": row.paper_contract_date,
        "rules": row.rule_set.name,
    }


def foreign(row: ForeignContract) -> Told:
    """Tell what was concluded elsewhere, as its index said it and as it was taken in."""
    return {
        "id": row.pk,
        "city": row.tenant.name,
        "number": row.number,
        "title": row.title,
        "kind": row.kind_label,
        "awarded_date": None,
        "concluded_date": row.concluded_date,
        "contractor": row.party,
        "amount": row.amount,
        "department": "",
        "state": "よそで締結",
        "file": row.name,
        "pages": row.pages,
        "taken_in_at": row.taken_in_at,
        "taken_in_by": row.taken_in_by.name,
        "taken_in_from": row.job.name,
        "verdict_then": row.get_verdict_display(),
    }


def agreement(version: ContractVersion) -> Told:
    """Tell what the parties settled, who approved it and who signed it, and the documents they signed."""
    contract = version.contract
    return {
        "label": contract.label,
        "title": contract.title,
        "version": version.number,
        "amount": version.amount,
        "work_starts_date": version.work_starts_date,
        "work_ends_date": version.work_ends_date,
        "contract_date": version.contract_date,
        "council_date": contract.council_date,
        "in_force_date": contract.in_force_date,
        "reason": version.reason,
        "late_reason": version.late_reason,
        "late_allowed_by": version.late_allowed_by.name if version.late_allowed_by else "",
        "drafted_by": version.drafted_by.name,
        "drafted_at": version.drafted_at,
        "fixed_at": version.fixed_at,
        "concluded_at": version.concluded_at,
        "documents": [_document(row) for row in version.documents.all()],
        "signers": [_signer(row) for row in version.steps.all()],
        "approvals": [_approval(row) for row in version.approval_steps.all()],
    }


def consent(row: Consent) -> Told:
    """Tell who consented to the electronic contract, for whom, and when it was accepted."""
    return {
        "company": row.company_name or row.contractor.name,
        "state": row.get_state_display(),
        "representative": row.representative_name,
        "authority": f"{row.authority_title} {row.authority_name}".strip(),
        "authority_email": row.authority_email,
        "statement": row.statement,
        "channel": row.get_channel_display(),
        "submitted_at": row.submitted_at,
        "address_confirmed_at": row.address_confirmed_at,
        "accepted_at": row.accepted_at,
        "withdrawn_at": row.withdrawn_at,
        "withdrawal_reason": row.withdrawal_reason,
        "submissions": [
            {"number": each.number, "submitted_at": each.submitted_at, "sha256": each.paper.sha256}
            for each in row.submissions.all()
        ],
    }


def event(row: Event) -> Told:
    """Tell one event of the log in words."""
    return {"seq": row.seq, "at": row.at, "what": row.label, "who": row.actor_name, "ip": row.ip, "hash": row.hash}


def _document(row: Document) -> Told:
    return {
        "title": row.title,
        "kind": row.get_kind_display(),
        "pages": row.pages,
        "revisions": [
            {
                "number": each.number,
                "size": each.size,
                "sha256": each.sha256,
                "made_at": each.made_at,
                "timestamped_at": each.timestamped_at,
                "tsa": each.tsa,
            }
            for each in row.revisions.all()
        ],
    }


def _signer(row: SigningStep) -> Told:
    return {
        "party": row.get_party_display(),
        "kind": row.get_kind_display(),
        "signature_type": row.get_signature_type_display(),
        "name": row.name,
        "title": row.title,
        "email": row.email,
        "level": row.get_level_display(),
        "authentication": row.authentication,
        "requested_at": row.requested_at,
        "instructed_at": row.instructed_at,
        "ip": row.instructed_ip,
        "acted_at": row.signed_at or row.confirmed_at,
    }


def _approval(row: ApprovalStep) -> Told:
    return {
        "order": row.order,
        "label": row.label,
        "kind": row.get_kind_display(),
        "need": row.need,
        "state": row.get_state_display(),
        "department": row.department.name if row.department else "",
        "acts": [
            {
                "who": each.user.name,
                "on_behalf_of": each.on_behalf_of.name if each.on_behalf_of else "",
                "decision": each.get_decision_display(),
                "comment": each.comment,
                "at": each.at,
            }
            for each in row.acts.all()
        ],
    }

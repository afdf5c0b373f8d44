"""Every address of the site: who may pass, with which methods, and what it is about. A new one needs a line here."""

from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Role
from accounts.permissions import OUTSIDE
from contracts.models import Purpose

EVERYONE = frozenset(Role) - OUTSIDE
DRAFTER = frozenset({Role.DRAFTER})
SIGNATORY = frozenset({Role.SIGNATORY})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
UNDERWRITER = frozenset({Role.UNDERWRITER})
OPERATOR = frozenset({Role.OPERATOR})
INVOLVED = EVERYONE - {Role.AUDITOR}
KEEPERS = frozenset({Role.DRAFTER, Role.ADMINISTRATOR})
DISPOSERS = frozenset({Role.APPROVER, Role.ADMINISTRATOR})
HANDLERS = frozenset({Role.GUARANTEE_OFFICER, Role.DRAFTER})
GET, POST, BOTH = frozenset({"get"}), frozenset({"post"}), frozenset({"get", "post"})


@dataclass(frozen=True)
class Desk:
    """A page for staff: `roles` pass the door; `at` names the case of the scene whose ids fill the address.

    Where a page `hands_out`, a POST changes nothing but the journal, and auditors may press it as well.
    """

    roles: frozenset[Role]
    methods: frozenset[str]
    at: str = "concluded"
    hands_out: bool = False


@dataclass(frozen=True)
class Link:
    """A page behind a mailed link, for one purpose."""

    purpose: Purpose
    methods: frozenset[str]


@dataclass(frozen=True)
class Open:
    """A page for anyone."""

    methods: frozenset[str]


@dataclass(frozen=True)
class Visit:
    """A page behind a way in of its own, with tests of its own.

    A guarantor's correspondents: tests/guarantees/issuing/test_doors.py; 受注者の窓口, of one city and of all, and the
    renewal of a download: tests/contracts/links/test_inbox.py, test_across.py and test_renewing.py; the way to a
    password: tests/accounts/test_passwords.py.
    """

    methods: frozenset[str]


@dataclass(frozen=True)
class Machine:
    """An address for other systems, which show a token: tests/guarantees/registry/, tests/contracts/api/."""

    methods: frozenset[str]


TABLE: dict[str, Desk | Link | Open | Visit | Machine] = {
    "home": Desk(frozenset(Role), GET),
    "work_inbox": Desk(INVOLVED, GET),
    "work_number": Desk(INVOLVED, GET),
    "calendar": Desk(EVERYONE, GET),
    "batches": Desk(INVOLVED, GET),
    "batch_new": Desk(DRAFTER, BOTH),
    "batch": Desk(INVOLVED, GET),
    "case_list": Desk(EVERYONE, GET),
    "mail_list": Desk(EVERYONE, GET),
    "mail": Desk(EVERYONE, GET),
    "mail_resend": Desk(HANDLERS, POST),
    "mail_correct": Desk(HANDLERS, BOTH),
    "mail_recall": Desk(HANDLERS, POST),
    "case_mails": Desk(EVERYONE, GET),
    "downloads": Desk(EVERYONE, GET),
    "download_resend": Desk(DRAFTER, POST),
    "case_new": Desk(DRAFTER, BOTH),
    "case": Desk(EVERYONE, GET),
    "case_edit": Desk(DRAFTER, BOTH, at="registered"),
    "case_import": Desk(DRAFTER, BOTH),
    "case_template": Desk(DRAFTER, GET),
    "case_invite": Desk(DRAFTER, POST, at="registered"),
    "case_paper": Desk(DRAFTER, BOTH, at="registered"),
    "case_kit": Desk(DRAFTER, BOTH, at="registered"),
    "outage": Desk(EVERYONE, GET),
    "outage_kits": Desk(DRAFTER, POST),
    "start": Desk(EVERYONE, GET),
    "case_draft": Desk(DRAFTER, BOTH, at="registered"),
    "case_change_on_paper": Desk(DRAFTER, BOTH),
    "case_amend": Desk(DRAFTER, BOTH),
    "contract_vote": Desk(DRAFTER, BOTH),
    "contract_drop": Desk(DRAFTER, POST),
    "step_reassign": Desk(DRAFTER, BOTH),
    "signer_change": Desk(DRAFTER, GET),
    "signer_change_accept": Desk(DRAFTER, POST),
    "signer_change_refuse": Desk(DRAFTER, POST),
    "consent_cancel": Desk(DRAFTER, POST),
    "step_code": Desk(DRAFTER, BOTH),
    "consent_accept": Desk(DRAFTER, POST),
    "consent_return": Desk(DRAFTER, POST),
    "consent_ask": Desk(DRAFTER, POST),
    "consent_withdraw": Desk(DRAFTER, POST),
    "consent_authority": Desk(DRAFTER, BOTH),
    "consent_contact": Desk(DRAFTER, BOTH),
    "consent_mailed": Desk(DRAFTER, BOTH, at="registered"),
    "consent_paper": Desk(EVERYONE, GET),
    "consent_page": Desk(EVERYONE, GET),
    "consent_download": Desk(EVERYONE, POST, hands_out=True),
    "consent_received": Desk(EVERYONE, POST, hands_out=True),
    "version_edit": Desk(DRAFTER, BOTH, at="drafted"),
    "version_discard": Desk(DRAFTER, POST, at="drafted"),
    "document_add": Desk(DRAFTER, BOTH, at="drafted"),
    "document_move": Desk(DRAFTER, POST, at="drafted"),
    "document_remove": Desk(DRAFTER, POST, at="drafted"),
    "version_submit": Desk(DRAFTER, POST, at="drafted"),
    "version_preview": Desk(EVERYONE, GET, at="drafted"),
    "preview_page": Desk(EVERYONE, GET, at="drafted"),
    "version_compare": Desk(EVERYONE, GET),
    "version_findings": Desk(EVERYONE, GET, at="drafted"),
    "version_approve": Desk(EVERYONE, POST, at="drafted"),
    "version_return": Desk(EVERYONE, POST, at="drafted"),
    "version_allow_late": Desk(EVERYONE, POST, at="drafted"),
    "approval_see": Desk(EVERYONE, POST),
    "version_sealing": Desk(EVERYONE, GET),
    "version_retry": Desk(SIGNATORY | ADMINISTRATOR, POST),
    "version_recall": Desk(DRAFTER, POST, at="drafted"),
    "link_reissue": Desk(DRAFTER, POST),
    "document": Desk(EVERYONE, GET),
    "document_page": Desk(EVERYONE, GET),
    "document_download": Desk(EVERYONE, POST, hands_out=True),
    "document_received": Desk(EVERYONE, POST, hands_out=True),
    "document_copy": Desk(EVERYONE, POST, hands_out=True),
    "document_verify": Desk(EVERYONE, POST, hands_out=True),
    "document_version": Desk(EVERYONE, POST, hands_out=True),
    "version_verify": Desk(EVERYONE, POST, hands_out=True),
    "sign_step": Desk(SIGNATORY, GET),
    "sign_read": Desk(SIGNATORY, POST),
    "sign_confirm": Desk(SIGNATORY, BOTH),
    "sign_finish": Desk(SIGNATORY, POST),
    "sign_progress": Desk(SIGNATORY, GET),
    "register": Desk(EVERYONE, GET),
    "contractor_search": Desk(EVERYONE, GET),
    "contractor": Desk(EVERYONE, GET),
    "contractor_new": Desk(KEEPERS, BOTH),
    "contractor_edit": Desk(KEEPERS, BOTH),
    "contractor_standing": Desk(KEEPERS, POST),
    "contractor_authority_add": Desk(KEEPERS, BOTH),
    "contractor_authority_end": Desk(KEEPERS, BOTH),
    "venture_members": Desk(KEEPERS, BOTH),
    "venture_add": Desk(KEEPERS, POST),
    "register_import": Desk(KEEPERS, BOTH),
    "register_template": Desk(KEEPERS, GET),
    "register_export": Desk(KEEPERS, BOTH),
    "import_report": Desk(KEEPERS, GET),
    "import_apply": Desk(KEEPERS, POST),
    "import_discard": Desk(KEEPERS, POST),
    "archive": Desk(EVERYONE, GET),
    "archive_views": Desk(EVERYONE, GET),
    "case_views": Desk(EVERYONE, GET),
    "view_save": Desk(INVOLVED, POST),
    "view_change": Desk(INVOLVED, POST),
    "view_delete": Desk(INVOLVED, POST),
    "archive_export": Desk(EVERYONE, BOTH, hands_out=True),
    "archive_draw": Desk(EVERYONE, GET),
    "archive_pack": Desk(EVERYONE, POST, hands_out=True),
    "audit_set_keep": Desk(frozenset({Role.ADMINISTRATOR, Role.GUARANTEE_OFFICER}), POST),
    "audit_sets": Desk(EVERYONE, GET),
    "audit_set": Desk(EVERYONE, GET),
    "audit_set_pack": Desk(EVERYONE, POST, hands_out=True),
    "audit_mark": Desk(frozenset({Role.ADMINISTRATOR, Role.GUARANTEE_OFFICER}), POST),
    "case_pack": Desk(EVERYONE, POST, hands_out=True),
    "retention": Desk(EVERYONE, GET),
    "custody": Desk(EVERYONE, GET),
    "custody_complete": Desk(KEEPERS, BOTH),
    "custody_hold": Desk(KEEPERS, BOTH),
    "hold_release": Desk(KEEPERS, BOTH),
    "disposals": Desk(EVERYONE, GET),
    "disposal_new": Desk(ADMINISTRATOR, BOTH),
    "disposal": Desk(EVERYONE, GET),
    "disposal_approve": Desk(DISPOSERS, POST),
    "disposal_withdraw": Desk(DISPOSERS, POST),
    "disposal_records": Desk(EVERYONE, GET),
    "disposal_record": Desk(EVERYONE, GET),
    "disposal_records_file": Desk(EVERYONE, POST, hands_out=True),
    "elsewhere_import": Desk(KEEPERS, BOTH),
    "elsewhere_template": Desk(KEEPERS, GET),
    "foreign_contract": Desk(EVERYONE, GET),
    "foreign_page": Desk(EVERYONE, GET),
    "foreign_download": Desk(EVERYONE, POST, hands_out=True),
    "foreign_verify": Desk(EVERYONE, POST, hands_out=True),
    "long_life": Desk(frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), GET),
    "log": Desk(frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), GET),
    "record_checks": Desk(frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), GET),
    "record_check": Desk(frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), GET),
    "record_check_ask": Desk(frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), POST, hands_out=True),
    "people": Desk(ADMINISTRATOR, GET),
    "person_new": Desk(ADMINISTRATOR, BOTH),
    "person": Desk(ADMINISTRATOR, BOTH),
    "person_leave": Desk(ADMINISTRATOR, BOTH),
    "person_password": Desk(ADMINISTRATOR, POST),
    "person_unlock": Desk(ADMINISTRATOR, POST),
    "person_second_factor": Desk(ADMINISTRATOR, BOTH),
    "role_new": Desk(ADMINISTRATOR, BOTH),
    "role_edit": Desk(ADMINISTRATOR, BOTH),
    "role_withdraw": Desk(ADMINISTRATOR, POST),
    "department_list": Desk(ADMINISTRATOR, GET),
    "department_new": Desk(ADMINISTRATOR, BOTH),
    "department_edit": Desk(ADMINISTRATOR, BOTH),
    "delegation_list": Desk(EVERYONE, GET),
    "delegation_new": Desk(INVOLVED, BOTH),
    "delegation_revoke": Desk(INVOLVED, POST),
    "authority_list": Desk(EVERYONE, GET),
    "handover": Desk(ADMINISTRATOR, BOTH),
    "city_settings": Desk(frozenset({Role.ADMINISTRATOR}), BOTH),
    "tokens": Desk(ADMINISTRATOR, BOTH),
    "token_revoke": Desk(ADMINISTRATOR, POST),
    "mail_settings": Desk(ADMINISTRATOR, BOTH),
    "mail_words": Desk(ADMINISTRATOR, GET),
    "mail_wording": Desk(ADMINISTRATOR, BOTH),
    "mail_look": Desk(ADMINISTRATOR, BOTH),
    "mail_sample": Desk(ADMINISTRATOR, POST),
    "mail_standard": Desk(ADMINISTRATOR, POST),
    "rules": Desk(EVERYONE, GET),
    "rule_set": Desk(EVERYONE, GET),
    "rule_file": Desk(EVERYONE, GET),
    "rule_compare": Desk(EVERYONE, GET),
    "rule_draft": Desk(ADMINISTRATOR, GET),
    "rule_draft_begin": Desk(ADMINISTRATOR, POST),
    "rule_draft_load": Desk(ADMINISTRATOR, BOTH),
    "rule_draft_discard": Desk(ADMINISTRATOR, POST),
    "rule_draft_preview": Desk(ADMINISTRATOR, GET),
    "rule_draft_publish": Desk(ADMINISTRATOR, BOTH),
    "rule_draft_page": Desk(ADMINISTRATOR, BOTH),
    "figures": Desk(EVERYONE, GET),
    "figures_file": Desk(EVERYONE, GET),
    "figures_picture": Desk(EVERYONE, GET),
    "figures_paper": Desk(EVERYONE, POST, hands_out=True),
    "platform_archive": Desk(OPERATOR, BOTH),
    "platform_figures": Desk(OPERATOR, GET),
    "platform_figures_file": Desk(OPERATOR, GET),
    "platform_figures_picture": Desk(OPERATOR, GET),
    "platform_figures_paper": Desk(OPERATOR, POST),
    "guarantee_new": Desk(HANDLERS, BOTH),
    "guarantee_receive": Desk(HANDLERS, BOTH),
    "guarantee_received": Desk(HANDLERS, BOTH),
    "guarantee_received_more": Desk(HANDLERS, POST),
    "guarantee_received_discard": Desk(HANDLERS, POST),
    "guarantee_route": Desk(HANDLERS, BOTH),
    "guarantee_file": Desk(HANDLERS, BOTH),
    "advances": Desk(EVERYONE, GET),
    "advance_claim": Desk(HANDLERS, POST),
    "advance_certify": Desk(HANDLERS, POST),
    "advance_basis": Desk(HANDLERS, POST),
    "advance_ask": Desk(HANDLERS, POST),
    "advance_settle": Desk(HANDLERS, POST),
    "advance_cancel": Desk(HANDLERS, POST),
    "guarantee_invite": Desk(HANDLERS, POST),
    "guarantee_want": Desk(HANDLERS, BOTH),
    "guarantee_paper": Desk(HANDLERS, BOTH),
    "guarantee_complete": Desk(HANDLERS, BOTH),
    "guarantee_dismiss": Desk(HANDLERS, BOTH),
    "guarantee_release": Desk(HANDLERS, BOTH),
    "institution_list": Desk(EVERYONE, GET),
    "institution_new": Desk(ADMINISTRATOR, BOTH),
    "institution_edit": Desk(ADMINISTRATOR, BOTH),
    "guarantee_list": Desk(EVERYONE, GET),
    "guarantee_usage": Desk(EVERYONE, GET),
    "guarantee_usage_file": Desk(EVERYONE, GET),
    "guarantee_adopters": Desk(EVERYONE, GET),
    "guarantee_adopters_replace": Desk(ADMINISTRATOR, POST),
    "guarantee": Desk(EVERYONE, GET),
    "guarantee_reveal": Desk(HANDLERS, POST),
    "guarantee_check": Desk(HANDLERS, POST),
    "guarantee_compare": Desk(HANDLERS, POST),
    "guarantee_ask": Desk(HANDLERS, POST),
    "guarantee_read": Desk(HANDLERS, POST),
    "guarantee_accept": Desk(HANDLERS, POST),
    "guarantee_reject": Desk(HANDLERS, POST),
    "consent_form": Link(Purpose.CONSENT, BOTH),
    "consent_copy": Link(Purpose.CONSENT, POST),
    "consent_address": Link(Purpose.ADDRESS, BOTH),
    "consent_standing": Link(Purpose.STANDING, BOTH),
    "standing_copy": Link(Purpose.STANDING, POST),
    "standing_authority": Link(Purpose.STANDING, BOTH),
    "contractor_sign": Link(Purpose.SIGN, GET),
    "contractor_code": Link(Purpose.SIGN, BOTH),
    "contractor_code_send": Link(Purpose.SIGN, POST),
    "contractor_confirm": Link(Purpose.SIGN, BOTH),
    "contractor_finish": Link(Purpose.SIGN, POST),
    "contractor_checked": Link(Purpose.SIGN, POST),
    "contractor_progress": Link(Purpose.SIGN, GET),
    "contractor_change": Link(Purpose.SIGN, BOTH),
    "contractor_decline": Link(Purpose.SIGN, POST),
    "contractor_read": Link(Purpose.SIGN, POST),
    "contractor_page": Link(Purpose.SIGN, GET),
    "contractor_download": Link(Purpose.DOWNLOAD, GET),
    "contractor_document": Link(Purpose.DOWNLOAD, POST),
    "contractor_records": Link(Purpose.DOWNLOAD, POST),
    "contractor_keep": Link(Purpose.DOWNLOAD, POST),
    "download_renew": Visit(BOTH),
    "download_renew_send": Visit(POST),
    "across_enter": Open(BOTH),
    "across_code": Visit(BOTH),
    "across": Visit(GET),
    "across_join": Visit(POST),
    "across_part": Visit(POST),
    "across_records": Visit(BOTH),
    "across_leave": Visit(POST),
    "inbox_enter": Open(BOTH),
    "inbox_code": Visit(BOTH),
    "inbox_landing": Visit(BOTH),
    "inbox": Visit(GET),
    "inbox_open": Visit(POST),
    "inbox_take": Visit(POST),
    "inbox_records": Visit(BOTH),
    "inbox_leave": Visit(POST),
    "guarantee_form": Link(Purpose.GUARANTEE, BOTH),
    "guarantee_drop": Link(Purpose.GUARANTEE, POST),
    "guarantee_address": Link(Purpose.GUARANTEE, BOTH),
    "guarantee_arrival": Link(Purpose.GUARANTEE, BOTH),
    "guarantee_arrival_more": Link(Purpose.GUARANTEE, POST),
    "guarantee_arrival_discard": Link(Purpose.GUARANTEE, POST),
    "guarantee_own_papers": Link(Purpose.GUARANTEE, BOTH),
    "guarantee_own_file": Link(Purpose.GUARANTEE, POST),
    "guarantee_own_remove": Link(Purpose.GUARANTEE, POST),
    "issuing": Desk(UNDERWRITER, GET),
    "issuing_application": Desk(UNDERWRITER, GET),
    "issuing_issue": Desk(UNDERWRITER, POST),
    "issuing_decline": Desk(UNDERWRITER, POST),
    "issuing_certificate": Desk(UNDERWRITER, GET),
    "issuing_certificate_pdf": Desk(UNDERWRITER, POST),
    "issuing_cancel": Desk(UNDERWRITER, POST),
    "issuing_correspondents": Desk(UNDERWRITER, GET),
    "issuing_correspondent_new": Desk(UNDERWRITER, BOTH),
    "issuing_correspondent": Desk(UNDERWRITER, GET),
    "issuing_correspondent_edit": Desk(UNDERWRITER, BOTH),
    "issuing_invite": Desk(UNDERWRITER, POST),
    "issuing_connect": Desk(UNDERWRITER, POST),
    "issuing_unlock": Desk(UNDERWRITER, POST),
    "account_reset_password_from_key": Visit(BOTH),
    "issuing_enter": Visit(BOTH),
    "issuing_landing": Visit(BOTH),
    "issuing_client": Visit(GET),
    "issuing_apply": Visit(BOTH),
    "issuing_own": Visit(GET),
    "issuing_own_pdf": Visit(POST),
    "issuing_key": Visit(POST),
    "issuing_notice": Visit(POST),
    "issuing_change": Visit(BOTH),
    "issuing_view": Visit(BOTH),
    "issuing_viewed": Visit(GET),
    "issuing_viewed_pdf": Visit(POST),
    "issuing_api": Machine(POST),
    "api_whoami": Machine(GET),
    "api_cases": Machine(GET),
    "api_case": Machine(GET),
    "api_consents": Machine(GET),
    "api_contracts": Machine(GET),
    "api_case_contracts": Machine(GET),
    "api_contract": Machine(GET),
    "api_document": Machine(GET),
    "api_document_file": Machine(GET),
    "api_contractors": Machine(GET),
    "api_contractor": Machine(GET),
    "api_guarantees": Machine(GET),
    "api_guarantee": Machine(GET),
    "api_events": Machine(GET),
    "api_missing": Machine(BOTH),
    "api_page": Open(GET),
    "api_description": Open(GET),
    "link_landing": Open(BOTH),
    "public_verify": Open(BOTH),
    "public_version": Open(POST),
    "acrobat": Open(GET),
    "public_anchors": Open(GET),
    "anchor_list": Open(GET),
    "anchor_token": Open(GET),
    "trial_root": Open(GET),
    "city_rules": Open(GET),
    "city_guide": Open(GET),
    "city_checklist": Open(GET),
    "city_about": Open(GET),
    "city_records": Open(GET),
    "city_outage": Open(GET),
    "robots": Open(GET),
    "sitemap": Open(GET),
    "city_adopters": Open(GET),
    "gallery": Open(GET),
    "accessibility": Open(GET),
}
DESKS = {name: row for name, row in TABLE.items() if isinstance(row, Desk)}
LINKS = {name: row for name, row in TABLE.items() if isinstance(row, Link)}


@cache
def ours() -> dict[str, URLPattern]:
    """List the addresses of the site whose views are our own, by name."""
    found = [p for p in _walk(get_resolver()) if not p.callback.__module__.startswith(("allauth.", "django."))]
    return {pattern.name or str(pattern.pattern): pattern for pattern in found}


def _walk(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in resolver.url_patterns:
        found += _walk(entry) if isinstance(entry, URLResolver) else [entry]
    return found

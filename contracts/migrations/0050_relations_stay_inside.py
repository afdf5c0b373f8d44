"""Keep references inside one municipality."""

from django.db import migrations

from accounts.relations import KeepRelationsInside, KeepTenant


class Migration(migrations.Migration):
    # 一つの表ずつ確定する。いくつもの表の錠を、同時には持たない
    atomic = False
    dependencies = [
        ("contracts", "0049_cases_counted_from_indexes"),
        ("accounts", "0012_relations_stay_inside"),
    ]

    operations = [
        KeepRelationsInside(
            "contracts_accesslink",
            {
                "case_id": "contracts_case",
                "step_id": "contracts_signingstep",
                "consent_id": "contracts_consent",
            },
        ),
        KeepRelationsInside(
            "contracts_addresscode",
            {
                "inbox_id": "contracts_inbox",
                "link_id": "contracts_accesslink",
            },
        ),
        KeepRelationsInside(
            "contracts_approvalact",
            {
                "step_id": "contracts_approvalstep",
                "user_id": "accounts_user",
                "on_behalf_of_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_approvalstep",
            {
                "version_id": "contracts_contractversion",
                "department_id": "accounts_department",
            },
        ),
        KeepRelationsInside(
            "contracts_archiveentry",
            {
                "version_id": "contracts_contractversion",
                "case_id": "contracts_case",
                "department_id": "accounts_department",
                "corrects_id": "contracts_archiveentry",
            },
        ),
        KeepRelationsInside(
            "contracts_audititem",
            {
                "set_id": "contracts_auditset",
                "entry_id": "contracts_archiveentry",
            },
        ),
        KeepRelationsInside("contracts_auditmark", {"item_id": "contracts_audititem", "made_by_id": "accounts_user"}),
        KeepRelationsInside("contracts_auditset", {"made_by_id": "accounts_user"}),
        KeepRelationsInside("contracts_authority", {"contractor_id": "contracts_contractor"}),
        KeepRelationsInside("contracts_batch", {"asked_by_id": "accounts_user"}),
        KeepRelationsInside(
            "contracts_case",
            {
                "rule_set_id": "contracts_ruleset",
                "contractor_id": "contracts_contractor",
                "department_id": "accounts_department",
                "registered_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_codeproof",
            {
                "step_id": "contracts_signingstep",
                "link_id": "contracts_accesslink",
                "code_id": "contracts_signingcode",
            },
        ),
        KeepRelationsInside(
            "contracts_conclusioncertificate",
            {
                "version_id": "contracts_contractversion",
                "document_id": "contracts_document",
            },
        ),
        KeepRelationsInside(
            "contracts_consent",
            {
                "case_id": "contracts_case",
                "contractor_id": "contracts_contractor",
                "paper_id": "vault_storedfile",
            },
        ),
        KeepRelationsInside(
            "contracts_consentsubmission",
            {
                "consent_id": "contracts_consent",
                "paper_id": "vault_storedfile",
                "received_id": "vault_storedfile",
            },
        ),
        KeepRelationsInside("contracts_contract", {"case_id": "contracts_case"}),
        KeepRelationsInside(
            "contracts_contractversion",
            {
                "contract_id": "contracts_contract",
                "signatory_id": "accounts_user",
                "drafted_by_id": "accounts_user",
                "approved_by_id": "accounts_user",
                "late_allowed_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_custody",
            {
                "case_id": "contracts_case",
                "foreign_id": "contracts_foreigncontract",
                "rule_set_id": "contracts_ruleset",
            },
        ),
        KeepRelationsInside("contracts_deed", {"batch_id": "contracts_batch", "case_id": "contracts_case"}),
        KeepRelationsInside(
            "contracts_disposal",
            {
                "made_by_id": "accounts_user",
                "first_by_id": "accounts_user",
                "second_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_disposalitem",
            {
                "disposal_id": "contracts_disposal",
                "custody_id": "contracts_custody",
            },
        ),
        KeepRelationsInside(
            "contracts_disposalrecord",
            {
                "item_id": "contracts_disposalitem",
                "custody_id": "contracts_custody",
            },
        ),
        KeepRelationsInside(
            "contracts_document",
            {
                "version_id": "contracts_contractversion",
                "received_id": "vault_storedfile",
            },
        ),
        KeepRelationsInside("contracts_documenttext", {"file_id": "vault_storedfile"}),
        KeepRelationsInside(
            "contracts_foreigncontract",
            {
                "job_id": "contracts_importjob",
                "file_id": "vault_storedfile",
                "taken_in_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside("contracts_importjob", {"file_id": "vault_storedfile", "made_by_id": "accounts_user"}),
        KeepRelationsInside("contracts_inboxlink", {"inbox_id": "contracts_inbox"}),
        KeepRelationsInside(
            "contracts_jvmember",
            {
                "joint_venture_id": "contracts_contractor",
                "member_id": "contracts_contractor",
            },
        ),
        KeepRelationsInside(
            "contracts_keptcontract",
            {
                "inbox_id": "contracts_inbox",
                "step_id": "contracts_signingstep",
            },
        ),
        KeepRelationsInside(
            "contracts_legalhold",
            {
                "custody_id": "contracts_custody",
                "held_by_id": "accounts_user",
                "released_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_readmark",
            {
                "step_id": "contracts_signingstep",
                "document_id": "contracts_document",
            },
        ),
        KeepRelationsInside("contracts_renewal", {"document_id": "contracts_document"}),
        KeepRelationsInside(
            "contracts_revision",
            {
                "document_id": "contracts_document",
                "tail_id": "vault_storedfile",
                "step_id": "contracts_signingstep",
            },
        ),
        KeepRelationsInside(
            "contracts_ruledraft",
            {
                "base_id": "contracts_ruleset",
                "updated_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside("contracts_ruleset", {"published_by_id": "accounts_user"}),
        KeepRelationsInside("contracts_savedview", {"owner_id": "accounts_user"}),
        KeepRelationsInside(
            "contracts_signerchange",
            {
                "step_id": "contracts_signingstep",
                "answered_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_signingcode",
            {
                "step_id": "contracts_signingstep",
                "link_id": "contracts_accesslink",
                "made_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_signingjob",
            {
                "step_id": "contracts_signingstep",
                "document_id": "contracts_document",
            },
        ),
        KeepRelationsInside(
            "contracts_signingstep",
            {
                "version_id": "contracts_contractversion",
                "contractor_id": "contracts_contractor",
                "user_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "contracts_textplace",
            {
                "document_id": "contracts_documenttext",
                "page_id": "contracts_pagetext",
            },
        ),
        KeepTenant(
            "contracts_accesslink",
            "contracts_addresscode",
            "contracts_approvalact",
            "contracts_approvalstep",
            "contracts_archivebackfill",
            "contracts_archiveentry",
            "contracts_audititem",
            "contracts_auditmark",
            "contracts_auditset",
            "contracts_authority",
            "contracts_batch",
            "contracts_case",
            "contracts_cityfigures",
            "contracts_codeproof",
            "contracts_conclusioncertificate",
            "contracts_consent",
            "contracts_consentsubmission",
            "contracts_contract",
            "contracts_contractor",
            "contracts_contractversion",
            "contracts_custody",
            "contracts_deed",
            "contracts_disposal",
            "contracts_disposalitem",
            "contracts_disposalrecord",
            "contracts_document",
            "contracts_documenttext",
            "contracts_foreigncontract",
            "contracts_importjob",
            "contracts_inbox",
            "contracts_inboxlink",
            "contracts_jvmember",
            "contracts_keptcontract",
            "contracts_legalhold",
            "contracts_pagetext",
            "contracts_readmark",
            "contracts_recordcheck",
            "contracts_renewal",
            "contracts_revision",
            "contracts_ruledraft",
            "contracts_ruleset",
            "contracts_savedview",
            "contracts_signerchange",
            "contracts_signingcode",
            "contracts_signingjob",
            "contracts_signingstep",
            "contracts_textplace",
        ),
    ]

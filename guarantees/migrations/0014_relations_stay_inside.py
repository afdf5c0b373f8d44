"""Keep references inside one municipality."""

from django.db import migrations

from accounts.relations import KeepRelationsInside, KeepTenant


class Migration(migrations.Migration):
    # 一つの表ずつ確定する。いくつもの表の錠を、同時には持たない
    atomic = False
    dependencies = [
        ("guarantees", "0013_figures_of_a_year"),
        ("accounts", "0012_relations_stay_inside"),
    ]

    operations = [
        KeepRelationsInside("guarantees_advancebasis", {"case_id": "contracts_case", "set_by_id": "accounts_user"}),
        KeepRelationsInside(
            "guarantees_advancepayment",
            {
                "case_id": "contracts_case",
                "certified_by_id": "accounts_user",
                "taken_by_id": "accounts_user",
                "settled_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "guarantees_application",
            {
                "applicant_id": "guarantees_correspondent",
                "orderer_id": "guarantees_correspondent",
                "changes_id": "guarantees_issuedcertificate",
                "decided_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "guarantees_arrival",
            {
                "case_id": "contracts_case",
                "link_id": "contracts_accesslink",
                "brought_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "guarantees_attachment",
            {
                "arrival_id": "guarantees_arrival",
                "guarantee_id": "guarantees_guarantee",
                "file_id": "vault_storedfile",
            },
        ),
        KeepRelationsInside(
            "guarantees_completion",
            {
                "case_id": "contracts_case",
                "recorded_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside("guarantees_entrylink", {"correspondent_id": "guarantees_correspondent"}),
        KeepRelationsInside(
            "guarantees_guarantee",
            {
                "case_id": "contracts_case",
                "amends_id": "guarantees_guarantee",
                "institution_id": "guarantees_institution",
                "routed_to_id": "accounts_department",
                "routed_by_id": "accounts_user",
                "checked_by_id": "accounts_user",
                "decided_by_id": "accounts_user",
            },
        ),
        KeepRelationsInside(
            "guarantees_issuedcertificate",
            {
                "application_id": "guarantees_application",
                "replaces_id": "guarantees_issuedcertificate",
                "pdf_id": "vault_storedfile",
            },
        ),
        KeepRelationsInside("guarantees_tries", {"orderer_id": "guarantees_correspondent"}),
        KeepTenant(
            "guarantees_adoptionrecord",
            "guarantees_advancebasis",
            "guarantees_advancepayment",
            "guarantees_application",
            "guarantees_arrival",
            "guarantees_attachment",
            "guarantees_completion",
            "guarantees_correspondent",
            "guarantees_entrylink",
            "guarantees_guarantee",
            "guarantees_institution",
            "guarantees_issuedcertificate",
            "guarantees_tries",
        ),
    ]

"""Every table and every column of a city has its place in an export, or a reason to stay behind."""

import re

import pytest

from config.exporting import placing, tables

SECRET = re.compile(r"hash|sealed|wrapped|password|token|secret|salt|^key$")
# 名は似ていても、秘密ではない列
HARMLESS = {
    "audit.Event.hash",
    "audit.Event.previous_hash",
    "audit.Head.hash",
    "audit.AnchoredHead.hash",
    "contracts.Batch.key",
    "notifications.Delivery.key",
    "guarantees.Correspondent.token_made_at",
    "guarantees.IssuedCertificate.sealed_at",
}


def test_a_table_is_handed_over_or_named_with_the_reason_why_not():
    known = {model._meta.label for model in placing.tenant_models()}

    assert set(placing.LEFT_OUT) <= known, "なくなった表が、書き出さない表に残っています"
    assert len(placing.exported()) == len(known) - len(placing.LEFT_OUT) + len(placing.WITHOUT_TENANT)
    assert {model._meta.label for model in placing.exported()} == PLACED, (
        "新しい自治体の表は、config/exporting/placing.py の LEFT_OUT に訳とともに書くか、"
        "書き出すものとして、この試験の PLACED に足してください"
    )


@pytest.mark.parametrize("model", placing.exported(), ids=lambda model: model._meta.label)
def test_every_column_is_called_something_in_japanese(model):
    nameless = [f.name for f in placing.columns(model) if not tables.JAPANESE.search(tables.word_of(model, f))]

    assert tables.JAPANESE.search(tables.name_of(model)), "config/exporting/words.toml の [tables] に名を書いてください"
    assert nameless == [], "config/exporting/words.toml の [columns] に名を書いてください"


@pytest.mark.parametrize("model", placing.exported(), ids=lambda model: model._meta.label)
def test_no_column_that_holds_a_secret_leaves(model):
    label = model._meta.label
    suspicious = [
        f.name for f in placing.columns(model) if SECRET.search(f.name) or f.get_internal_type() == "BinaryField"
    ]

    assert [name for name in suspicious if f"{label}.{name}" not in HARMLESS] == [], (
        "placing.WITHHELD に訳を書いてください"
    )


def test_the_reasons_speak_of_columns_that_are_there():
    columns = {f"{model._meta.label}.{f.name}" for model in placing.exported() for f in model._meta.concrete_fields}
    names = {column.rpartition(".")[2] for column in columns} | {
        f.name for model in placing.tenant_models() for f in model._meta.concrete_fields
    }

    assert {key for key in placing.WITHHELD if key not in columns | names} == set()


PLACED = {
    "accounts.Delegation",
    "accounts.Department",
    "accounts.FederatedIdentity",
    "accounts.IdentityProvider",
    "accounts.Membership",
    "accounts.Organization",
    "accounts.User",
    "accounts.Visit",
    "audit.AnchoredHead",
    "audit.Event",
    "audit.Head",
    "contracts.AccessLink",
    "contracts.AddressCode",
    "contracts.ApiToken",
    "contracts.ApprovalAct",
    "contracts.ApprovalStep",
    "contracts.ArchiveEntry",
    "contracts.AuditItem",
    "contracts.AuditMark",
    "contracts.AuditSet",
    "contracts.Authority",
    "contracts.Batch",
    "contracts.Case",
    "contracts.CityFigures",
    "contracts.CodeProof",
    "contracts.ConclusionCertificate",
    "contracts.Consent",
    "contracts.ConsentSubmission",
    "contracts.Contract",
    "contracts.ContractVersion",
    "contracts.Contractor",
    "contracts.Custody",
    "contracts.Deed",
    "contracts.Disposal",
    "contracts.DisposalItem",
    "contracts.DisposalRecord",
    "contracts.Document",
    "contracts.ForeignContract",
    "contracts.ImportJob",
    "contracts.Inbox",
    "contracts.InboxLink",
    "contracts.JvMember",
    "contracts.KeptContract",
    "contracts.LegalHold",
    "contracts.ReadMark",
    "contracts.RecordCheck",
    "contracts.Renewal",
    "contracts.Revision",
    "contracts.RuleDraft",
    "contracts.RuleSet",
    "contracts.SavedView",
    "contracts.SignerChange",
    "contracts.SigningCode",
    "contracts.SigningJob",
    "contracts.SigningStep",
    "contracts.Webhook",
    "guarantees.AdoptionRecord",
    "guarantees.AdvanceBasis",
    "guarantees.AdvancePayment",
    "guarantees.Application",
    "guarantees.Arrival",
    "guarantees.Attachment",
    "guarantees.Completion",
    "guarantees.Correspondent",
    "guarantees.EntryLink",
    "guarantees.Guarantee",
    "guarantees.Institution",
    "guarantees.IssuedCertificate",
    "guarantees.Tries",
    "notifications.Delivery",
    "notifications.MailPolicy",
    "notifications.MailWording",
    "notifications.Reminder",
    "vault.StoredFile",
}

"""Let those who watch over the whole ask how many certificates wait for their seal, and keys to be erased."""

from django.db import migrations

from accounts.rowsecurity import TellHowItGoes


class Migration(migrations.Migration):
    dependencies = [("guarantees", "0014_relations_stay_inside")]

    operations = [
        TellHowItGoes(
            "guarantees_how_it_goes",
            kinds={
                "issue": ("guarantees_issuedcertificate", "due_at", "w.pdf_id is null", "w.last_error <> ''"),
                "erase": (
                    "guarantees_guarantee",
                    "key_due_at",
                    "w.key_due_at is not null and w.key_erased_at is null",
                    "false",
                ),
            },
        ),
    ]

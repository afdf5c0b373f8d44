"""Write down how each signer is to be known, and keep the codes that signers give beside their links."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_help_form"),
        ("contracts", "0013_give_up_a_seal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CodeProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("proved_at", models.DateTimeField(verbose_name="確かめた日時")),
            ],
            options={
                "verbose_name": "コードによる確かめ",
                "verbose_name_plural": "コードによる確かめ",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SigningCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access_code", "アクセスコード"),
                            ("one_time_code", "ワンタイムコード"),
                        ],
                        max_length=20,
                        verbose_name="種類",
                    ),
                ),
                ("code_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(verbose_name="発行日時")),
                ("conveyed", models.CharField(blank=True, max_length=60, verbose_name="伝え方")),
                ("sent_to", models.EmailField(blank=True, max_length=254, verbose_name="送り先")),
                ("expires_at", models.DateTimeField(verbose_name="有効期限")),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0, verbose_name="誤りの回数")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使った日時")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="無効にした日時")),
            ],
            options={
                "verbose_name": "署名のコード",
                "verbose_name_plural": "署名のコード",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="contractversion",
            name="level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("link", "メールのリンク"),
                    ("access_code", "メールのリンクとアクセスコード"),
                    ("one_time_code", "メールのリンクとワンタイムコード"),
                ],
                max_length=20,
                verbose_name="受注者の署名者の確かめ方",
            ),
        ),
        migrations.AddField(
            model_name="signingstep",
            name="level",
            field=models.CharField(
                choices=[
                    ("link", "メールのリンク"),
                    ("access_code", "メールのリンクとアクセスコード"),
                    ("one_time_code", "メールのリンクとワンタイムコード"),
                ],
                default="link",
                max_length=20,
                verbose_name="確かめ方",
            ),
        ),
        migrations.AddField(
            model_name="signingstep",
            name="second_email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="第二の宛先"),
        ),
        migrations.AddConstraint(
            model_name="signingstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level", "link"), models.Q(("kind", "sign"), ("party", "contractor")), _connector="OR"
                ),
                name="codes_are_for_contractors_who_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_email", ""), models.Q(("level", "one_time_code"), _negated=True)),
                    models.Q(
                        ("level", "one_time_code"),
                        models.Q(("second_email", ""), _negated=True),
                        models.Q(("second_email__iexact", models.F("email")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="one_time_codes_have_an_address_of_their_own",
            ),
        ),
        migrations.AddField(
            model_name="codeproof",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.accesslink"
            ),
        ),
        migrations.AddField(
            model_name="codeproof",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.signingstep"
            ),
        ),
        migrations.AddField(
            model_name="codeproof",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="signingcode",
            name="link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contracts.accesslink",
            ),
        ),
        migrations.AddField(
            model_name="signingcode",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="signingcode",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="codes", to="contracts.signingstep"
            ),
        ),
        migrations.AddField(
            model_name="signingcode",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="codeproof",
            name="code",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proofs", to="contracts.signingcode"
            ),
        ),
        migrations.AddConstraint(
            model_name="signingcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True), ("used_at__isnull", True)),
                fields=("step",),
                name="one_living_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "access_code"),
                        ("link__isnull", True),
                        ("made_by__isnull", False),
                        ("used_at__isnull", True),
                        models.Q(("conveyed", ""), _negated=True),
                    ),
                    models.Q(
                        ("conveyed", ""),
                        ("kind", "one_time_code"),
                        ("link__isnull", False),
                        models.Q(("sent_to", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="codes_come_by_their_own_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingcode",
            constraint=models.CheckConstraint(condition=models.Q(("wrong_tries__lte", 5)), name="tries_are_limited"),
        ),
        migrations.AddConstraint(
            model_name="signingcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="code_lives_for_a_while"
            ),
        ),
        EnableRowSecurity("contracts_signingcode"),
        EnableRowSecurity("contracts_codeproof"),
    ]

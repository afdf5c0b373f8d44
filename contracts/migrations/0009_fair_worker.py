"""Let the worker take the next piece of work by fairness: whose turn it is, and what is most urgent there."""

from django.db import migrations, models
from django.db.models import Q

from accounts.rowsecurity import TellWhoWaits

# 途中のものを失わずに移す。処理中の仕事は、前の借り期限まで今の worker のものである。
FILL = """
    update contracts_signingjob j
    set deadline_date = coalesce(k.conclusion_deadline_date, (v.expires_at at time zone 'Asia/Tokyo')::date, current_date),
        started_at = case when j.state = 'running' then now() end,
        due_at = coalesce(j.leased_until, j.due_at)
    from contracts_signingstep s
    join contracts_contractversion v on v.id = s.version_id
    join contracts_contract c on c.id = v.contract_id
    join contracts_case k on k.id = c.case_id
    where s.id = j.step_id;
    update contracts_contractversion v set conclude_at = now()
    where state in ('all_signed', 'seal_waiting') and not exists (
        select from contracts_signingstep s
        where s.version_id = v.id and s.kind = 'sign' and s.state <> 'signed'
    );
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0008_ways_out")]

    operations = [
        migrations.AddField(
            model_name="contractversion",
            name="conclude_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="次に検証と締結を試みる日時"),
        ),
        migrations.AddField(
            model_name="signingjob",
            name="deadline_date",
            field=models.DateField(null=True, verbose_name="契約締結の期限"),
        ),
        migrations.AddField(
            model_name="signingjob",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="封印を始めた日時"),
        ),
        migrations.AlterField(
            model_name="signingjob", name="due_at", field=models.DateTimeField(verbose_name="手に取れる日時")
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="signingjob", name="deadline_date", field=models.DateField(verbose_name="契約締結の期限")
        ),
        migrations.RemoveField(model_name="signingjob", name="leased_until"),
        migrations.AddIndex(
            model_name="contractversion",
            index=models.Index(
                condition=Q(conclude_at__isnull=False), fields=["tenant", "conclude_at"], name="to_conclude"
            ),
        ),
        migrations.AddIndex(
            model_name="contractversion",
            index=models.Index(condition=Q(state="sent"), fields=["tenant", "expires_at"], name="to_expire"),
        ),
        migrations.AddIndex(
            model_name="signingjob",
            index=models.Index(condition=~Q(state="done"), fields=["tenant", "deadline_date", "id"], name="job_order"),
        ),
        migrations.AddConstraint(
            model_name="contractversion",
            constraint=models.CheckConstraint(
                condition=Q(conclude_at__isnull=True) | Q(state__in=["all_signed", "seal_waiting"]),
                name="concluding_only_what_all_have_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingjob",
            constraint=models.CheckConstraint(
                condition=Q(state="running", started_at__isnull=False) | ~Q(state="running"),
                name="running_job_has_begun",
            ),
        ),
        TellWhoWaits(
            "contracts_who_waits",
            kinds={
                "seal": ("contracts_signingjob", "due_at", "not w.state = 'done'"),
                "conclude": ("contracts_contractversion", "conclude_at", "w.conclude_at is not null"),
                "expire": ("contracts_contractversion", "expires_at", "w.state = 'sent'"),
            },
        ),
    ]

"""Let those who watch over the whole ask how many mails wait, and how many were lost; only numbers go out."""

from django.conf import settings
from django.db import migrations

from accounts.rowsecurity import TellHowItGoes

# 索引 delivery_lost の中だけを数える。失われたメールは少ない
LOST = f"""
    create function notifications_what_is_lost(moment timestamptz) returns table (state text, mails bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select s.state, count(d.id) from (values ('failed'), ('bounced')) s(state)
        left join notifications_delivery d
            on d.state = s.state and d.state in ('failed', 'bounced') and d.created_at > moment - interval '7 days'
        group by s.state
    $body$;
    revoke all on function notifications_what_is_lost(timestamptz) from public;
    grant execute on function notifications_what_is_lost(timestamptz) to "{settings.DATABASE_APP_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_relations_stay_inside")]

    operations = [
        TellHowItGoes(
            "notifications_how_it_goes",
            kinds={
                "mail": (
                    "notifications_delivery",
                    "next_attempt_at",
                    "w.next_attempt_at is not null",
                    "w.last_error <> ''",
                )
            },
        ),
        migrations.RunSQL(LOST, "drop function notifications_what_is_lost(timestamptz);"),
    ]

"""Let the alarm ask once which cities it must look at, instead of looking at every city each minute."""

from django.conf import settings
from django.db import migrations

# 滞っている市と、そう知らせたままの市。答えるのは市の番号だけで、行は市を定めた取引の中でしか見えない。
# 知らせたかどうかは、その市の操作記録の最後の一行が語る（索引 event_thread を市ごとに一度だけ引く）。
WHO = f"""
    create function contracts_who_is_held() returns table (tenant_id bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select j.tenant_id from contracts_signingjob j where not j.state = 'done' and j.last_error <> ''
        union
        select v.tenant_id from contracts_contractversion v
        where v.conclude_at is not null and v.state = 'seal_waiting'
        union
        select o.id from accounts_organization o cross join lateral (
            select e.action from audit_event e
            where e.tenant_id = o.id and e.thread = 'sealing' order by e.seq desc limit 1
        ) last
        where o.kind = 'municipality' and last.action = 'sealing.held'
    $body$;
    revoke all on function contracts_who_is_held() from public;
    grant execute on function contracts_who_is_held() to "{settings.DATABASE_APP_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0017_underwriters"),
        ("accounts", "0006_accepts_signed"),
        ("audit", "0001_initial"),
    ]

    operations = [migrations.RunSQL(WHO, "drop function contracts_who_is_held();")]

"""Functions over all chains for the anchors: they run as the owner, since rows of every city are behind its wall."""

from django.conf import settings
from django.db import migrations

# 索引 (tenant_id, anchor) を市ごとに一度ずつ引く。行が何年分あっても遅くならない
UNANCHORED = """
    create function audit_unanchored(most bigint)
    returns table (tenant_id bigint, seq bigint, hash varchar)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select e.tenant_id, e.seq, e.hash
        from audit_head h
        left join lateral (
            select a.seq from audit_anchoredhead a where a.tenant_id = h.tenant_id order by a.anchor desc limit 1
        ) held on true
        join audit_event e on e.tenant_id = h.tenant_id
            and e.seq > coalesce(held.seq, 0) and e.seq <= least(h.seq, coalesce(held.seq, 0) + most)
        where h.seq > coalesce(held.seq, 0)
        order by e.tenant_id, e.seq
    $body$;
"""
HEADS_AT = """
    create function audit_heads_at(number bigint)
    returns setof audit_anchoredhead
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select held.*
        from audit_head h
        cross join lateral (
            select a.* from audit_anchoredhead a
            where a.tenant_id = h.tenant_id and a.anchor <= number order by a.anchor desc limit 1
        ) held
        order by h.tenant_id
    $body$;
"""
KEEP_HEADS = """
    create function audit_keep_heads(
        anchor bigint, tenants bigint[], firsts bigint[], seqs bigint[], hashes varchar[], roots varchar[]
    )
    returns void
    language sql volatile security definer set search_path = public, pg_temp
    as $body$
        insert into audit_anchoredhead (tenant_id, anchor, first, seq, hash, root)
        select each.tenant_id, $1, each.first, each.seq, each.hash, each.root
        from unnest(tenants, firsts, seqs, hashes, roots) as each(tenant_id, first, seq, hash, root)
    $body$;
"""
SIGNATURES = (
    "audit_unanchored(bigint)",
    "audit_heads_at(bigint)",
    "audit_keep_heads(bigint, bigint[], bigint[], bigint[], varchar[], varchar[])",
)


def only_for_the_application(signature: str) -> str:
    role = settings.DATABASE_APP_ROLE
    return f'revoke all on function {signature} from public; grant execute on function {signature} to "{role}";'


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_anchors")]

    operations = [
        migrations.RunSQL(body + only_for_the_application(signature), f"drop function {signature};")
        for body, signature in zip((UNANCHORED, HEADS_AT, KEEP_HEADS), SIGNATURES, strict=True)
    ]

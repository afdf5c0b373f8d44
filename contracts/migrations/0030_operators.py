"""What operators read of all archives: totals kept up by a trigger and an owner's function, and how common letters are.

Nothing here waits for a pass over the archive but the first totals, which a single statement puts into the queue.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WHATS = [(1, "契約"), (2, "変更契約・訂正合意"), (3, "保証"), (4, "電子契約の承諾")]
ROLES = [
    ("drafter", "起案者"),
    ("approver", "承認者"),
    ("signatory", "署名者"),
    ("guarantee_officer", "契約検査担当"),
    ("auditor", "監査担当"),
    ("administrator", "運用管理者"),
    ("underwriter", "保証審査担当"),
    ("operator", "運営担当"),
]
APP, OPS = settings.DATABASE_APP_ROLE, settings.DATABASE_OPS_ROLE
QUEUE, TOTALS, YEARS, SHARES = (f"contracts_{name}" for name in ("totalchange", "partytotal", "partyyear", "gramshare"))
ENTRIES = "contracts_archiveentry"

# 一文字を 21 bit で表し、二文字を一つの数にする。一文字の検索のために、一文字だけの数も入れる。
GRAMS = """
    create function archive_grams(key text) returns bigint[]
    language plpgsql immutable strict parallel safe as $body$
    declare
        letters text[] := string_to_array(key, null);
        found bigint[] := '{}';
        here bigint;
        before bigint;
    begin
        for at in 1 .. coalesce(cardinality(letters), 0) loop
            here := ascii(letters[at]);
            if at > 1 then
                found[2 * at - 2] := before << 21 | here;
            end if;
            found[2 * at - 1] := here << 21;
            before := here;
        end loop;
        return found;
    end
    $body$;
"""
ADDED = f"""
    insert into {QUEUE} (key, what, name, fiscal_year, count, amount)
    select party_key, what, max(party), fiscal_year, count(*), sum(amount)
    from {{}} where is_current group by party_key, what, fiscal_year
"""  # noqa: S608
# いまの内容でなくなった行の分を引く。ほかの列は変わらない（引き金 never_changed）。
TAKEN = f"""
    insert into {QUEUE} (key, what, name, fiscal_year, count, amount)
    select before.party_key, before.what, max(before.party), before.fiscal_year, -count(*), -sum(before.amount)
    from stale before join fresh now on now.id = before.id
    where before.is_current and not now.is_current group by before.party_key, before.what, before.fiscal_year
"""  # noqa: S608
TRIGGER = """
    create function {name}() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $body$
    begin
        {body};
        return null;
    end
    $body$;
    create trigger {name} after {when} on {entries} referencing {tables}
    for each statement execute function {name}();
"""
ON_INSERT = TRIGGER.format(
    name="archive_note_added", body=ADDED.format("fresh"), when="insert", entries=ENTRIES, tables="new table as fresh"
)
ON_UPDATE = TRIGGER.format(
    name="archive_note_taken",
    body=TAKEN,
    when="update",
    entries=ENTRIES,
    tables="old table as stale new table as fresh",
)
# 待ち行列から取ることと足すことは一つの文: 途中で止まれば、どちらもなかったことになる。
ROLL_UP = f"""
    create function archive_roll_up(most bigint) returns bigint
    language sql volatile security definer set search_path = public, pg_temp as $body$
        with taken as (
            delete from {QUEUE} where id in (
                select id from {QUEUE} order by id limit most for update skip locked
            ) returning *
        ), parties as (
            insert into {TOTALS} as t (key, what, name, count, amount)
            select key, what, (array_agg(name order by id desc))[1], sum(count), sum(amount)
            from taken group by key, what order by key, what
            on conflict (key, what) do update
            set name = excluded.name, count = t.count + excluded.count, amount = t.amount + excluded.amount
            returning id, key, what
        ), years as (
            insert into {YEARS} as y (party_id, fiscal_year, count, amount)
            select parties.id, taken.fiscal_year, sum(taken.count), sum(taken.amount)
            from taken join parties using (key, what) group by 1, 2 order by 1, 2
            on conflict (party_id, fiscal_year) do update
            set count = y.count + excluded.count, amount = y.amount + excluded.amount
        )
        select count(*) from taken
    $body$;
"""  # noqa: S608
# はじめから数え直す。書庫への追加は、終わるまで待つ。
COUNT_AGAIN = f"""
    create function archive_count_again() returns void
    language plpgsql volatile security definer set search_path = public, pg_temp as $body$
    begin
        lock table {ENTRIES} in share mode;
        truncate {QUEUE}, {TOTALS}, {YEARS};
        {ADDED.format(ENTRIES)};
    end
    $body$;
"""
# 多くても十万行ほどを見て、どの並びがどれほどありふれているかを知る。
SAMPLE = f"""
    create function archive_sample_grams() returns void
    language plpgsql volatile security definer set search_path = public, pg_temp as $body$
    declare
        portion real := (select least(100, 10000000 / greatest(reltuples, 1)) from pg_class
                         where oid = '{ENTRIES}'::regclass);
    begin
        delete from {SHARES};
        with sampled as materialized (
            select title_key, party_key from {ENTRIES} tablesample system (portion) where is_current
        ), known as (
            select 'title_key' as name, title_key as key from sampled
            union all select 'party_key', party_key from sampled
        )
        insert into {SHARES} ("column", gram, share)
        select name, gram, count(*) / (select count(*) from sampled)::real
        from known, lateral (select distinct unnest(archive_grams(key)) as gram) its group by name, gram;
    end
    $body$;
"""  # noqa: S608
FUNCTIONS = {
    "archive_grams(text)": GRAMS,
    "archive_roll_up(bigint)": ROLL_UP,
    "archive_count_again()": COUNT_AGAIN,
    "archive_sample_grams()": SAMPLE,
}
ONLY_OURS = ("archive_roll_up(bigint)", "archive_sample_grams()")
READ = f"{ENTRIES}, {QUEUE}, {TOTALS}, {YEARS}, {SHARES}, accounts_organization"


def closed(signature):
    return f'revoke all on function {signature} from public; grant execute on function {signature} to "{APP}";'


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_operators"),
        ("contracts", "0029_keeping_and_disposal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="approvalstep",
            name="role",
            field=models.CharField(choices=ROLES, max_length=30, verbose_name="役割"),
        ),
        migrations.CreateModel(
            name="GramShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("column", models.CharField(max_length=20)),
                ("gram", models.BigIntegerField()),
                ("share", models.FloatField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("column", "gram"), name="one_share_per_gram")],
            },
        ),
        migrations.CreateModel(
            name="PartyTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("what", models.PositiveSmallIntegerField(choices=WHATS)),
                ("name", models.CharField(max_length=200)),
                ("count", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key", "what"), name="one_total_per_party")],
            },
        ),
        migrations.CreateModel(
            name="TotalChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("what", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("count", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PartyYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("count", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="years",
                        to="contracts.partytotal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("party", "fiscal_year"), name="one_total_per_party_and_year")
                ],
            },
        ),
        *(migrations.RunSQL(body, f"drop function {name};") for name, body in FUNCTIONS.items()),
        migrations.RunSQL("".join(map(closed, ONLY_OURS)), migrations.RunSQL.noop),
        migrations.RunSQL("revoke all on function archive_count_again() from public;", migrations.RunSQL.noop),
        migrations.RunSQL(ON_INSERT, "drop function archive_note_added cascade;"),
        migrations.RunSQL(ON_UPDATE, "drop function archive_note_taken cascade;"),
        migrations.RunSQL("select archive_count_again();", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"""
            revoke all on {QUEUE}, {TOTALS}, {YEARS}, {SHARES} from "{APP}";
            grant usage on schema public to "{OPS}";
            grant select on {READ} to "{OPS}";
            create policy operators on {ENTRIES} for select to "{OPS}" using (true);
            """,
            f'drop policy operators on {ENTRIES}; revoke select on {READ} from "{OPS}";',  # noqa: S608
        ),
    ]

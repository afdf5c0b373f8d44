"""Fill the new columns of the archive, in steps that commit: it may be stopped and started again on a live table."""

from django.db import migrations, transaction

from contracts.folding import search_key

STEP = 2000
NEXT = "select id, title, number, party from contracts_archiveentry where id > %s and subject = '' order by id limit %s"
# 件名の鍵と工事番号の鍵は、分けて持つ
FILL = """
    update contracts_archiveentry a
       set subject = 'version:' || v.id,
           what = case when k.kind = 'original' then 1 else 2 end,
           case_id = c.id,
           department_id = c.department_id,
           fiscal_year = extract(year from a.concluded_date - interval '3 months'),
           title_key = folded.title,
           number_key = folded.number,
           party_key = folded.party
      from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) folded(id, title, number, party),
           contracts_contractversion v
      join contracts_contract k on k.id = v.contract_id
      join contracts_case c on c.id = k.case_id
     where a.id = folded.id and v.id = a.version_id
"""
OPEN = "alter table contracts_archiveentry disable trigger user"
CLOSE = "set constraints all immediate; alter table contracts_archiveentry enable trigger user"


def fill(apps, schema_editor):
    connection, last = schema_editor.connection, 0
    while last is not None:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            last = fill_after(last, cursor)


def fill_after(last, cursor):
    """Fill one step of rows after an id; return the last of them, None when there were none."""
    cursor.execute(NEXT, [last, STEP])
    rows = cursor.fetchall()
    if not rows:
        return None
    ids, titles, numbers, parties = zip(*rows, strict=True)
    cursor.execute(OPEN)  # ほかの人には、閉じたままに見える
    cursor.execute(FILL, [list(ids), _keys(titles, 200), _keys(numbers, 60), _keys(parties, 200)])
    cursor.execute(CLOSE)
    return ids[-1]


def _keys(texts, longest):
    return [search_key(text)[:longest] for text in texts]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0024_archive_of_everything")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

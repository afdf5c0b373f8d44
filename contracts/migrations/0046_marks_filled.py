"""Give the documents that are there their marks, in steps that commit, and an index built while the table is used."""

from django.db import migrations, models, transaction

from accounts.liveindexes import BuildIndex
from signing.standing import Standing

STEP = 1000
# このシステムが作った文書だけ。立ち位置のない古いものは、印のないままになる
NEXT = """
    select d.id, r.standing from contracts_document d
    join contracts_revision r on r.document_id = d.id and r.number = 0
    where d.id > %s and d.kind in ('contract', 'certificate') and d.mark = '' order by d.id limit %s
"""
FILL = """
    update contracts_document d set mark = told.mark
    from unnest(%s::bigint[], %s::text[]) told(id, mark) where told.id = d.id
"""


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
    cursor.execute(FILL, [[pk for pk, _saved in rows], [_mark(saved) for _pk, saved in rows]])
    return rows[-1][0]


def _mark(saved):
    standing = Standing.load(bytes(saved))
    return standing.mark if standing else ""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0045_marks_of_documents")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        BuildIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("mark", ""), _negated=True), fields=["mark"], name="document_by_mark"
            ),
        ),
    ]

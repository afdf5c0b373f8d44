"""Tell a word that stands in the documents of most contracts from one that is worth gathering.

Like the search itself, the function looks through an index that row security keeps from the application's queries; it
takes no municipality from its caller, only from the transaction, and stops at as many places as it is told.
"""

from django.conf import settings
from django.db import migrations

COMMON = f"""
    create function contracts_archive_is_common(word text, grams int[], most int) returns boolean
    language sql stable security definer
    set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
    as $body$
        select count(*) >= contracts_archive_is_common.most
        from (
            select 1
            from contracts_pagetext page
            join contracts_textplace place on place.page_id = page.id
            where page.tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint
              and page.grams @> contracts_archive_is_common.grams
              and strpos(page.key, contracts_archive_is_common.word) > 0
            limit contracts_archive_is_common.most
        ) met
    $body$;
    revoke all on function contracts_archive_is_common(text, int[], int) from public;
    grant execute on function contracts_archive_is_common(text, int[], int) to "{settings.DATABASE_APP_ROLE}";
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("contracts", "0038_archive_by_case")]

    operations = [
        migrations.RunSQL(COMMON, "drop function contracts_archive_is_common(text, int[], int)"),
    ]

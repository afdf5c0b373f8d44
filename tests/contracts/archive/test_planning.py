"""同じ形の問いを何度尋ねても、その言葉のための計画で探す。"""

from django.db import connection

from contracts.archive import facets, searching
from contracts.archive.asking import Wanted

PLANS = """
    select coalesce(sum(generic_plans), 0), coalesce(sum(custom_plans), 0)
    from pg_prepared_statements where statement like '%contracts_archiveentry%title_key%LIKE%'
"""


def test_a_question_that_is_asked_again_and_again_is_never_planned_for_any_words(auditor):
    wanted = Wanted(titles=("橋",), least_amount=1)

    for _ in range(9):
        searching.search(wanted, actor=auditor)
        facets.facets(wanted, actor=auditor)

    with connection.cursor() as cursor:
        cursor.execute(PLANS)
        generic, custom = cursor.fetchone()
    assert generic == 0
    assert custom >= 9

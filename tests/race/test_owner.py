"""The tables of moves stand in the database itself: even the owner of the tables, typing SQL, makes no illegal move."""

import pytest
from django.db import DatabaseError, connections

from contracts.states import CONTRACT, VERSION, ContractState, VersionState
from tests.race import stage
from tests.race.stage import Scene

pytestmark = pytest.mark.xdist_group("race")


def update(table: str, *, pk: int, state: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("select current_user = tableowner from pg_tables where tablename = %s", [table])
        assert cursor.fetchone() == (True,)
        cursor.execute(f"update {table} set state = %s where id = %s", [state, pk])


@pytest.fixture
def sent(race_database: str) -> Scene:
    return stage.arrange(lambda: Scene(stage.sent(), {}, {}))


def test_the_owner_cannot_move_a_version_where_its_table_does_not_lead(sent: Scene):
    with stage.acting(sent):
        version = sent.story.version
    for state in sorted(VERSION.keys() - VERSION[VersionState.SENT] - {VersionState.SENT}):
        with pytest.raises(DatabaseError, match="transition"):
            update("contracts_contractversion", pk=version.pk, state=state)


def test_the_owner_cannot_move_a_contract_where_its_table_does_not_lead(sent: Scene):
    with stage.acting(sent):
        contract = sent.story.version.contract
    for state in sorted(CONTRACT.keys() - CONTRACT[ContractState.PREPARING] - {ContractState.PREPARING}):
        with pytest.raises(DatabaseError, match="transition"):
            update("contracts_contract", pk=contract.pk, state=state)

"""Each life cycle is one table of moves, held twice: Python and PostgreSQL allow exactly the same pairs."""

import itertools

import pytest
from django.db import DatabaseError, connection, transaction

from contracts import models as contracts_models
from contracts import states
from guarantees import models as guarantee_models
from guarantees import states as guarantee_states

LIVES = {
    "case": (contracts_models.Case, states.CASE),
    "consent": (contracts_models.Consent, states.CONSENT),
    "contract": (contracts_models.Contract, states.CONTRACT),
    "approval": (contracts_models.ApprovalStep, states.APPROVAL),
    "import": (contracts_models.ImportJob, states.IMPORT),
    "disposal": (contracts_models.Disposal, states.DISPOSAL),
    "disposal_item": (contracts_models.DisposalItem, states.DISPOSAL_ITEM),
    "deed": (contracts_models.Deed, states.DEED),
    "version": (contracts_models.ContractVersion, states.VERSION),
    "step": (contracts_models.SigningStep, states.STEP),
    "change": (contracts_models.SignerChange, states.CHANGE),
    "job": (contracts_models.SigningJob, states.JOB),
    "guarantee": (guarantee_models.Guarantee, guarantee_states.GUARANTEE),
    "application": (guarantee_models.Application, guarantee_states.APPLICATION),
    "issue": (guarantee_models.IssuedCertificate, guarantee_states.ISSUE),
    "advance": (guarantee_models.AdvancePayment, guarantee_states.ADVANCE),
}
PAIRS = [
    pytest.param(life, before, after, id=f"{life}-{before}-{after}")
    for life, (_, table) in LIVES.items()
    for before, after in itertools.permutations(table, 2)
]


@pytest.fixture
def bare_copy(request, db):
    """Make a temporary table with only a state and the life cycle's own trigger, as the migration installed it."""
    life = request.getfixturevalue("life")
    model, _ = LIVES[life]
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_triggerdef(oid) from pg_trigger where tgrelid = %s::regclass and not tgisinternal"
            " and tgname like 'pgtrigger_only_allowed_moves%%'",
            [model._meta.db_table],
        )
        (definition,) = cursor.fetchone()
        cursor.execute("create temporary table lifeline (id int, state text) on commit drop")
        cursor.execute(
            definition.replace(f"public.{model._meta.db_table}", "lifeline").replace(model._meta.db_table, "lifeline")
        )
    return "lifeline"


@pytest.mark.django_db
@pytest.mark.parametrize(("life", "before", "after"), PAIRS)
def test_python_and_the_database_allow_the_same_moves(life, before, after, bare_copy):
    _, table = LIVES[life]
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {bare_copy} values (1, %s)", [before])

    def move():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"update {bare_copy} set state = %s where id = 1", [after])

    if after in table[before]:
        move()
    else:
        with pytest.raises(DatabaseError, match="transition"):
            move()


@pytest.mark.parametrize(("life", "before", "after"), PAIRS)
def test_move_raises_a_readable_refusal_for_an_illegal_pair(life, before, after):
    model, table = LIVES[life]
    row = model(state=before)

    if after in table[before]:
        row.move_to(after)
        assert row.state == after
    else:
        with pytest.raises(states.IllegalMove, match="画面を開き直して"):
            row.move_to(after)


def test_every_state_of_a_life_cycle_stands_in_its_table():
    for model, table in LIVES.values():
        assert set(model._meta.get_field("state").choices and dict(model._meta.get_field("state").choices)) == set(
            table
        )

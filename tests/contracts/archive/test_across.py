"""運営者は、すべての自治体の書庫を読める。ほかの役割の見えるものは変わらず、合計はいつも数え直したとおり。"""

import random
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from accounts.models import Organization, Role
from audit.models import Event
from contracts.archive import across, paging, rollups
from contracts.archive.asking import Wanted, conditions
from contracts.folding import query_keys, search_key
from contracts.models import ArchiveEntry, Case
from tests import factories
from tests.contracts.archive.conftest import KINDS, PARTIES, TITLES, _entry, fill
from tests.copies import database_copy

pytestmark = pytest.mark.xdist_group("across")
MANY = 400
WORDS = ("高", "﨑", "松尾", "アビコ", "NTT西日本", "㈱", "道路改良", "橋", "工事", "給食センター")
WORDS += ("鯨", "存在しない", "橋の")


@pytest.fixture(scope="module")
def cities(django_db_setup: None, django_db_blocker) -> Iterator[list[Organization]]:
    """Make two cities with archives, and an operator, in a database of their own: the operators' role sees commits."""
    with django_db_blocker.unblock(), database_copy("across"):
        with transaction.atomic():
            made = []
            for seed, slug in enumerate(("tosu", "usuki")):
                made.append(factories.city(slug))
                fill(made[-1], seed=seed, count=MANY)
        count_all()
        rollups.sample_grams()
        with connections["owner"].cursor() as cursor:
            cursor.execute("analyze contracts_archiveentry")
        yield made


@pytest.fixture
def operator(cities: list[Organization]) -> Iterator[Client]:
    with transaction.atomic():
        tenancy.set_tenant(cities[0].pk)
        client = Client()
        client.force_login(factories.member(cities[0], Role.OPERATOR, email="unei@tosu.example.jp"))
        yield client
        transaction.set_rollback(True)


def count_all() -> None:
    while rollups.roll_up():
        pass


def entries(cities: list[Organization]) -> list[ArchiveEntry]:
    """Read every current entry the slow way: city by city, as the application."""
    found: list[ArchiveEntry] = []
    for city in cities:
        with tenancy.acting_for(city.pk):
            found += ArchiveEntry.unscoped.filter(tenant=city, is_current=True)
    return sorted(found, key=lambda entry: (entry.concluded_date, entry.pk), reverse=True)


def ask(dice: random.Random) -> Wanted:
    return Wanted(
        parties=tuple(dice.sample((*PARTIES, *WORDS), dice.choice((0, 1, 1, 2)))),
        titles=tuple(dice.sample((*TITLES, *WORDS), dice.choice((0, 1, 1, 2)))),
        least_amount=dice.choice((None, 3_000_000)),
        kinds=dice.choice(((), KINDS[:1])),
    )


def fits(entry: ArchiveEntry, wanted: Wanted) -> bool:
    keys = [key for each in wanted.parties for key in query_keys(each)]
    return (
        (not keys or any(key in entry.party_key for key in keys))
        and all(any(key in entry.title_key for key in query_keys(each)) for each in wanted.titles)
        and (wanted.least_amount is None or entry.amount >= wanted.least_amount)
        and (not wanted.kinds or entry.kind in wanted.kinds)
    )


@pytest.mark.parametrize("rare", [True, False], ids=["gathered", "walked"])
def test_both_ways_find_what_reading_every_entry_finds(cities, monkeypatch, rare):
    monkeypatch.setattr(across, "is_rare", lambda clauses: rare and bool(clauses))
    monkeypatch.setattr(paging, "PAGE", 60)
    every, dice = entries(cities), random.Random(7)

    for _ in range(30):
        wanted, found, place = ask(dice), [], None
        while True:
            page = across.page(wanted, after=place)
            found += [entry.pk for entry in page.entries]
            place = page.following
            if place is None:
                break
        assert found == [entry.pk for entry in every if fits(entry, wanted)], wanted


def test_a_rare_word_is_gathered_and_a_common_one_walked(cities, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)

    assert across.is_rare([("title_key", ("鯨",))])
    assert across.is_rare([("party_key", ("高崎吉建設",)), ("title_key", ("鯨",))])
    assert not across.is_rare([("title_key", ("工事",))])
    assert not across.is_rare([])


def plan(wanted: Wanted) -> str:
    with transaction.atomic(using="ops"), connections["ops"].cursor() as cursor:
        rows = across._steered(wanted).order_by("-concluded_date", "-id").values_list("id")[:51]
        sql, values = rows.query.sql_with_params()
        cursor.execute(f"explain {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_rare_words_are_read_from_the_letters_and_common_ones_along_the_days(cities, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)

    rare, common = plan(Wanted(titles=("鯨",))), plan(Wanted(titles=("工事",)))

    assert "Bitmap Index Scan on archive_gram" in rare
    assert "using archive_date" in common
    assert "Sort" not in common


def test_letters_are_numbered_in_python_as_in_the_database(cities):
    dice = random.Random(3)
    letters = [*"橋梁補修工事高崎株𠮷𩸽アビコNTT西日本0"]

    for length in (1, 2, 3, 7, 30):
        key = "".join(dice.choices(letters, k=length))
        with connection.cursor() as cursor:
            cursor.execute("select archive_grams(%s)", [key])
            (known,) = cursor.fetchone()
        assert set(across.asked_grams(key)) <= set(known), key
        assert set(across.asked_grams("鯨")).isdisjoint(known)


WRITING = (
    "insert into contracts_partytotal (key, what, name, count, amount) values ('x', 1, 'x', 1, 1)",
    "update contracts_archiveentry set is_current = false",
    "delete from contracts_archiveentry",
    "truncate contracts_totalchange",
    "insert into contracts_archiveentry (id) values (1)",
    "select archive_roll_up(1)",
    "select archive_count_again()",
    "create table public.mine (id int)",
)
READING = (
    "contracts_case",
    "contracts_document",
    "audit_event",
    "accounts_user",
    "accounts_membership",
    "vault_storedfile",
)


@pytest.mark.parametrize("statement", [*WRITING, *(f"select 1 from {table}" for table in READING)])
def test_the_operators_role_reads_the_archive_and_nothing_else(cities, statement):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(using="ops"),
        connections["ops"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_walls_stand_for_everyone_else(cities):
    ours, theirs = cities
    with tenancy.acting_for(ours.pk):
        assert {entry.tenant_id for entry in ArchiveEntry.unscoped.all()} == {ours.pk}
        assert not ArchiveEntry.unscoped.filter(tenant=theirs).exists()
    assert not ArchiveEntry.unscoped.exists()
    for table in ("contracts_partytotal", "contracts_partyyear", "contracts_totalchange", "contracts_gramshare"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"select 1 from {table}")


def counted(cities: list[Organization], wanted: Wanted) -> dict[int, tuple[int, int]]:
    told: dict[int, tuple[int, int]] = {}
    for city in cities:
        with tenancy.acting_for(city.pk):
            for entry in ArchiveEntry.unscoped.filter(conditions(wanted)):
                count, amount = told.get(entry.what, (0, 0))
                told[entry.what] = (count + 1, amount + entry.amount)
    return told


def told(wanted: Wanted) -> dict[int, tuple[int, int]]:
    return {what: (each.count, each.amount) for what, each in rollups.totals(wanted).by_what.items() if each.count}


QUESTIONS = (
    Wanted(),
    Wanted(parties=("建設",)),
    Wanted(parties=("髙﨑", "NTT"), whats=(1, 2)),
    Wanted(parties=("松尾",), first_year=2024, last_year=2024),
    Wanted(first_year=2025),
    Wanted(parties=("鯨",)),
)


def test_totals_are_those_of_counting_again_whatever_was_added_or_replaced_and_whoever_was_killed(cities):
    dice = random.Random(11)
    for turn in range(4):
        city = cities[turn % 2]
        with tenancy.acting_for(city.pk):
            ArchiveEntry.unscoped.bulk_create(_entry(city, MANY + turn * 30 + n, dice) for n in range(30))
            for entry in dice.sample(list(ArchiveEntry.unscoped.filter(is_current=True)), 5):
                entry.is_current = False
                entry.save(update_fields=["is_current"])
        with transaction.atomic():
            assert rollups.roll_up()
            transaction.set_rollback(True)  # 足している途中で殺される
        for wanted in QUESTIONS:
            assert told(wanted) == counted(cities, wanted), "それでも、待っているものを合わせて数える"
        if turn % 2:
            count_all()
            for wanted in QUESTIONS:
                assert told(wanted) == counted(cities, wanted)


def test_the_greatest_counterparties_come_first_under_their_names(cities):
    parties = rollups.totals(Wanted(whats=(1,))).parties

    assert parties == sorted(parties, key=lambda party: -party.total.amount)
    assert {party.key for party in parties} == {search_key(name) for name in PARTIES}
    assert {party.name for party in parties} <= set(PARTIES)


def test_totals_are_told_of_counterparties_sorts_and_years_only(cities):
    assert all(map(rollups.can_tell, QUESTIONS))
    assert not rollups.can_tell(Wanted(titles=("橋",)))
    assert not rollups.can_tell(Wanted(parties=("建設",), least_amount=1))
    assert not rollups.can_tell(Wanted(inside=True))


def test_an_operator_says_why_sees_all_cities_and_it_is_written_down(cities, operator):
    address = reverse("platform_archive")
    assert operator.get("/")["Location"] == address
    refused = operator.post(address, {"party": "建設"})
    assert refused.status_code == 422
    assert "記録して探す" in refused.content.decode()

    page = operator.post(address, {"party": "建設", "reason": "県の照会への回答"}).content.decode()

    assert "鳥栖市" in page
    assert "臼杵市" in page
    assert "金額の大きい取引先" in page
    tenancy.set_tenant(cities[0].pk)
    written = Event.objects.of_tenant(cities[0].pk).first()
    assert (written.action, written.thread) == ("operators.searched", "operators")
    assert "県の照会への回答" in written.data
    assert "建設" in written.data


def test_an_operator_turns_the_page_and_every_page_is_written_down(cities, operator):
    address, asked = reverse("platform_archive"), {"title": "工事", "reason": "照会"}
    first = operator.post(address, asked)
    second = operator.post(address, asked | {"after": first.context["after"]})

    assert "続きを見る" in first.content.decode()
    assert {entry.pk for entry in first.context["entries"]}.isdisjoint(e.pk for e in second.context["entries"])
    tenancy.set_tenant(cities[0].pk)
    assert Event.objects.of_tenant(cities[0].pk).filter(action="operators.searched").count() == 2


def test_an_operator_opens_no_page_of_a_city(cities, operator):
    for name in ("archive", "case_list", "log", "rules", "people", "figures"):
        assert operator.get(reverse(name)).status_code == 403, name
    assert not Case.unscoped.filter(tenant=cities[1]).exists()


def test_a_member_of_a_city_does_not_search_other_cities(cities):
    with transaction.atomic():
        tenancy.set_tenant(cities[0].pk)
        client = Client()
        client.force_login(factories.member(cities[0], *Role.of("municipality")))
        answer = client.post(reverse("platform_archive"), {"party": "建設", "reason": "x"})
        transaction.set_rollback(True)

    assert answer.status_code == 403

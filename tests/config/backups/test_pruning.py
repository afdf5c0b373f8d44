"""Which backups are kept, and for how long, by dated rules."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.storage import FileSystemStorage

from config.backups import index, making, pruning
from config.backups.errors import BackupFailed
from config.backups.index import Entry, Known
from config.backups.store import Generation, Kind, Manifest, Part, Store, object_path
from vault import backups
from vault.storage import DurableFileSystemStorage

RULE = pruning.Rule(since=date(2026, 4, 1), daily_days=35, monthly_months=13, yearly_years=10)


@pytest.fixture
def store(tmp_path, settings) -> Store:
    settings.BACKUP_KEYSET = backups.new_keyset()
    return Store(DurableFileSystemStorage(location=tmp_path, allow_overwrite=True))


def generation(day: date, kind: Kind = Kind.DAILY) -> Generation:
    return Generation.at(datetime(day.year, day.month, day.day, 3, tzinfo=UTC), kind)


def written(store: Store, day: date, kind: Kind = Kind.DAILY, files: tuple[str, ...] = ()) -> Generation:
    made = generation(day, kind)
    entries = []
    for name in files:
        hidden = backups.name_for(name)
        part = store.put(object_path(hidden), BytesIO(name.encode()), label=hidden)
        entries.append(Entry("anchors", name, "", hidden, part.size, part.sha256))
    listed = index.write(entries, store=store, generation=made)
    empty = {"tables": {}, "roles": [], "new": 0, "new_bytes": 0, "missing": 0}
    manifest = Manifest(made.name, "18.0", Part(0, ""), listed, kept=len(entries), kept_bytes=0, **empty)
    store.write_manifest(made, manifest)
    return made


@pytest.mark.parametrize(
    ("kind", "made", "until"),
    [
        (Kind.DAILY, date(2026, 5, 10), date(2026, 6, 14)),
        (Kind.MONTHLY, date(2026, 5, 1), date(2027, 6, 1)),
        (Kind.MONTHLY, date(2027, 1, 31), date(2028, 2, 29)),
        (Kind.YEARLY, date(2026, 4, 1), date(2036, 4, 1)),
    ],
    ids=["daily", "monthly", "month-end", "yearly"],
)
def test_each_kind_is_kept_its_time(kind, made, until):
    assert RULE.keeps_until(generation(made, kind)) == until


@pytest.mark.parametrize(
    ("known", "today", "kind"),
    [
        ([], date(2026, 11, 23), Kind.YEARLY),
        ([date(2026, 11, 22)], date(2026, 11, 23), Kind.DAILY),
        ([date(2026, 11, 30)], date(2026, 12, 1), Kind.MONTHLY),
        ([date(2026, 11, 30)], date(2026, 12, 5), Kind.MONTHLY),
        ([date(2027, 3, 31)], date(2027, 4, 1), Kind.YEARLY),
        ([date(2026, 12, 31)], date(2027, 1, 1), Kind.MONTHLY),
    ],
    ids=["first", "day", "month", "first-of-month-missed", "fiscal-year", "new-year"],
)
def test_the_day_says_which_kind_is_due(known, today, kind):
    assert making.due([generation(day) for day in known], today) is kind


def test_what_is_past_its_time_goes_with_the_files_that_nobody_else_names(store):
    old = written(store, date(2026, 5, 1), files=("shared", "only-old"))
    kept = written(store, date(2026, 7, 1), files=("shared", "new"))

    assert pruning.prune(store, today=date(2026, 7, 2), sweeps=True) == [old]

    assert store.whole() == [kept]
    assert set(store.objects()) == {object_path(backups.name_for(name)) for name in ("shared", "new")}


def test_the_newest_is_kept_however_old_it_is(store):
    only = written(store, date(2026, 5, 1), files=("a",))

    assert pruning.prune(store, today=date(2030, 1, 1), sweeps=True) == []
    assert store.whole() == [only]


def test_many_files_are_swept_in_shares(store, monkeypatch):
    monkeypatch.setattr(pruning, "MOST_REMEMBERED", 5)
    names = tuple(f"file-{number:03}" for number in range(40))
    written(store, date(2026, 7, 1), files=names)
    orphan = backups.name_for("orphan")
    store.put(object_path(orphan), BytesIO(b"x"), label=orphan)

    pruning.prune(store, today=date(2026, 7, 1), sweeps=True)

    assert set(store.objects()) == {object_path(backups.name_for(name)) for name in names}


def test_the_rule_of_the_day_applies_and_a_broken_file_is_refused(tmp_path, settings):
    path = settings.BACKUP_KEEPING = tmp_path / "keeping.toml"
    rows = "[[rule]]\nsince = {}\ndaily_days = {}\nmonthly_months = 1\nyearly_years = 1\n"
    path.write_text(rows.format("2026-04-01", 10) + rows.format("2027-04-01", 20))

    assert [pruning.rule(day).daily_days for day in (date(2027, 3, 31), date(2027, 4, 1))] == [10, 20]
    with pytest.raises(BackupFailed, match="keeping"):
        pruning.rule(date(2026, 3, 31))
    path.write_text("[[rule]]\nsince = 2026-04-01\n")
    with pytest.raises(BackupFailed, match="keeping"):
        pruning.rule(date(2026, 5, 1))


def test_a_list_is_compared_with_the_one_before_line_by_line():
    def entry(path: str, stamp: str = "1", name: str = "x") -> Entry:
        return Entry("vault", path, stamp, name)

    known = Known([entry("2/aa/aa"), entry("2/bb/bb"), entry("10/aa/aa"), entry("10/bb/bb", name="")])

    asked = ["2/aa/aa", "2/ab/ab", "2/bb/bb", "10/aa/aa", "10/bb/bb"]
    assert [known.find(entry(path)) is not None for path in asked] == [True, False, True, True, False]
    assert Known([entry("2/aa/aa")]).find(entry("2/aa/aa", stamp="2")) is None


def test_a_foreign_folder_beside_the_generations_is_left_alone(store, tmp_path):
    FileSystemStorage(location=tmp_path).save("generations/notes/readme.txt", BytesIO(b"mine"))
    written(store, date(2026, 7, 1))

    pruning.prune(store, today=date(2026, 7, 1) + timedelta(days=1), sweeps=True)

    assert (tmp_path / "generations/notes/readme.txt").exists()

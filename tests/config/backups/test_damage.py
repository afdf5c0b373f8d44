"""What is damaged, forged or of another key is refused and named, before anything is written."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test.utils import override_settings

from config.backups import index
from config.backups.store import object_path
from tests.config.backups.conftest import House, run, scratch_databases
from vault import backups

pytestmark = pytest.mark.xdist_group("backups")


@pytest.fixture(scope="module")
def original(house: House) -> Path:
    """Make one backup, and set it aside as it is."""
    house.backup()
    return Path(shutil.copytree(house.backups, house.room / "original"))


@pytest.fixture(autouse=True)
def fresh(house: House, original: Path) -> Iterator[None]:
    """Begin every test with the sound backup, and with nothing in database and vault."""
    shutil.rmtree(house.backups)
    shutil.copytree(original, house.backups)
    house.empty_database()
    shutil.rmtree(house.vault, ignore_errors=True)
    yield
    assert scratch_databases() == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def one_object(house: House) -> Path:
    [generation] = house.store.whole()
    entries = [entry for entry in index.read(generation, store=house.store) if entry.area == "vault"]
    return house.backups / object_path(entries[0].name)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink], ids=["flipped", "cut", "gone"])
@pytest.mark.parametrize("part", ["database.sealed", "files.sealed"])
def test_a_damaged_part_is_named_and_nothing_is_restored(house: House, part: str, harm):
    [folder] = (house.backups / "generations").iterdir()
    harm(folder / part)

    code, said = run("restore")

    assert (code, part in said) == (1, True), said
    assert "何も戻していません" in said
    assert not house.vault.exists()


@pytest.mark.parametrize("harm", [flip, cut], ids=["flipped", "cut"])
def test_a_damaged_manifest_is_named(house: House, harm):
    [folder] = (house.backups / "generations").iterdir()
    harm(folder / "manifest.sealed")

    for command in ("restore", "verify_backup"):
        code, said = run(command)
        assert (code, "manifest.sealed" in said) == (1, True), said


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink], ids=["flipped", "cut", "gone"])
def test_a_damaged_file_is_named_and_the_rest_restored_only_when_asked(house: House, harm):
    path = one_object(house)
    harm(path)

    code, said = run("restore")
    assert (code, path.name in said, "--without-damaged" in said) == (1, True, True), said
    assert not house.vault.exists()

    code, said = run("restore", "--without-damaged")
    assert code == 0, said
    assert path.name in said


def test_a_file_put_in_the_place_of_another_is_noticed(house: House):
    path = one_object(house)
    [generation] = house.store.whole()
    *_, last = index.read(generation, store=house.store)
    shutil.copy(house.backups / object_path(last.name), path)

    code, said = run("restore")

    assert (code, path.name in said) == (1, True)


def test_a_part_of_another_generation_is_noticed(house: House):
    [folder] = (house.backups / "generations").iterdir()
    shutil.copytree(folder, folder.with_name("20200101T000000Z-daily"))

    code, said = run("restore", "20200101T000000Z-daily")

    assert (code, "manifest.sealed" in said) == (1, True)


def test_another_key_opens_nothing(house: House):
    with override_settings(BACKUP_KEYSET=backups.new_keyset()):
        code, said = run("restore")

    assert (code, "BACKUP_KEYSET" in said) == (1, True)


def test_proving_names_a_damaged_file_and_fails(house: House):
    path = one_object(house)
    flip(path)

    code, said = run("verify_backup")

    assert (code, path.name in said, "完全に戻せません" in said) == (1, True, True), said


def test_the_store_shows_nothing_of_what_it_holds(house: House):
    [generation] = house.store.whole()
    known = {entry.path.rpartition("/")[2] for entry in index.read(generation, store=house.store)}
    everything = [path for path in house.backups.rglob("*") if path.is_file()]

    assert not known & {path.name for path in everything}
    assert not any(b"PGDMP" in each.read_bytes() or b"%PDF" in each.read_bytes() for each in everything)

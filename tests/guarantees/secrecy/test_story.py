"""After the whole story on both sides, a key is found nowhere but where it is sealed, and later not even there."""

import pytest

from tests.guarantees import seeking
from tests.guarantees.secrecy.conftest import Aftermath

pytestmark = pytest.mark.xdist_group("secrecy")
# キーを見せるための答え。ほかの画面には出ない
SHOWN = {
    "発行したキー": {"issuing_key", "issuing_notice", "guarantee_reveal", "guarantee_file"},
    "閲覧用URL": {"guarantee_reveal"},
    "閲覧用パスワード": {"guarantee_reveal"},
}


def where(secrets: dict[str, str], places: list[bytes]) -> set[str]:
    """Name the secrets that stand in some of the places."""
    there = seeking.found(secrets.values(), *places)
    return {name for name, secret in secrets.items() if secret in there}


def test_the_story_was_played_to_its_end_and_what_is_no_secret_is_found(aftermath: Aftermath):
    numbers = {"2070000101", "2070000202", "2070000303", "2070000404", "SJ-2026-0001"}
    handed_in = numbers - {"2070000404"}
    bodies = [answer.body for answer in aftermath.played.answers]

    assert len(aftermath.played.secrets) == 9
    assert seeking.found(numbers, aftermath.before.dump) == numbers
    assert seeking.found(handed_in, *aftermath.mails) == handed_in
    assert seeking.found(numbers, *bodies) == numbers
    assert seeking.found({"2070000303"}, *aftermath.before.opened.values())
    for action in (b"guarantee.asked", b"guarantee.key_revealed", b"issuing.key_shown"):
        assert action in aftermath.before.dump
    assert b"guarantee.key_erased" in aftermath.after.dump


def test_no_secret_stands_in_the_dump_of_the_database(aftermath: Aftermath):
    assert where(aftermath.played.secrets, [aftermath.before.dump]) == set()
    assert where(aftermath.played.secrets, [aftermath.after.dump]) == set()


def test_no_mail_carries_a_secret(aftermath: Aftermath):
    assert where(aftermath.played.secrets, aftermath.mails) == set()


def test_no_logger_ever_said_a_secret(aftermath: Aftermath):
    assert len(aftermath.played.log) > 5
    assert where(aftermath.played.secrets, [line.encode() for line in aftermath.played.log]) == set()


def test_the_queue_and_the_cache_hold_no_secret(aftermath: Aftermath):
    assert where(aftermath.played.secrets, aftermath.queue) == set()


def test_no_file_at_rest_and_no_file_of_the_moment_holds_a_secret(aftermath: Aftermath):
    assert where(aftermath.played.secrets, aftermath.stored) == set()
    assert where(aftermath.played.secrets, aftermath.rooms) == set()


def test_no_address_head_or_cookie_carries_a_secret(aftermath: Aftermath):
    said = [answer.asked.encode() + answer.head for answer in aftermath.played.answers]

    assert where(aftermath.played.secrets, said) == set()


def test_only_the_answers_made_for_it_show_a_key_and_no_browser_keeps_them(aftermath: Aftermath):
    found: dict[str, set[str]] = {}
    for answer in aftermath.played.answers:
        for name in where(aftermath.played.secrets, [answer.body]):
            found.setdefault(name, set()).add(answer.name)
            assert answer.kept_nowhere, answer.asked

    assert found == SHOWN


def test_of_the_papers_in_the_vault_only_the_notices_and_the_mail_bear_a_key(aftermath: Aftermath):
    bearing = where(aftermath.played.secrets, list(aftermath.before.opened.values()))

    assert bearing == {"発行したキー", "メールのキー", "登録前のキー", "持参したキー"}


def test_after_the_term_the_keys_of_the_completed_works_are_gone_for_good(aftermath: Aftermath):
    bearing = where(aftermath.played.secrets, list(aftermath.after.opened.values()))

    assert bearing == {"持参したキー"}

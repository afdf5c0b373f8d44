"""Where notices are fetched from, and that none is lost or put away unread."""

import io
import os

import pytest
from django.core.management import CommandError, call_command

from notifications import tasks
from notifications.bounces import fetching, mailbox
from notifications.bounces.service import Outcome
from notifications.models import DeliveryState
from tests.notifications.bounces.imap import store
from tests.notifications.bounces.test_taking import notice
from tests.notifications.conftest import AT

USER, PASSWORD = "bounces", 'a"b\\c d'
STRAY = b"From: MAILER-DAEMON@mx.example.jp\n\nundeliverable: 550 no"


@pytest.fixture
def maildir(settings, tmp_path):
    room = tmp_path / "不達 box"
    for name in ("tmp", "new", "cur"):
        (room / name).mkdir(parents=True)
    settings.BOUNCE_MAILBOX = room.as_uri().replace("file://", "maildir://")
    return room


def listed(room) -> list[str]:
    return sorted(path.name for path in (room / "cur").iterdir())


def test_what_was_read_is_put_away_and_what_a_person_should_see_is_flagged(maildir, enqueue, reload):
    delivery = enqueue()
    (maildir / "new/1.eml").write_bytes(notice(delivery))
    (maildir / "new/2.eml").write_bytes(STRAY)
    (maildir / "new/3.eml").write_bytes(b"From: tanaka@example.jp\n\nhello")

    counted = fetching.fetch(at=AT)

    assert counted == {Outcome.BOUNCED: 1, Outcome.STRAY: 1, Outcome.OTHER: 1}
    assert listed(maildir) == ["1.eml:2,S", "2.eml:2,FS", "3.eml:2,FS"]
    assert list((maildir / "new").iterdir()) == []
    assert reload(delivery).state == DeliveryState.BOUNCED


def test_a_notice_that_failed_stays_unread_and_keeps_nobody_waiting(maildir, enqueue, reload, monkeypatch):
    delivery = enqueue()
    (maildir / "new/1.eml").write_bytes(b"poison")
    (maildir / "new/2.eml").write_bytes(notice(delivery))
    taken = fetching.take
    monkeypatch.setattr(fetching, "take", lambda raw, *, at: taken(raw, at=at) if raw != b"poison" else 1 / 0)

    assert fetching.fetch(at=AT) == {Outcome.BOUNCED: 1}
    assert [path.name for path in (maildir / "new").iterdir()] == ["1.eml"]


def test_a_death_before_the_mail_is_put_away_costs_nothing(maildir, enqueue, reload):
    delivery = enqueue()
    (maildir / "new/1.eml").write_bytes(notice(delivery))
    with mailbox.unread(f"maildir://{maildir}".replace(" ", "%20")) as letters:
        fetching._take(next(letters), at=AT)
    noted = reload(delivery).answers

    assert fetching.fetch(at=AT) == {Outcome.KNOWN: 1}
    assert reload(delivery).answers == noted


def test_two_workers_at_one_mailbox_do_not_trip_over_each_other(maildir):
    for number in range(3):
        (maildir / f"new/{number}").write_bytes(STRAY)
    with mailbox.unread(f"maildir://{maildir}".replace(" ", "%20")) as letters:
        first = next(letters)
        assert sum(fetching.fetch(at=AT).values()) == 3
        first.put_away(flagged=True)
        assert list(letters) == []


def test_no_mail_is_read_past_its_beginning(maildir):
    (maildir / "new/1").write_bytes(b"x" * 20_000_000)

    with mailbox.unread(f"maildir://{maildir}".replace(" ", "%20")) as letters:
        assert len(next(letters).raw) == 512 * 1024


@pytest.fixture
def imap(settings, tmp_path, monkeypatch):
    with store(tmp_path, user=USER, password=PASSWORD.replace("\\", "\\\\").replace('"', '\\"')) as (server, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        settings.BOUNCE_MAILBOX = f"imaps://{USER}@localhost:{server.port}/INBOX"
        settings.BOUNCE_PASSWORD = PASSWORD
        yield server


def test_an_imap_mailbox_is_read_over_tls_and_marked(imap, enqueue, reload):
    delivery = enqueue()
    bounce, stray = imap.add(notice(delivery)), imap.add(STRAY)

    assert fetching.fetch(at=AT) == {Outcome.BOUNCED: 1, Outcome.STRAY: 1}
    assert imap.flags == {bounce: {"\\Seen"}, stray: {"\\Seen", "\\Flagged"}}
    assert reload(delivery).state == DeliveryState.BOUNCED
    assert fetching.fetch(at=AT) == {}


def test_a_line_that_breaks_before_a_mail_is_marked_leaves_it_for_the_next_time(imap, enqueue, reload):
    delivery = enqueue()
    imap.add(notice(delivery))
    imap.hangs_up_at = "STORE"

    with pytest.raises(OSError):
        fetching.fetch(at=AT)
    imap.hangs_up_at = ""

    assert fetching.fetch(at=AT) == {Outcome.KNOWN: 1}
    assert reload(delivery).state == DeliveryState.BOUNCED


def test_an_untrusted_mail_server_gets_no_password(imap, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)

    with pytest.raises(OSError):
        fetching.fetch(at=AT)


@pytest.mark.parametrize("change", [{"BOUNCE_PASSWORD": "wrong"}, {"folder": "Nowhere"}])
def test_the_task_says_why_a_mailbox_cannot_be_read_and_lives_on(imap, settings, caplog, change):
    settings.BOUNCE_PASSWORD = change.get("BOUNCE_PASSWORD", PASSWORD)
    settings.BOUNCE_MAILBOX = settings.BOUNCE_MAILBOX.replace("INBOX", change.get("folder", "INBOX"))

    tasks.fetch_bounces()

    assert "the mailbox of bounces cannot be read" in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    "url", ["maildir://", "imap://bounces@localhost/INBOX", "imaps://localhost/INBOX", "/var/mail"]
)
def test_a_mailbox_of_another_kind_is_refused_in_words(settings, url):
    settings.BOUNCE_MAILBOX = url

    with pytest.raises(CommandError, match="BOUNCE_MAILBOX は maildir:///場所 か"):
        call_command("fetch_bounces")


def test_the_command_counts_what_came(maildir):
    (maildir / "new/1").write_bytes(STRAY)
    said = io.StringIO()

    call_command("fetch_bounces", stdout=said)
    call_command("fetch_bounces", stdout=said)

    assert said.getvalue().splitlines() == [
        "どのメールのことか分からないもの: 1 通",
        "まだ読んでいない知らせはありません。",
    ]


def test_without_a_mailbox_nothing_is_fetched(settings):
    settings.BOUNCE_MAILBOX = ""

    tasks.fetch_bounces()

    with pytest.raises(CommandError, match="BOUNCE_MAILBOX を設定してください"):
        call_command("fetch_bounces")

"""Notices in the shapes of many mail systems; the samples name the mail they are about as ours are named."""

import uuid
from pathlib import Path

import pytest

from notifications.bounces import parts, reasons
from notifications.bounces.reading import Kind, read

SAMPLES = Path(__file__).parent / "samples"
MAIL = (uuid.UUID("3f0c6a52-9d1e-4b7a-8c55-0d2e6b1f4a90"), 7)
RETURN_PATH = f"bounces+{MAIL[0]}.7@musubi.example.jp"

FAILED = {
    "postfix_unknown": ("5.1.1", "tanaka@kensetsu.example.jp", reasons.UNKNOWN),
    "postfix_smtputf8": ("5.4.4", "田中@建設.example", reasons.NO_DOMAIN),
    "sendmail_full": ("5.2.2", "s-mori@zouen.example.ne.jp", reasons.FULL),
    "qmail_unknown": ("5.1.1", "abe@setsubi.example.co.jp", reasons.UNKNOWN),
    "exim_failed": ("5.0.0", "info@denki.example.jp", reasons.UNKNOWN),
    "microsoft365_unknown": ("5.1.10", "yamamoto@sekkei.example.jp", reasons.UNKNOWN),
    "exchange_access_denied": ("5.4.1", "soumu@kaihatsu.example.co.jp", reasons.UNKNOWN),
    "gmail_unknown": ("5.1.1", "kobo.sample.9999@gmail.example", reasons.UNKNOWN),
    "yahoo_japan_unknown": ("5.0.0", "mizu_gumi@yahoo.example.jp", reasons.UNKNOWN),
    "docomo_unknown": ("5.0.0", "a..b.-x.@docomo.example.jp", reasons.UNKNOWN),
    "au_disabled": ("5.0.0", "gembacho@ezweb.example.jp", reasons.UNKNOWN),
    "gateway_filter": ("5.7.1", "kouji@toyo-kensetsu.example.jp", reasons.FILTERED),
    "expired_after_days": ("4.4.7", "keiri@doboku.example.jp", reasons.EXPIRED),
    "opensmtpd": ("5.0.0", "o-kimura@suido.example.jp", reasons.UNKNOWN),
    "courier": ("5.0.0", "h.sato@hosou.example.jp", reasons.UNKNOWN),
    "cloud_relay": ("5.7.26", "jimu@kumiai.example.or.jp", reasons.FILTERED),
    "mobile_filtered": ("5.2.0", "genba-1@softbank.example.ne.jp", reasons.FILTERED),
    "groupware_japanese": ("5.0.0", "Kouji_Tanaka@kensetu.example.co.jp", reasons.UNKNOWN),
    "unnamed_sjis": ("5.0.0", "sakai@ryokuchi.example.jp", reasons.FULL),
}
DELAYED = {
    "postfix_delayed": ("4.4.1", "keiri@doboku.example.jp"),
    "exim_delayed": ("4.7.1", "info@denki.example.jp"),
    "sendmail_warning": ("4.2.0", "kaikei@juki.example.jp"),
}
NO_BOUNCES = [
    *("not_out_of_office", "not_read_receipt", "not_a_reply"),
    *("not_away", "not_left_company"),
]


def sample(name: str):
    return read((SAMPLES / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", FAILED)
def test_a_mail_that_did_not_arrive_is_told_by_whose_system_ever(name):
    bounce = sample(name)

    assert (bounce.kind, bounce.mail) == (Kind.FAILED, MAIL)
    assert (bounce.status, bounce.recipient, bounce.reason) == FAILED[name]
    assert bounce.diagnostic


@pytest.mark.parametrize("name", DELAYED)
def test_a_late_mail_is_not_taken_for_a_lost_one(name):
    bounce = sample(name)

    assert (bounce.kind, bounce.mail, bounce.reason) == (Kind.DELAYED, MAIL, reasons.STILL_TRIED)
    assert (bounce.status, bounce.recipient) == DELAYED[name]


def test_a_report_of_arrival_is_no_trouble():
    bounce = sample("delivered_relayed")

    assert (bounce.kind, bounce.mail, bounce.reason) == (Kind.DELIVERED, MAIL, "")


@pytest.mark.parametrize("name", NO_BOUNCES)
def test_people_and_their_automatic_answers_are_not_bounces(name):
    """They name our mail and speak of full mailboxes, and are still about something else."""
    assert sample(name).kind is Kind.OTHER
    assert sample(name).mail == MAIL


def test_a_forged_notice_names_none_of_our_mails():
    assert sample("not_spam").mail is None


def test_every_sample_is_told_of_here():
    assert {path.stem for path in SAMPLES.glob("*.eml")} == {
        *FAILED, *DELAYED, *NO_BOUNCES, "delivered_relayed", "not_spam"
    }  # fmt: skip


def report(groups: str, *, text: str = "", tail: str = "") -> bytes:
    """Write a report to the return path of the mail, with these groups of fields."""
    return (
        f"From: MAILER-DAEMON@mx.example.jp\r\nTo: {RETURN_PATH}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="R"\r\n\r\n'
        f"--R\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f"--R\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n{groups}\r\n"
        f"--R{tail}--\r\n"
    ).encode()


def group(to: str = "a@example.jp", action: str = "failed", status: str = "5.1.1", said: str = "550 no") -> str:
    fields = (
        "Final-Recipient: rfc822; " + to,
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}",
    )
    return "\r\n".join([*fields, "", ""])


def test_a_general_code_gives_way_to_the_one_the_server_answered():
    assert read(report(group(status="5.0.0", said="550 5.2.2 over quota"))).status == "5.2.2"
    assert read(report(group(status="5.0.0", said="451 4.2.2 try later"))).status == "5.0.0"


@pytest.mark.parametrize(
    ("status", "kind"), [("5.1.1", Kind.FAILED), ("4.4.1", Kind.DELAYED), ("2.0.0", Kind.DELIVERED)]
)
def test_where_no_action_is_written_the_code_tells(status, kind):
    assert read(report(group(action="", status=status))).kind is kind


def test_of_several_recipients_the_one_that_failed_counts():
    groups = (
        group("ok@example.jp", "relayed", "2.0.0")
        + group("late@example.jp", "delayed", "4.4.1")
        + group("gone@example.jp")
    )

    assert read(report(groups)).recipient == "gone@example.jp"


def test_a_thousand_recipients_are_not_read_to_the_end():
    groups = "".join(group(f"r{number}@example.jp", "relayed", "2.0.0") for number in range(1000)) + group(
        "gone@example.jp"
    )

    assert read(report(groups)).kind is Kind.DELIVERED
    assert len(parts.take_apart(report(groups)).fields) < 60


def test_links_and_unseen_letters_of_an_answer_are_left_out():
    """Filters quote the address that displeased them: it would be the link of our mail, in plain sight of staff."""
    said = "554 5.7.1 blocked: http://city.example/tosu/sign/9cS3wZk2T0b1/?x=1 is listed \u202egpj.\x07"

    bounce = read(report(group(status="5.7.1", said=said)))

    assert "9cS3wZk2T0b1" not in bounce.diagnostic
    assert bounce.diagnostic.isprintable()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 2000,
        b"From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=\n\n----\n",
        b"From: MAILER-DAEMON\nContent-Type: text/plain; charset=rot13\n\nundeliverable",
        b"From: MAILER-DAEMON\nContent-Type: text/plain; charset=zlib\n\nundeliverable",
        b"From: MAILER-DAEMON\nContent-Type: text/plain; charset=a\xff\n\n\xffundeliverable",
        b"From: MAILER-DAEMON\nContent-Type: text/plain; charset=a\x00\n\n\xffundeliverable",
        b"Subject: =?utf-8?b?44444=?=\nFrom: postmaster@x\n\nundeliverable",
        "Subject: =?utf-8?b?44=?= =?x?q?=FF?=\nFrom: \udcffpostmaster@x\n\n不達".encode("utf-8", "surrogateescape"),
        report("Action: failed\r\nStatus: " + "5." * 20_000),
        *(
            b"From: postmaster@x\n\nundeliverable\n" + run * 30_000
            for run in (b"\n", b"- ", b"<a", b"a@", b"4.", b"5 ")
        ),
        *(b"From: postmaster@x\n\n" + run * 6_000 for run in (b"user ", b"connect ", b"host ", b"\noriginal ")),
        b"From: MAILER-DAEMON\nContent-Type: multipart/mixed" + b'; a="b"' * 60_000 + b"\n\nx",
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
    ],
    ids=lambda raw: f"{len(raw)}-{raw[:24]!r}",
)
def test_whatever_is_sent_to_the_return_path_is_read_without_a_stumble(raw):
    read(raw)


def test_a_huge_notice_is_read_only_to_its_beginning():
    """What is more than half a megabyte into a mail can say nothing: reading does not grow with it."""
    assert read(report(group()) + b"x\n" * 10_000_000).status == "5.1.1"
    assert read(b"x: y\n" * 200_000 + report(group())).kind is Kind.OTHER


@pytest.mark.parametrize(
    "line",
    [
        "--- Below this line is a copy of the message.",
        "------ This is a copy of the message, including all the headers. ------",
        "----- Original message -----",
        "-------original message",
        "Return-Path: <bounces@musubi.example.jp>",
        "-" * 50,
    ],
)
def test_the_words_of_the_mail_itself_are_no_reason(line):
    """The copy of what was sent may speak of quotas and users; only the system's own words count."""
    told = f"From: MAILER-DAEMON@x.example\n\nYour mail was not delivered to a@x.example.\n\n{line}\n\nmailbox full\n"

    assert read(told.encode()).reason == reasons.REFUSED


@pytest.mark.parametrize("subject", ["自動返信: 不在", "Automatic reply: x", "Out of Office: x", "Auto-Reply"])
def test_an_automatic_answer_from_a_postmaster_is_no_bounce(subject):
    told = (
        f"From: postmaster@mihon.example.jp\nSubject: {subject}\n\n本メールは配信できません。 Undeliverable 550 5.1.1\n"
    )

    assert read(told.encode()).kind is Kind.OTHER

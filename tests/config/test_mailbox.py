"""The mail sink keeps what was sent and shows it without trusting it."""

import os
import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlparse

import pytest

from config.embedded import mail


def send(*, subject, to):
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = (
        subject,
        "鳥栖市 <noreply@musubi.example.jp>",
        "someone@else.example",
    )
    letter["Date"] = "Thu, 05 Mar 2026 01:20:30 +0000"
    letter.set_content("次の住所を開いてください。\nhttps://localhost/s/abc-_123?x=1&y=2\n<b>")
    letter.add_alternative("<script>alert(1)</script><a href='https://localhost/s/abc'>開く</a>", subtype="html")
    address = urlparse(os.environ["EMAIL_URL"])
    with smtplib.SMTP(address.hostname, address.port) as smtp:
        smtp.send_message(letter, to_addrs=[to])


def page(path):
    with urllib.request.urlopen(os.environ["MAILBOX_URL"].rstrip("/") + path) as answer:
        return answer.read().decode(), answer.headers


@pytest.fixture
def sent(request):
    subject = f"署名依頼 {request.node.name} {os.getpid()}"
    send(subject=subject, to="real@contractor.example")
    listing, _ = page("/")
    row = next(line for line in listing.split("<tr>") if subject in line)
    return row, row.split('<a href="')[1].split('"')[0]


def test_the_list_names_the_address_of_the_envelope_and_the_time_in_japan(sent):
    row, _ = sent

    assert "real@contractor.example" in row
    assert "2026-03-05 10:20:30" in row


def test_links_of_the_text_can_be_followed_and_markup_is_shown_as_text(sent):
    body, _ = page(sent[1])

    assert 'href="https://localhost/s/abc-_123?x=1&amp;y=2"' in body
    assert "&lt;b&gt;" in body


def test_the_html_part_runs_no_script(sent):
    body, headers = page(sent[1] + "html")

    assert "開く" in body
    assert headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "script-src" not in headers["Content-Security-Policy"]


def test_the_file_starts_with_the_address_of_the_envelope(sent):
    name = sent[1].split("/")[2]
    file = Path(os.environ["STACK_ROOT"]) / "mailbox" / f"{name}.eml"

    assert file.read_bytes().startswith(b"Delivered-To: real@contractor.example")


@pytest.mark.parametrize("path", ["/mails/1-0001/", "/mails/..%2f..%2fembedded%2fcredentials/"])
def test_what_is_not_a_mail_is_not_found(path):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        page(path)

    assert refusal.value.code == 404
    refusal.value.close()


def test_a_mail_lies_there_whole_or_not_at_all(tmp_path, monkeypatch):
    seen, rename = [], Path.rename

    def looked_at(path, target):
        seen.append((path.exists(), list(tmp_path.glob("*.eml"))))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", looked_at)
    sink = mail.Sink(tmp_path, bounces=tmp_path, bounce_address="bounce@musubi.example.jp", port=25)
    sink._deliver(b"Subject: x\r\n\r\nx", ["firm@contractor.example"])

    assert seen == [(True, [])], "what is being written is not found under the name of a mail"
    assert len(list(tmp_path.glob("*.eml"))) == 1

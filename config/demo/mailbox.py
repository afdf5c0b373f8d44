"""Read the example's mails as their recipients do: from the mailbox that the SMTP sink fills."""

import email
import email.policy
import re
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 90.0  # 秒。混んだ機械で worker が署名と送信を終えるまで
ADDRESS = re.compile(r"https?://\S+")


class MailMissing(RuntimeError):
    """A mail that the story waits for did not come."""


@dataclass(frozen=True)
class Mail:
    """One mail as received."""

    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """Return the first address in the text."""
        found = ADDRESS.search(self.text)
        if found is None:
            raise MailMissing(f"メール「{self.subject}」にリンクがありません。")
        return found[0]


class Mailbox:
    """A directory of received mails, read from the moment the story begins."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.seen = {path.name for path in directory.glob("*.eml")}

    def wait(self, *, to: str, subject: str, seconds: float = PATIENCE) -> Mail:
        """Wait for a new mail to somebody whose subject contains a phrase; each mail is taken once."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in sorted(self.directory.glob("*.eml")):
                if path.name in self.seen:
                    continue
                mail = _read(path)
                if mail.to == to and subject in mail.subject:
                    self.seen.add(path.name)
                    return mail
            time.sleep(0.1)
        raise MailMissing(f"{to} に「{subject}」のメールが {seconds:.0f} 秒以内に届きませんでした。")


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    return Mail(
        to=str(message["To"]).strip().strip("<>"),
        subject=str(message["Subject"]),
        text=body.get_content() if body is not None else "",
    )

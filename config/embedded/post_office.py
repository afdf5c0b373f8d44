"""How the mail servers of the world answer, by the name of the address: what the sink plays for real.

| address | behaves as |
|---|---|
| unknown…@ | accepts the mail, then reports that there is no such address (5.1.1) |
| full…@ | accepts the mail, then reports that the mailbox is full (5.2.2) |
| slow…@ | delivers the mail, after a report that it is late (4.4.1) |
| refused…@ | refuses the address at once (550) |
| later…@ | asks to come back later, for ever (451) |
"""

import smtplib
from dataclasses import dataclass
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import formatdate, make_msgid

HOST = "mx.musubi.example.jp"
AT_THE_DOOR = {"refused": "550 5.1.1 User unknown", "later": "451 4.7.1 Greylisted, please come back later"}


@dataclass(frozen=True)
class Report:
    """What becomes of a mail that was accepted: the action and status of RFC 3464, and the server's words."""

    action: str
    status: str
    diagnostic: str
    subject: str


REPORTS = {
    "unknown": Report("failed", "5.1.1", "550 5.1.1 User unknown", "Undelivered Mail Returned to Sender"),
    "full": Report("failed", "5.2.2", "552 5.2.2 Mailbox full", "Undelivered Mail Returned to Sender"),
    "slow": Report("delayed", "4.4.1", "451 4.4.1 Connection timed out", "Delayed Mail (still being retried)"),
}


def answer_at_the_door(address: str) -> str | None:
    """Return the reply that refuses an address, or None where it is let in."""
    return next((reply for name, reply in AT_THE_DOOR.items() if address.lower().startswith(name)), None)


def report_on(address: str) -> Report | None:
    """Return what will be reported about a mail to this address; None where it simply arrives."""
    return next((report for name, report in REPORTS.items() if address.lower().startswith(name)), None)


def write(report: Report, *, content: bytes, sender: str, recipient: str) -> bytes:
    """Write the notice to the envelope sender of a mail (RFC 3464), with the headers of what was sent."""
    notice = MIMEMultipart("report", report_type="delivery-status")
    notice["From"] = f"Mail Delivery System <MAILER-DAEMON@{HOST}>"
    notice["To"] = sender
    notice["Subject"] = report.subject
    notice["Date"] = formatdate()
    notice["Message-ID"] = make_msgid(domain=HOST)
    notice["Auto-Submitted"] = "auto-replied"
    notice.attach(MIMEText(f"This is the mail system at host {HOST}.\n\n<{recipient}>: {report.diagnostic}\n"))
    notice.attach(_status(report, recipient))
    headers = BytesHeaderParser().parsebytes(content)
    notice.attach(MIMEText("".join(f"{name}: {value}\n" for name, value in headers.items()), "rfc822-headers", "utf-8"))
    return notice.as_bytes(policy=notice.policy.clone(linesep="\r\n"))


def _status(report: Report, recipient: str) -> Message:
    about_all, about_one = Message(), Message()
    about_all["Reporting-MTA"] = f"dns; {HOST}"
    about_one["Final-Recipient"] = f"rfc822; {recipient}"
    about_one["Action"] = report.action
    about_one["Status"] = report.status
    about_one["Diagnostic-Code"] = f"smtp; {report.diagnostic}"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([about_all, about_one])
    return status


def post(notice: bytes, *, to: str, port: int) -> None:
    """Hand a notice to the server of this machine, from nobody, so that none comes back for it (RFC 5321 §4.5.5)."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.sendmail("", [to], notice)

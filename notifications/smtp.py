"""Handing one mail to the mail server, with patience for its last word, and knowing how far the handing over came."""

import re
import select
import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends import smtp

# 本文を渡し終えたあとの答えを待つ秒数。短く切ると、受け取られたものをもう一度送ってしまう（RFC 5321 §4.5.3.2.6）
LAST_WORD_SECONDS = 120.0
# 前に答えが失われたメールで、終わりの一点を打つ前に、相手がまだそこにいるかを確かめる秒数
CAREFUL_SECONDS = 1.0
DOT = b".\r\n"


class AnswerLost(OSError):
    """A mail was handed over whole, but the server's answer never came: nobody knows whether it was taken."""


class Patient(smtplib.SMTP):
    """A connection that hands over the mail itself otherwise than smtplib does, and keeps the server's last word."""

    sock: Any
    is_careful = False
    last_word = ""

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Begin a mail; ask that a report of its loss bring back the headers alone, not its link (RFC 3461 §4.3)."""
        return super().mail(sender, [*options, "RET=HDRS"] if self.has_extn("dsn") else options)

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over a mail whose lines end with CRLF and return the server's last word (RFC 5321 §4.1.1.4).

        Raise AnswerLost where it was handed over whole and no answer came; a careful sender withholds the final dot
        for a moment, so that a server that hangs up in the middle cannot be mistaken for one that took the mail.
        """
        code, text = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, text)
        stuffed = re.sub(rb"(?m)^\.", b"..", msg)
        if self.is_careful:
            self.send(stuffed)
            self._listen()
            stuffed = b""
        self.send(stuffed + DOT)
        return self._last_word()

    def _listen(self) -> None:
        """Raise SMTPServerDisconnected where the server hangs up, or speaks, before the mail has ended."""
        if select.select([self.sock], [], [], CAREFUL_SECONDS)[0]:
            self.close()
            raise smtplib.SMTPServerDisconnected("本文の途中で切れました。")

    def _last_word(self) -> tuple[int, bytes]:
        self.sock.settimeout(LAST_WORD_SECONDS)
        try:
            code, text = self.getreply()
        except OSError as lost:
            raise AnswerLost(str(lost)) from lost
        self.sock.settimeout(self.timeout)
        self.last_word = f"{code} {text.decode('utf-8', 'replace')}"
        return code, text


class PatientOverTLS(Patient, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Backend(smtp.EmailBackend):
    """Django's line to the mail server; the addresses of the envelope stand on it as they are written."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return PatientOverTLS if self.use_ssl else Patient

    def _send(self, email_message: Any) -> bool:
        line: Any = self.connection
        content = email_message.message().as_bytes(linesep="\r\n")
        line.sendmail(email_message.from_email, email_message.recipients(), content)
        return True

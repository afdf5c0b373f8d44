"""A line to the mail server that is kept open from one mail to the next."""

import smtplib
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMessage, get_connection


class Line:
    """One worker's connection to the mail server: opened by the first mail, closed with the shift."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, message: EmailMessage, *, is_careful: bool = False) -> str:
        """Hand one mail over and return what the server said to it ("250 2.0.0 queued as …").

        Raises OSError, smtplib's errors and AnswerLost among them, and then begins anew with the next.
        """
        if self._connection is None or not self._answers():
            self._open()
        kept = getattr(self._connection, "connection", None)
        if kept is not None:
            kept.is_careful = is_careful
        try:
            self._connection.send_messages([message])
        except BaseException:
            self.close()
            raise
        return getattr(kept, "last_word", "")

    def close(self) -> None:
        """Hang up, if there is anything to hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # 受け取られたあとの切断の失敗で、もう一度送ってはならない。
            with suppress(OSError):
                connection.close()

    def _open(self) -> None:
        self.close()
        connection = get_connection()
        connection.open()
        self._connection = connection

    def _answers(self) -> bool:
        """Ask a server that may have hung up meanwhile, before the mail is given to it and the answer is unclear."""
        kept = getattr(self._connection, "connection", None)
        if not isinstance(kept, smtplib.SMTP):
            return True  # SMTP でない送り方には、切れるつなぎがない
        with suppress(OSError):
            return kept.noop()[0] == 250
        return False

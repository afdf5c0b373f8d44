"""What mail servers answer: whether it is their last word, in words for staff, and as it is kept with the mail."""

import re
import smtplib
from datetime import datetime
from typing import Any

from django.db.models import F, Func, JSONField, Value

from notifications.smtp import AnswerLost

# 受け取られたかどうか分からないまま、もう一度だけ送る。同じ Message-ID の二通より多くは届かない
MOST_LOST = 2
LOST = "lost"
_ENHANCED = re.compile(r"^\d\.\d{1,3}\.\d{1,3}\b")


def is_permanent(trouble: Exception) -> bool:
    """Tell whether the server refuses this recipient or this content for good (5xx, RFC 5321 §4.2.1).

    A refusal of ourselves (sender, sign-in, greeting) is for the operator to mend, so those mails wait.
    """
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in trouble.recipients.values())
    return isinstance(trouble, smtplib.SMTPDataError) and 500 <= trouble.smtp_code < 600


def is_lost_again(trouble: Exception, answers: list[dict[str, str]]) -> bool:
    """Tell whether this trouble, after what came before it, leaves a mail that may have arrived often enough."""
    return isinstance(trouble, AnswerLost) and were_lost(answers) + 1 >= MOST_LOST


def were_lost(answers: list[dict[str, str]]) -> int:
    """Count the attempts after which nobody knew whether the mail had been taken."""
    return sum(answer["code"] == LOST for answer in answers)


def reason_of(trouble: Exception) -> str:
    """Say in words for staff why a mail did not leave."""
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return f"宛先が受け付けられませんでした（{_words(trouble)}）。"
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"メールサーバーに断られました（{_words(trouble)}）。"
    if isinstance(trouble, AnswerLost):
        return "メールサーバーに渡しましたが、受け取ったという答えがありませんでした。届いているかもしれません。"
    if isinstance(trouble, OSError):
        return f"メールサーバーとの通信が途切れました（{type(trouble).__name__}）。"
    return f"文面を作れませんでした（{type(trouble).__name__}: {trouble}）。"


def noted(code: str, text: str, *, at: datetime) -> Any:
    """Return the expression that adds an answer to those that a mail has, in the row as it stands."""
    answer = {"at": at.isoformat(), "code": code, "text": text[:1000].replace("\0", "")}
    more = Value([answer], output_field=JSONField())
    return Func(F("answers"), more, template="%(expressions)s", arg_joiner=" || ", output_field=JSONField())


def code_of(trouble: Exception) -> str:
    """Name an answer: its enhanced code ("5.1.1", RFC 3463), else its code ("550"); "" for a line that failed."""
    if isinstance(trouble, AnswerLost):
        return LOST
    return code_in(_words(trouble))


def code_in(answer: str) -> str:
    """Find the code in the line of an answer, "550 5.1.1 User unknown" → "5.1.1"."""
    code, _, text = answer.partition(" ")
    enhanced = _ENHANCED.match(text)
    return enhanced[0] if enhanced else code


def _words(trouble: Exception) -> str:
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return "、".join(_line(*answer) for answer in trouble.recipients.values())
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _line(trouble.smtp_code, trouble.smtp_error)
    return ""


def _line(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"

"""Notices in prose: what qmail, Exim, gateways and some providers write to people instead of a report."""

import re
from dataclasses import dataclass
from itertools import takewhile

from notifications.bounces.parts import Parts
from notifications.bounces.reasons import by_words

# 人や自動応答の言葉を、不達と取り違えないように、メールの仕組みが書いたものだけを読む
DAEMON = re.compile(
    r"mailer-?daemon|mail-?daemon|mdaemon@|postmaster|mail.?delivery.(?:sub)?system|mail administrator|m-filter"
    r"|system administrator|smtp.{0,10}(?:service|gateway)|システム管理者|メール配信システム",
    re.IGNORECASE,
)
AWAY = re.compile(r"out of (?:the )?office|vacation|auto(?:matic)?[- ]?repl|自動(?:応答|返信)|不在", re.IGNORECASE)
# ここから下は送ったメールの写し。その中の言葉は、不達の理由ではない
COPY = re.compile(
    r"(?<=\S)\n+(?:\W{0,40}(?:below this line is|this is a copy|(?:the )?(?:original|returned) (?:message|mail)"
    r"(?! was)|message text follows).*|-{40,}|return-path:.*|received: .*)$",
    re.IGNORECASE | re.MULTILINE,
)
DELAY = re.compile(
    r"warning only|do not need to resend|attempts will continue|will (?:keep|continue) (?:trying|to (?:try|be))"
    r"|not yet been delivered|could not send message for past|will be retried|postponed|(?:配信|配送)が遅れ",
    re.IGNORECASE,
)
FAILURE = re.compile(
    r"could ?n(?:o|')t be (?:delivered|processed)|(?:un|not )able to deliver|undeliver|permanent (?:fatal )?error"
    r"|deliver(?:y|ed|ing)?\b.{0,60}fail|fail(?:ed|ure)?.{0,30} (?:deliver|recipient|address)|was(?:n't| not) delivered"
    r"|(?:has |have )?not been delivered|did not (?:reach|receive)|were unable to deliver|returned mail|failure notice"
    r"|giv(?:en|ing) up|rejected|encountered an error|no such user|invalid .{0,20}(?:user|recipient)"
    r"|mailbox unavailable|配信(?:でき|不能|不可)|配送(?:でき|不能)|届けられません|送信でき",
    re.IGNORECASE,
)
LINES_OF_AN_ANSWER = 4
REPLY = re.compile(r"(?<![\d.\w])([45][0-5]\d)[ -](?=\S)")
ADDRESS = r"([^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"]{1,190})"
RECIPIENT = (
    re.compile(rf"^[ \t]*(?:recipient|rcpt to|to)?:?[ \t]*<{ADDRESS}>", re.IGNORECASE | re.MULTILINE),
    re.compile(rf"^[^\w\n]{{0,40}}{ADDRESS}[ \t]*$", re.MULTILINE),
    re.compile(rf"(?!postmaster|mailer-daemon)\b{ADDRESS}", re.IGNORECASE),
)


@dataclass(frozen=True)
class Told:
    """What a notice in prose says: of whom, what the server answered, and whether it will be tried again."""

    recipient: str
    answer: str
    is_delay: bool


def read(taken: Parts) -> Told | None:
    """Read a notice in prose; None when it is a person's mail, an automatic answer, or says nothing of delivery."""
    text = _own_words(taken)
    spoken = f"{taken.header('Subject')} {' '.join(text.split())}"
    is_delay = DELAY.search(spoken) is not None
    if not _is_of_a_mail_system(taken) or not (is_delay or FAILURE.search(spoken)):
        return None
    return Told(_recipient(taken, text), answer(taken), is_delay)


def answer(taken: Parts) -> str:
    """Find the words in which the server says why, to the end of their paragraph; "" where there are none."""
    lines = _own_words(taken).splitlines()
    for says_why in (REPLY.search, by_words, FAILURE.search):
        for number, line in enumerate(lines):
            if says_why(line):
                return " ".join(takewhile(bool, lines[number : number + LINES_OF_AN_ANSWER]))
    return ""


def plain_code(text: str) -> str:
    """Turn a three-digit reply (RFC 5321 §4.2) into the general code of its class."""
    found = REPLY.search(text)
    return f"{found[1][0]}.0.0" if found else ""


def _is_of_a_mail_system(taken: Parts) -> bool:
    """Tell whether a mail system speaks: by its name, or because nobody is to answer (RFC 5321 §4.5.5)."""
    subject = taken.header("Subject")
    if AWAY.search(subject):
        return False
    named = DAEMON.search(f"{taken.header('From')} {taken.header('Sender')}")
    return named is not None or (taken.header("Return-Path").strip() == "<>" and FAILURE.search(subject) is not None)


def _own_words(taken: Parts) -> str:
    text = "\n".join(taken.texts)
    found = COPY.search(text)
    return text[: found.start()] if found else text


def _recipient(taken: Parts, text: str) -> str:
    named = taken.header("X-Failed-Recipients").partition(",")[0].strip()
    return named or next((found[1] for found in (pattern.search(text) for pattern in RECIPIENT) if found), "")

"""What the players of the story share: the case they are about, their desks, their mails."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from config.demo.browser import Browser, Page
from config.demo.cast import FIRMS
from config.demo.mailbox import Mailbox

FIRM, _, FIRM_TITLE, FIRM_PERSON, _mailbox_name = FIRMS[0]
FIRM_EMAIL = f"{_mailbox_name}@kensetsu.example.jp"
TITLE = "市道神辺・永吉線 道路改良工事（第2工区）"


@dataclass
class Story:
    """What the players know as they go."""

    base_url: str
    mailbox: Mailbox
    out: Path
    say: Callable[[str], None]
    accounts: dict[str, dict[str, Any]]
    today: date
    number: str
    timings: dict[str, float] = field(default_factory=dict)
    case_url: str = ""
    mistyped_url: str = ""  # 宛先を打ち間違えた案件
    works: tuple[date, date] = (date.min, date.max)
    certificates: str = ""  # 保証機関での「保証工事一覧」
    window: str = ""  # 市の「電子保証の登録」
    guaranteed: str = ""
    offices: dict[str, Browser] = field(default_factory=dict)
    desks: dict[str, Browser] = field(default_factory=dict)

    @property
    def firm(self) -> Browser:
        """Go to the office of the firm that was awarded the case."""
        return self.office(FIRM_EMAIL)

    def office(self, email: str) -> Browser:
        """Sit down where somebody without an account reads their mails."""
        return self.offices.setdefault(email, Browser(self.base_url))

    def desk(self, mailbox: str, city: str = "tosu") -> Browser:
        """Sit down at someone's desk, signed in with password and, where they have it, the authenticator's code."""
        email = f"{mailbox}@{city}.example.jp"
        if email not in self.desks:
            self.desks[email] = sign_in(Browser(self.base_url), self.accounts[email])
        return self.desks[email]

    def case(self, mailbox: str) -> Page:
        """Open the case page at someone's desk."""
        return self.desk(mailbox).get(self.case_url)


def sign_in(browser: Browser, account: dict[str, Any]) -> Browser:
    """Sign a member of staff in with their password and, when they have one, the code of their authenticator."""
    page = browser.get("/accounts/login/").post("login", login=account["email"], password=account["password"])
    if account["totp_secret"]:
        code = format_hotp_value(hotp_value(account["totp_secret"], int(time.time()) // 30))
        page = page.post("authenticate", code=code)
    page.says(account["name"])
    return browser

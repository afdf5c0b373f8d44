"""Papers as they come in: notices and certificates drawn once, and the mails that carry them."""

from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from functools import cache

from contracts.models import Case
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.services.arriving import Dropped
from tests.guarantees.conftest import KEY, NUMBER
from tests.guarantees.papers import certificates, notices

NOTICE = NoticeFacts(
    type="advance",
    number=NUMBER,
    key=KEY,
    work_title="市道〇〇線道路改良工事",
    orderer="鳥栖市長",
    guarantor="西日本建設業保証株式会社",
)
CERTIFICATE = CertificateFacts(
    title="保証証書（前払金保証）",
    type="advance",
    issued_date=date(2026, 3, 16),
    number=NUMBER,
    applicant_name="株式会社鳥栖建設",
    applicant_address="佐賀県鳥栖市宿町1118",
    beneficiary="鳥栖市長",
    amount=40_000_000,
    guaranteed_from=date(2026, 3, 16),
    guaranteed_until=date(2026, 12, 31),
    work_from=date(2026, 3, 15),
    work_until=date(2026, 9, 30),
    work_title="市道〇〇線道路改良工事",
    price=100_000_000,
    guarantor="西日本建設業保証株式会社",
    branch="佐賀支店",
)


@cache
def _notice(facts: NoticeFacts) -> bytes:
    return notices.as_in_the_guide(facts)


@cache
def _certificate(facts: CertificateFacts) -> bytes:
    return certificates.ruled(facts)


def notice(name: str = "認証キー等のお知らせ.pdf", **values: str | None) -> Dropped:
    """Drop a notice as the guarantor's site gives it."""
    return Dropped(name, _notice(replace(NOTICE, **values)))


def certificate(name: str = "保証証書.pdf", **values: object) -> Dropped:
    """Drop the print of the screen that shows the certificate."""
    return Dropped(name, _certificate(replace(CERTIFICATE, **values)))


def mailed(case: Case, *files: Dropped, subject: str = "", sender: str = "") -> Dropped:
    """Save the mail by which a contractor sends files."""
    message = EmailMessage()
    message["From"] = sender or f"鳥栖建設 <{case.contractor.email}>"
    message["Subject"] = subject or f"【前払金保証】{case.number} {case.title}"
    message["Date"] = "Mon, 16 Mar 2026 10:00:00 +0900"
    message.set_content("お世話になっております。お知らせをお送りします。")
    for file in files:
        kind = ("application", "zip") if file.name.endswith(".zip") else ("application", "pdf")
        message.add_attachment(file.content, maintype=kind[0], subtype=kind[1], filename=file.name)
    return Dropped("保証のお知らせ.eml", message.as_bytes())

"""見本に書かれていること。"""

from datetime import date

from guarantees.facts import CertificateFacts, NoticeFacts

NOTICE = NoticeFacts(
    type="advance",
    number="2070004426",
    key="K7QX2M9TRA",
    work_title="市道轟木・今泉線道路改良工事（第３工区）",
    orderer="鳥栖市長",
    guarantor="西日本建設業保証株式会社",
)
LONG_TITLE = (
    "令和８年度　防災・安全交付金事業　市道轟木・今泉線ほか２路線道路改良工事"
    "に伴う橋梁下部工及び取付護岸工事（第３工区その２）"
)
CERTIFICATE = CertificateFacts(
    title="保証証書(前払金保証)",
    type="advance",
    issued_date=date(2026, 5, 10),
    number="2070004426",
    applicant_name="株式会社むすび建設",
    applicant_address="佐賀県鳥栖市宿町1118番地",
    beneficiary="鳥栖市長",
    amount=40_000_000,
    guaranteed_from=date(2026, 5, 10),
    guaranteed_until=date(2027, 3, 31),
    work_from=date(2026, 5, 11),
    work_until=date(2027, 3, 31),
    work_title="市道轟木・今泉線道路改良工事（第３工区）",
    price=100_000_000,
    deposit_bank="〇〇銀行 鳥栖支店",
    guarantor="西日本建設業保証株式会社",
    branch="佐賀支店",
)


def headed(facts: CertificateFacts) -> str:
    """Write the heading of a certificate; a change is shown after the title (R106)."""
    return f"{facts.title}（変更）" if facts.changed else str(facts.title)

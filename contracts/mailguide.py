"""What a city's guide says of its mails: from whom they come, under which subjects, how long a download lives (R11)."""

import re

from accounts.models import Organization
from contracts.durations import write_duration
from contracts.rules import CardLine
from contracts.rules.choices import CITY_TOPICS
from notifications import mail, office
from notifications.models import MailWording
from notifications.words import standard

ASKED, CONCLUDED = "contracts/signature_requested", "contracts/concluded"


def lines(city: Organization) -> tuple[CardLine, ...]:
    """Write the lines that a chapter may show beside the rules; the city's rows must be readable."""
    policy, subjects = office.policy_of(city), _subjects(city)
    sender = f"{mail.sender_name(policy)} <{mail.sender_address(policy)}>"
    mails = (
        f"差出元は「{sender}」です。署名依頼の件名は「{subjects[ASKED]}」、"
        f"締結のお知らせの件名は「{subjects[CONCLUDED]}」です。"
    )
    download = f"お知らせのメールをお送りしてから{write_duration(city.download_lifetime)}です。"
    texts = {"mails": mails, "download": download}
    return tuple(CardLine(key, topic, texts[key]) for key, topic in CITY_TOPICS.items())


def _subjects(city: Organization) -> dict[str, str]:
    """Map each mail to its subject as this city words it, with names for what differs from case to case."""
    rows = MailWording.unscoped.filter(tenant=city, template__in=[ASKED, CONCLUDED])
    worded = dict(rows.values_list("template", "subject"))
    patterns = {template: worded.get(template) or standard.of(template).subject for template in (ASKED, CONCLUDED)}
    return {template: _named(pattern, city) for template, pattern in patterns.items()}


def _named(pattern: str, city: Organization) -> str:
    return re.sub(r"\{(.+?)\}", lambda found: city.name if found[1] == "発注者名" else f"（{found[1]}）", pattern)

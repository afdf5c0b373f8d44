"""The reminders of contracts: their names, and the one function that finds them all."""

from collections.abc import Iterator

from contracts.services.reminding import cases, downloads, firms, terms
from contracts.services.reminding.desk import Desk
from notifications.reminders.registry import Asking, Item, Source

RULES = {
    "deadline": "契約締結期限が近い",
    "deadline_firm": "契約締結期限が近い（受注者へ）",
    "escalation": "契約締結期限が迫った（課長へ）",
    "overdue": "契約締結期限を過ぎた",
    "unopened": "署名の依頼が開かれていない",
    "consent": "承諾書が届いていない",
    "download": "ダウンロードの期限が近い",
    "download_lapsed": "ダウンロードされずに期限が過ぎた",
    "authority": "署名の権限の任期が終わる",
    "certificate": "証明書が終わる",
}


def find(asking: Asking) -> Iterator[Item]:
    """Find everything that contracts remind of, in a few queries whatever the number of cases."""
    desk = Desk(asking)
    yield from cases.items(desk)
    yield from firms.items(desk)
    yield from downloads.items(desk)
    yield from terms.items(desk)


SOURCE = Source(RULES, find)

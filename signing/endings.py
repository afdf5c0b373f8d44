"""何が、いつ終わるか: 署名の鍵と、時刻認証局の証明書。終わると、署名が止まる。"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signing.keys import Keyring, KnownKey
from signing.timestamps import TimestampAuthorities, TimestampUnusable

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """A key that nobody follows, or the certificate an authority answers with."""

    kind: Literal["signing", "timestamp"]
    key: KnownKey


def endings(keyring: Keyring, authorities: TimestampAuthorities, *, at: datetime) -> Iterator[Ending]:
    """Yield what ends, and when; an authority that cannot be asked now is left out, with a word in the log."""
    for key in keyring.ending(at=at):
        yield Ending("signing", key)
    for authority in authorities.in_order():
        try:
            certificate, _ = authority.evidence()
        except TimestampUnusable as unusable:
            logger.warning("the certificate of %s is not known: %s", authority.entry.label, unusable)
        else:
            yield Ending("timestamp", KnownKey.of(certificate, name=authority.entry.label))

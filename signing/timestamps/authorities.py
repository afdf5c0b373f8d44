"""時刻認証局を、設定した順に。どれが答え、答えなかったものはなぜかを残す。"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from signing.refusals import SealingUnavailable
from signing.revocation import EvidenceStore
from signing.timestamps.authority import TimestampAuthority
from signing.timestamps.entries import Entry
from signing.timestamps.tokens import TimestampUnusable
from signing.trust import Trust

Answer = TypeVar("Answer")


class TimestampAuthorities:
    """The authorities of one installation; a bare address is an entry with nothing pinned."""

    def __init__(self, entries: Iterable[Entry | str], *, trust: Trust) -> None:
        self.store = EvidenceStore(trust)
        listed = [each if isinstance(each, Entry) else Entry(each) for each in entries]
        self._all = [TimestampAuthority(each, self.store) for each in listed]

    def in_order(self) -> list[TimestampAuthority]:
        """Return the order to ask in now; raises SealingUnavailable when none is configured.

        Those that rest after a failure come last; asked all the same, they answer with the reason they rest for.
        """
        if not self._all:
            raise SealingUnavailable("タイムスタンプ局が設定されていません。")
        return sorted(self._all, key=lambda each: each.resting)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the list as it was configured."""
        return tuple(each.entry for each in self._all)

    def accredit(self, fingerprints: Iterable[str]) -> bool:
        """Tell whether a chain (SHA-256, hex) runs through a certificate that the list pins for an accredited one."""
        pinned = (each.entry.certificates | each.entry.issuers for each in self._all if each.entry.accredited)
        return not frozenset().union(*pinned).isdisjoint(map(bytes.fromhex, fingerprints))

    def stamp(self, digest: bytes) -> bytes:
        """Return a verified RFC 3161 token (DER) over a SHA-256 or SHA-512 digest; raises SealingUnavailable."""
        return self._first(lambda each: each.stamp(digest)).der

    def prepare(self) -> None:
        """Know the first that answers and what proves it, for a token at first contact; raises SealingUnavailable."""
        self._first(TimestampAuthority.evidence)

    def _first(self, ask: Callable[[TimestampAuthority], Answer]) -> Answer:
        reasons = []
        for authority in self.in_order():
            try:
                return ask(authority)
            except TimestampUnusable as error:
                reasons.append(str(error))
        raise unavailable(reasons)


def unavailable(reasons: Sequence[str]) -> SealingUnavailable:
    """Word the refusal after every authority has failed."""
    return SealingUnavailable("タイムスタンプを取得できません（" + "／".join(dict.fromkeys(reasons)) + "）。")

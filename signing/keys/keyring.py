# mypy: disable-error-code="no-untyped-call"
"""鍵束: どの鍵が、だれのために、いつ署名するか。"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509

from signing.keys import fitness
from signing.keys.backend import KeyBackend, KeyUnusable
from signing.refusals import SealingUnavailable
from signing.trust import name_of

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
NONE_STOPPED: Mapping[str, str] = {}


@dataclass(frozen=True)
class KeyPlan:
    """One configured key: for whom (nobody named: shared), in which span of time, and how to open it.

    `open` is given the moment from which the key must be fit to sign.
    """

    name: str
    open: Callable[[datetime], KeyBackend]
    owners: frozenset[str] = frozenset()
    starts_at: datetime = EARLIEST
    ends_at: datetime = LATEST
    stopped_at: datetime | None = None
    stopped_because: str = ""

    def signs_at(self, at: datetime) -> bool:
        """Tell whether the key's span covers a moment."""
        return self.starts_at <= at < self.ends_at

    def known(self, key: KeyBackend) -> "KnownKey":
        """Describe the key that was opened."""
        span = (self.starts_at, self.ends_at)
        return KnownKey.of(key.certificate, name=self.name, owners=self.owners, within=span)


@dataclass(frozen=True)
class KnownKey:
    """What is public of a key: SHA-256 of its certificate and of its public key (hex), and when it may be used."""

    name: str
    owners: frozenset[str]
    subject: str
    fingerprint: str
    public_key: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(
        cls,
        certificate: x509.Certificate,
        *,
        name: str,
        owners: frozenset[str] = frozenset(),
        within: tuple[datetime, datetime] = (EARLIEST, LATEST),
    ) -> "KnownKey":
        """Describe a key that is used within a span, as far as its certificate allows."""
        return cls(
            name=name,
            owners=owners,
            subject=name_of(certificate),
            fingerprint=certificate.sha256.hex(),
            public_key=certificate.public_key.sha256.hex(),
            starts_at=max(within[0], certificate.not_valid_before),
            ends_at=min(within[1], certificate.not_valid_after),
        )

    def follows(self, other: "KnownKey") -> bool:
        """Tell whether this key goes on signing for all whom another signs for until its end."""
        for_the_same = self.owners >= other.owners if other.owners else not self.owners
        return for_the_same and self.starts_at <= other.ends_at < self.ends_at


class Keyring:
    """The configured keys, each opened when it is first needed; safe to share between threads."""

    def __init__(self, plans: Iterable[KeyPlan]) -> None:
        self._plans = tuple(plans)
        self._opened: dict[str, KeyBackend] = {}
        self._lock = threading.Lock()

    @property
    def owners(self) -> frozenset[str]:
        """Return whom the keys are for; "" stands for whoever has none of their own."""
        return frozenset(owner for plan in self._plans for owner in plan.owners or {""})

    def key_for(
        self, owner: str, at: datetime, *, stopped: Mapping[str, str] = NONE_STOPPED
    ) -> tuple[KeyBackend, KnownKey]:
        """Choose the key that signs for an owner at a moment: the newest whose span covers it and that may be used.

        Once an owner has a key of its own, a shared one never signs for it. `stopped` maps public keys (SHA-256, hex)
        that must not sign to why. Raises SealingUnavailable, saying why, when no key may sign.
        """
        mine = [plan for plan in self._begun(at) if owner in plan.owners]
        plans = mine or [plan for plan in self._begun(at) if not plan.owners]
        reasons = []
        for plan in sorted(plans, key=lambda each: each.starts_at, reverse=True):
            try:
                return self._usable(plan, at=at, stopped=stopped)
            except SealingUnavailable as refused:
                reasons.append(refused)
        raise reasons[0] if reasons else KeyUnusable("署名の鍵が設定されていません。設定されれば、自動で続けます。")

    def check(self, *, at: datetime, only: str = "") -> Iterator[tuple[KeyPlan, KnownKey | SealingUnavailable]]:
        """Open every key (or `only` that of a name) that signs now or will; yield what it is or why it may not."""
        for plan in self._plans:
            if plan.ends_at > at and plan.name in {only or plan.name}:
                try:
                    key = self._open(plan, at=at)
                except SealingUnavailable as refused:
                    yield plan, refused
                else:
                    yield plan, plan.known(key)

    def ending(self, *, at: datetime) -> list[KnownKey]:
        """List the keys that nobody follows, the earliest end first: after it, their owners cannot sign."""
        opened = [(plan, found) for plan, found in self.check(at=at) if plan.stopped_at is None]
        known = [found for _, found in opened if isinstance(found, KnownKey)]
        alone = [key for key in known if not any(other.follows(key) for other in known)]
        return sorted(alone, key=lambda key: key.ends_at)

    def _begun(self, at: datetime) -> Iterator[KeyPlan]:
        return (plan for plan in self._plans if plan.starts_at <= at)

    def _usable(self, plan: KeyPlan, *, at: datetime, stopped: Mapping[str, str]) -> tuple[KeyBackend, KnownKey]:
        if not plan.signs_at(at):
            raise SealingUnavailable(f"署名の鍵「{plan.name}」は使う期間が終わりました。次の鍵を待っています。")
        if plan.stopped_at is not None and plan.stopped_at <= at:
            raise _stopped(plan, plan.stopped_because)
        key = self._open(plan, at=at)
        known = plan.known(key)
        if known.public_key in stopped:
            raise _stopped(plan, stopped[known.public_key])
        fitness.valid_at(key.certificate, at=at)
        return key, known

    def _open(self, plan: KeyPlan, *, at: datetime) -> KeyBackend:
        with self._lock:
            if plan.name not in self._opened:
                self._opened[plan.name] = plan.open(max(at, plan.starts_at))
            return self._opened[plan.name]


def _stopped(plan: KeyPlan, because: str) -> KeyUnusable:
    why = f"（{because}）" if because else ""
    return KeyUnusable(f"署名の鍵「{plan.name}」は止められています{why}。別の鍵が用意されれば、自動で続けます。")

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


@dataclass(frozen=True)
class KnownKey:
    """What is public of a certificate: SHA-256 of the certificate and of its public key in hex, name, validity."""

    name: str
    owners: frozenset[str]
    subject: str
    fingerprint: str
    public_key: str
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, certificate: x509.Certificate, *, name: str, owners: Iterable[str] = ()) -> "KnownKey":
        """Describe a certificate."""
        return cls(
            name=name,
            owners=frozenset(owners),
            subject=name_of(certificate),
            fingerprint=certificate.sha256.hex(),
            public_key=certificate.public_key.sha256.hex(),
            not_before=certificate.not_valid_before,
            not_after=certificate.not_valid_after,
        )


class Keyring:
    """The configured keys, each opened when it is first needed; safe to share between threads."""

    def __init__(self, plans: Iterable[KeyPlan]) -> None:
        self._plans = tuple(plans)
        self._opened: dict[str, KeyBackend] = {}
        self._lock = threading.Lock()

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

    def check(self, *, at: datetime) -> Iterator[tuple[KeyPlan, KnownKey | SealingUnavailable]]:
        """Open every key that signs now or will, and yield what it is or why it may not be used."""
        for plan in self._plans:
            if plan.ends_at > at:
                try:
                    key = self._open(plan, at=at)
                except SealingUnavailable as refused:
                    yield plan, refused
                else:
                    yield plan, KnownKey.of(key.certificate, name=plan.name, owners=plan.owners)

    def _begun(self, at: datetime) -> Iterator[KeyPlan]:
        return (plan for plan in self._plans if plan.starts_at <= at)

    def _usable(self, plan: KeyPlan, *, at: datetime, stopped: Mapping[str, str]) -> tuple[KeyBackend, KnownKey]:
        if not plan.signs_at(at):
            raise SealingUnavailable(f"署名の鍵「{plan.name}」は使う期間が終わりました。次の鍵を待っています。")
        if plan.stopped_at is not None and plan.stopped_at <= at:
            raise _stopped(plan, plan.stopped_because)
        key = self._open(plan, at=at)
        known = KnownKey.of(key.certificate, name=plan.name, owners=plan.owners)
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

"""一つの時刻認証局に尋ね、答えと発行者を確かめる。"""

import secrets
from datetime import datetime, timedelta

from asn1crypto import x509

from signing import network
from signing.refusals import SealingUnavailable
from signing.revocation import Evidence, EvidenceStore
from signing.timestamps import counts
from signing.timestamps.breaker import Breaker
from signing.timestamps.entries import ACCREDITED, Entry
from signing.timestamps.tokens import Question, Reply, Signer, TimestampUnusable, Token
from signing.trust import name_of

LARGEST_ANSWER_BYTES = 128 * 1024
REPLY = "application/timestamp-reply"
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": REPLY}
PURPOSE = frozenset({"time_stamping"})
LEARNT_FOR = timedelta(hours=1)


class TimestampAuthority:
    """One authority at one address; what it signs with is learnt from its tokens and kept."""

    def __init__(self, entry: Entry, store: EvidenceStore) -> None:
        self.entry = entry
        self.token_size: int | None = None
        self._store = store
        self._breaker = Breaker()
        self._signer: Signer | None = None
        self._others: tuple[x509.Certificate, ...] = ()
        self._last_serial: int | None = None
        self._learnt_at: datetime | None = None

    @property
    def hash(self) -> str:
        """Return the hash to prefer for its imprints: "sha256" or "sha512"."""
        return self.entry.hash

    @property
    def resting(self) -> bool:
        """Tell whether it failed a short while ago and is not asked for now."""
        return self._breaker.resting

    def stamp(self, digest: bytes) -> Token:
        """Return a verified token over a SHA-256 or SHA-512 digest; raises TimestampUnusable, which names it."""
        if not self._breaker.admits():
            raise TimestampUnusable(self._breaker.reason)
        try:
            with counts.asked(self.entry.label):
                token = self._stamp(digest)
        except TimestampUnusable as error:
            reason = f"{self.entry.label}: {error}"
            self._breaker.failed(reason)
            raise TimestampUnusable(reason) from error
        self._breaker.succeeded()
        return token

    def evidence(self) -> tuple[x509.Certificate, Evidence]:
        """Return the certificate it signs with now and what proves it, asking for a token only to learn it first."""
        known = self._signer
        certificate = known.certificate if known is not None else self._learn()
        try:
            return certificate, self._evidence(certificate)
        except TimestampUnusable as error:
            self._signer = None  # 証明書を替えているかもしれない。次は、トークンから知り直す
            raise TimestampUnusable(f"{self.entry.label}: {error}") from error

    def has_changed(self) -> bool:
        """Tell whether it signs with another certificate than it last did, asking for a token at most once an hour."""
        if self._learnt_at is not None and network.now() < self._learnt_at + LEARNT_FOR:
            return False
        before = self._signer
        return before is None or self._learn().sha256 != before.certificate.sha256

    def _learn(self) -> x509.Certificate:
        return self.stamp(secrets.token_bytes(self.entry.digest_size)).certificate

    def _stamp(self, digest: bytes) -> Token:
        question = Question.about(digest, self.entry.policy)
        reply = Reply(self._ask(question.der), question)
        signer = reply.signed_by(self._signer)
        if signer is not self._signer:
            self._others = tuple(reply.certificates)
        self._check_pins(signer, self._evidence(signer.certificate))
        if reply.serial == self._last_serial:
            raise TimestampUnusable("前と同じ番号のトークンが返りました")
        self._signer, self._last_serial, self.token_size = signer, reply.serial, len(reply.der)
        self._learnt_at = network.now()
        return Token(reply.der, reply.at, signer.certificate, self._name(signer.certificate))

    def _evidence(self, certificate: x509.Certificate) -> Evidence:
        try:
            return self._store.of(certificate, self._others, extended_key_usage=PURPOSE)
        except SealingUnavailable as error:
            raise TimestampUnusable(str(error).removesuffix("。")) from error

    def _check_pins(self, signer: Signer, evidence: Evidence) -> None:
        if self.entry.certificates and signer.certificate.sha256 not in self.entry.certificates:
            raise TimestampUnusable("発行者の証明書が、設定した指紋と合いません")
        if self.entry.issuers and not self.entry.issuers & {each.sha256 for each in evidence.path[1:]}:
            raise TimestampUnusable("発行者の認証局が、設定した指紋と合いません")

    def _name(self, certificate: x509.Certificate) -> str:
        return (self.entry.name or name_of(certificate)) + (ACCREDITED if self.entry.accredited else "")

    def _ask(self, question: bytes) -> bytes:
        try:
            answer = network.ask(self.entry.url, limit=LARGEST_ANSWER_BYTES, body=question, headers=HEADERS)
        except network.Unreachable as error:
            raise TimestampUnusable(str(error)) from error
        if answer.status != 200:
            raise TimestampUnusable(f"HTTP {answer.status} が返りました")
        if answer.content_type != REPLY:
            raise TimestampUnusable("タイムスタンプではない応答が返りました")
        return answer.body

"""合意締結証明書: who agreed to what, when and how they were known, as frozen values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One party's place in the order; one who only confirmed has no certificate and no signature type."""

    party: str  # 受注者・発注者
    role: str  # 署名・確認
    name: str
    title: str
    email: str
    authentication: str
    acted_at: datetime
    ip: str
    agent: str
    signature_type: str = ""
    certificate: str = ""  # Acrobat に出る名
    issuer: str = ""
    fingerprint: str = ""
    stamped_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One revision of a document: what was added, when, and the hash of the whole since then; size in bytes."""

    what: str
    at: datetime
    size: int
    sha256: str
    tsa: str = ""


@dataclass(frozen=True, kw_only=True)
class Attested:
    """One document of the set, and what our own verification said of it."""

    title: str
    kind: str
    pages: int
    stages: tuple[Stage, ...]
    verdict: str
    headline: str
    level: str
    checked_at: datetime
    lasts_until: datetime | None
    received: Stage | None = None  # 受付で整える前のファイル
    normalised: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """One event of the log, in words, with its place in the city's chain."""

    seq: int
    at: datetime
    action: str
    about: str
    actor: str
    ip: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class CertificatePaper:
    """Everything the certificate of one concluded version tells; the amount in whole yen with tax."""

    number: str
    title: str
    agreement: str
    orderer: str
    contractor: str
    amount: int
    fixed_at: datetime
    concluded_at: datetime
    made_at: datetime
    signers: tuple[Signer, ...]
    documents: tuple[Attested, ...]
    events: tuple[Told, ...]
    head_seq: int
    head_hash: str
    is_trial: bool  # 自己署名の試験用証明書で動いている
    extract: str  # 操作記録の抜粋（JSON）。PDF に添える

"""What the two papers of a guarantee say: the notice of its key (R89), and the certificate itself (R105)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self


def _labelled(label: str) -> Any:
    return field(default=None, metadata={"label": label})


@dataclass(frozen=True, kw_only=True)
class _Paper:
    """Values read from a paper, each None where it was not found."""

    @property
    def missing(self) -> tuple[str, ...]:
        """List the labels of what was not found, in the order of the paper."""
        return tuple(
            line.metadata["label"]
            for line in fields(self)
            if "label" in line.metadata and getattr(self, line.name) is None
        )


@dataclass(frozen=True, kw_only=True)
class NoticeFacts(_Paper):
    """A notice 「電子証書閲覧用「認証キー」等のお知らせ」 (R89); `type` is a value of GuaranteeType."""

    type: str | None = _labelled("区分")
    number: str | None = _labelled("保証契約番号")
    key: str | None = field(default=None, repr=False, metadata={"label": "認証キー"})
    work_title: str | None = _labelled("工事名")
    orderer: str | None = _labelled("発注者")
    guarantor: str | None = _labelled("保証機関")

    def to_json(self) -> dict[str, str | None]:
        """Give everything but the key, which is kept sealed and nowhere else (R124)."""
        return {line.name: getattr(self, line.name) for line in fields(self) if line.name != "key"}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what to_json gave; the key is None."""
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class CertificateFacts(_Paper):
    """A certificate 保証証書 (R105): amounts in whole yen, `type` a value of GuaranteeType.

    `price` is the total of the contract (総額), `base_price` the part the guarantee is reckoned from (対象額), where
    the certificate names one; `changed` tells a change certificate （変更） (R106).
    """

    title: str | None = _labelled("表題")
    changed: bool = False
    type: str | None = _labelled("種類")
    issued_date: date | None = _labelled("発行日")
    number: str | None = _labelled("保証契約番号")
    applicant_name: str | None = _labelled("保証契約者")
    applicant_address: str | None = _labelled("保証契約者の住所")
    beneficiary: str | None = _labelled("被保証者")
    amount: int | None = _labelled("保証金額")
    guaranteed_from: date | None = _labelled("保証期間の始まり")
    guaranteed_until: date | None = _labelled("保証期間の終わり")
    work_from: date | None = _labelled("工期の始まり")
    work_until: date | None = _labelled("工期の終わり")
    work_title: str | None = _labelled("工事名")
    price: int | None = _labelled("請負金額（総額）")
    base_price: int | None = None
    deposit_bank: str | None = None
    guarantor: str | None = _labelled("保証機関")
    branch: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give plain values with ISO dates, as they are kept in Guarantee.facts."""
        return {line.name: _plain(getattr(self, line.name)) for line in fields(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what to_json gave."""
        return cls(**{name: _dated(name, value) for name, value in values.items()})


DATES = frozenset({"issued_date", "guaranteed_from", "guaranteed_until", "work_from", "work_until"})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _dated(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DATES and value is not None else value

"""What the two papers of a guarantee say: the notice of its key (R89), and the certificate itself (R105)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, Self

DATES = frozenset({"issued_date", "guaranteed_from", "guaranteed_until", "work_from", "work_until"})


class _Paper:
    """Values read from a paper, each None where it was not found."""

    LABELS: ClassVar[Mapping[str, str]]

    @property
    def missing(self) -> tuple[str, ...]:
        """List the labels of what was not found, in the order of the paper."""
        return tuple(label for name, label in self.LABELS.items() if getattr(self, name) is None)


@dataclass(frozen=True, kw_only=True)
class NoticeFacts(_Paper):
    """A notice 「電子証書閲覧用「認証キー」等のお知らせ」 (R89); `type` is a value of GuaranteeType."""

    LABELS = {
        "type": "区分",
        "number": "保証契約番号",
        "key": "認証キー",
        "work_title": "工事名",
        "orderer": "発注者",
        "guarantor": "保証機関",
    }

    type: str | None = None
    number: str | None = None
    key: str | None = field(default=None, repr=False)
    work_title: str | None = None
    orderer: str | None = None
    guarantor: str | None = None

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

    LABELS = {
        "title": "表題",
        "type": "種類",
        "issued_date": "発行日",
        "number": "保証契約番号",
        "applicant_name": "保証契約者",
        "applicant_address": "保証契約者の住所",
        "beneficiary": "被保証者",
        "amount": "保証金額",
        "guaranteed_from": "保証期間の始まり",
        "guaranteed_until": "保証期間の終わり",
        "work_from": "工期の始まり",
        "work_until": "工期の終わり",
        "work_title": "工事名",
        "price": "請負金額（総額）",
        "guarantor": "保証機関",
    }

    title: str | None = None
    changed: bool = False
    type: str | None = None
    issued_date: date | None = None
    number: str | None = None
    applicant_name: str | None = None
    applicant_address: str | None = None
    beneficiary: str | None = None
    amount: int | None = None
    guaranteed_from: date | None = None
    guaranteed_until: date | None = None
    work_from: date | None = None
    work_until: date | None = None
    work_title: str | None = None
    price: int | None = None
    base_price: int | None = None
    deposit_bank: str | None = None
    guarantor: str | None = None
    branch: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give plain values with ISO dates, as they are kept in Guarantee.facts."""
        return {line.name: _plain(getattr(self, line.name)) for line in fields(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what to_json gave."""
        return cls(**{name: _dated(name, value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _dated(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DATES and value is not None else value

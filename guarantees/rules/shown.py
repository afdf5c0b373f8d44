"""What a guarantor's own register adds to the papers: the seal on the certificate, and how it stands there."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from contracts.folding import search_key
from guarantees.rules.expected import Expected
from guarantees.rules.lines import Finding, Line

SEAL, STANDING = "seal", "standing"


class Seal(StrEnum):
    """What became of the check of the electronic signature on a certificate."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    ABSENT = "absent"


SEALS = {
    Seal.HOLDS: (Finding.FITS, "保証機関の電子署名を検証しました。発行の後に変わっていません。"),
    Seal.BROKEN: (Finding.SHORT, "証書の電子署名に問題があります。保証機関にお問い合わせください。"),
    Seal.UNKNOWN: (Finding.UNSURE, "証書の電子署名を確かめきれません。署名した人の証明書をご確認ください。"),
    Seal.ABSENT: (Finding.UNSURE, "証書に電子署名がありません。保証機関にご確認ください。"),
}
STANDINGS = {
    "current": (Finding.FITS, "保証機関で有効な証書です。"),
    "changed": (Finding.SHORT, "変更後の証書があります。変更後の番号とキーを受注者に確かめてください。"),
    "cancelled": (Finding.SHORT, "この保証は、保証機関で解約されています。"),
}


@dataclass(frozen=True)
class Shown:
    """How a guarantor showed a certificate: its seal, who sealed it ("" when nobody), and its standing in words."""

    seal: Seal
    signer: str
    standing: str
    standing_label: str


def lines(shown: Shown, expected: Expected) -> Iterator[Line]:
    """Say what the seal and the standing mean for the city."""
    outcome, text = SEALS[shown.seal]
    if shown.seal is Seal.HOLDS and search_key(shown.signer) != search_key(expected.seal_name):
        outcome = Finding.UNSURE
        text = "電子署名は有効ですが、署名した人の名が、登録された名義と異なります。保証機関のものか、ご確認ください。"
    yield Line(
        name=SEAL, subject="電子署名", outcome=outcome, text=text, read=shown.signer, expected=expected.seal_name
    )
    outcome, text = STANDINGS[shown.standing]
    yield Line(name=STANDING, subject="保証機関での状態", outcome=outcome, text=text, read=shown.standing_label)

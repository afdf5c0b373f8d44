"""誰を信じるか: 署名用とタイムスタンプ用のルート証明書、そして自分の鍵の中間証明書。"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from asn1crypto import pem, x509


@dataclass(frozen=True)
class Trust:
    """Roots that end a chain, and intermediates that help our own signing to find it."""

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, roots: Iterable[Path], intermediates: Iterable[Path] = ()) -> Self:
        """Read PEM bundles; raises ValueError when one holds no certificate."""
        return cls(tuple(read_certificates(roots)), tuple(read_certificates(intermediates)))


def read_certificates(bundles: Iterable[Path]) -> Iterable[x509.Certificate]:
    """Yield the certificates of PEM bundles; raises ValueError when one holds none."""
    for path in bundles:
        content = path.read_bytes()
        if not pem.detect(content):
            raise ValueError(f"{path} に PEM 形式の証明書がありません。")
        for kind, _headers, der in pem.unarmor(content, multiple=True):
            if kind != "CERTIFICATE":
                raise ValueError(f"{path} に証明書ではないもの（{kind}）が含まれています。")
            yield x509.Certificate.load(der)


def name_of(certificate: x509.Certificate) -> str:
    """Return the common name people read, or the whole subject when there is none."""
    parts = certificate.subject.native
    common = parts.get("common_name") if isinstance(parts, dict) else None
    if isinstance(common, list):
        common = common[-1]
    return str(common or certificate.subject.human_friendly)

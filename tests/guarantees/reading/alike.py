"""見本どおりに読めたかを、全角・半角と空白の違いを除いて比べる。"""

from dataclasses import asdict
from typing import Any

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.reading.letters import folded


def differences(read: NoticeFacts | CertificateFacts | None, written: NoticeFacts | CertificateFacts) -> dict[str, Any]:
    """List what was read otherwise than it was written, by field: (read, written)."""
    found = asdict(read) if read else {}
    return {
        name: (found.get(name), value)
        for name, value in asdict(written).items()
        if _plain(found.get(name)) != _plain(value)
    }


def _plain(value: Any) -> Any:
    return folded(value) if isinstance(value, str) else value

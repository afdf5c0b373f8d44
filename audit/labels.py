"""Japanese names of what can happen, filled in by the apps in which it happens."""

from collections.abc import Mapping

_LABELS: dict[str, str] = {}


def register(labels: Mapping[str, str]) -> None:
    """Name actions: {"contract.sent": "署名を依頼"}; ValueError if an action already has another name."""
    for action, label in labels.items():
        if _LABELS.setdefault(action, label) != label:
            raise ValueError(f"{action} にはすでに「{_LABELS[action]}」の名があります。")


def of(action: str) -> str:
    """Return the Japanese name of an action, or its code where it has none."""
    return _LABELS.get(action, action)

"""Whether an address is likely one person's at the firm: a warning against mis-sent contracts, never a refusal."""

import tomllib
from functools import cache
from importlib.resources import files

from django.utils.translation import gettext as _


@cache
def _known() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files("contracts").joinpath("mailboxes.toml").read_text(encoding="utf-8"))
    return {kind: frozenset(names) for kind, names in data.items()}


def is_free(address: str) -> bool:
    """Tell whether the address is of a service at which anybody may have one."""
    return address.casefold().rpartition("@")[2] in _known()["free"]


def hint(address: str) -> str:
    """Say why an address deserves a second look; empty for an ordinary one."""
    mailbox, _at, domain = address.casefold().rpartition("@")
    if is_free(address):
        words = _("%(domain)s は、だれでも取れるメールサービスです。事業者の宛先に間違いないか確かめてください。")
        return words % {"domain": domain}
    if mailbox in _known()["shared"]:
        words = _("%(mailbox)s@ は、何人かで読む宛先かもしれません。契約締結権限者本人の宛先か確かめてください。")
        return words % {"mailbox": mailbox}
    return ""


def masked(address: str) -> str:
    """Write an address so that its owner knows it and others do not: 「ka***@example.jp」."""
    mailbox, _at, domain = address.rpartition("@")
    return f"{mailbox[: min(2, len(mailbox) - 1)]}***@{domain}"

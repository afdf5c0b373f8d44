"""What a house publishes in the DNS so that mails in its own name are believed (SPF, DKIM, DMARC; R60)."""

from dataclasses import dataclass

from django.conf import settings

from notifications import identity


@dataclass(frozen=True)
class Published:
    """One DNS record: its host name, its type, its value, and what it is for."""

    name: str
    type: str
    value: str
    why: str


def records(address: str) -> list[Published]:
    """List what the owner of an address publishes; nothing for an address of the installation's own domain.

    DMARC (RFC 7489) asks that SPF or DKIM passes for the domain of the From header. Mails come back to our own
    address, so SPF alone never does: the DKIM key stands in the house's domain and points at ours.
    """
    domain, ours, selector = address.rpartition("@")[2].lower(), identity.domain(), settings.MAIL_DKIM_SELECTOR
    if domain == ours:
        return []
    return [
        Published(
            f"{selector}._domainkey.{domain}",
            "CNAME",
            f"{selector}._domainkey.{ours}.",
            "むすびが付ける電子署名（DKIM）を、受け取った側が確かめられるようにします。",
        ),
        Published(
            domain,
            "TXT",
            f"v=spf1 include:{ours} ~all",
            "むすびのメールサーバーが、このドメインで送ってよいことを示します（SPF）。"
            f"すでに SPF のレコードがあるときは、include:{ours} だけを書き足してください。",
        ),
        Published(
            f"_dmarc.{domain}",
            "TXT",
            "v=DMARC1; p=none; adkim=r; aspf=r",
            "なりすましの扱いを示します（DMARC）。すでにあるときは、変える必要はありません。",
        ),
    ]

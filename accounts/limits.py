"""How often someone may do what costs others something: counted in Redis, by the hour, and forgotten after it."""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.middleware import client_ip

HOUR = 3600
# 一つの契約者に配られる IPv6 の幅。その中の番号は、いくらでも替えられる
IPV6_NETWORK = 64


def is_over(what: str, who: str, *, at: datetime) -> bool:
    """Count one more deed, and tell whether there were more than settings.LIMITS[what] of it in this hour."""
    key = f"limit:{what}:{who}:{int(at.timestamp()) // HOUR}"
    cache.add(key, 0, HOUR)
    try:
        return bool(cache.incr(key) > settings.LIMITS[what])
    except ValueError:  # 時の変わり目に、数えていたものが消えた
        return False


def network_of(address: str | None) -> str:
    """Name the network that an IP address stands for: itself, or its /64."""
    if not address:
        return "unknown"
    ip = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((ip, IPV6_NETWORK), strict=False)) if ip.version > 4 else str(ip)


def limited(what: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Turn away the POSTs of a network that sent more of them within the hour than it may (429)."""

    def door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            who = network_of(client_ip(request))
            if request.method == "POST" and is_over(what, who, at=timezone.now()):
                return render(request, "limited.html", status=429)
            return view(request, *args, **kwargs)

        return opened

    return door

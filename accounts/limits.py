"""How often someone may do what costs others something, by the hour: counted in Redis, and beneath it in rows.

Redis counts whatever is tried and may forget it at any moment; the rows hold what was done, and a limit holds by them
alone while Redis is away or has been wiped.
"""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from functools import wraps

import redis
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.middleware import client_ip
from accounts.models import Deed

HOUR = 3600
# 行でも数えるもの: 人が手で行う、数の限られたこと。プログラムの求めまで行にすると、読むたびに書くことになる
KEPT = frozenset({"code_asked", "code_tried", "code_to", "verified"})
# 一つの契約者に配られる IPv6 の幅。その中の番号は、いくらでも替えられる
IPV6_NETWORK = 64


def is_over(what: str, who: str, *, at: datetime) -> bool:
    """Count one more deed, and tell whether there were more than settings.LIMITS[what] of it in this hour."""
    if what not in KEPT:
        return _tried(what, who, at=at) > settings.LIMITS[what]
    since = at.replace(minute=0, second=0, microsecond=0)
    hashed = _hashed(who)
    Deed.objects.create(what=what, who=hashed, at=at)
    done = Deed.objects.filter(what=what, who=hashed, at__gte=since).count()
    return max(done, _tried(what, who, at=at)) > settings.LIMITS[what]


def is_knocking_too_often(what: str, who: str, *, at: datetime) -> bool:
    """Count one more fruitless knock, in Redis alone: a GET writes no row."""
    return _tried(what, who, at=at) > settings.LIMITS[what]


def _tried(what: str, who: str, *, at: datetime) -> int:
    key = f"limit:{what}:{_hashed(who)}:{int(at.timestamp()) // HOUR}"
    try:
        cache.add(key, 0, HOUR)
        return int(cache.incr(key))
    except (ValueError, redis.RedisError):  # 時の変わり目に消えたか、Redis がいない
        return 0


def _hashed(who: str) -> str:
    """Name somebody without leaving an address or a network behind, in rows or in Redis."""
    return salted_hmac("deeds", who, algorithm="sha256").hexdigest()


def forget(*, before: datetime) -> int:
    """Drop the rows of hours long gone; return how many."""
    return Deed.objects.filter(at__lt=before).delete()[0]


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
                return turned_away(request)
            return view(request, *args, **kwargs)

        return opened

    return door


def turned_away(request: HttpRequest) -> HttpResponse:
    """Say that it was too often, and when to come back."""
    response = render(request, "limited.html", status=429)
    response["Retry-After"] = str(HOUR)
    return response

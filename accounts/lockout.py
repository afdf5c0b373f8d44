"""The door where people prove who they are: shut when it failed too often, and counted even if the page is undone."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.limits import network_of
from accounts.middleware import client_ip
from accounts.models import TriesOf
from accounts.services import tries
from accounts.services.tries import FAILURES, Who


def attempt(request: HttpRequest, who: Who, *, prove: Callable[[], Any]) -> Any:
    """Let someone try once; return what `prove` found, which is false when it was not them.

    Raises TurnedAway, before anything is proved, when this person or this network failed too often.
    """
    at, ip = timezone.now(), client_ip(request)
    network = Who(TriesOf.NETWORK, network_of(ip))
    tries.admit(network, at=at)
    tries.admit(who, at=at)
    found = prove()
    if found:
        tries.passed(who)
        return found
    told = getattr(request, FAILURES, [])
    for each in (who, network):
        tries.failed(each, at=at, ip=ip)
        told.append((each, at, ip))
    setattr(request, FAILURES, told)
    return found

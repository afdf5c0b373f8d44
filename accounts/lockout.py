"""The door where people prove who they are: shut when it failed too often, and counted even if the page is undone."""

from collections.abc import Callable
from datetime import datetime
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
    at, network = timezone.now(), _network(request)
    tries.admit(network, at=at)
    tries.admit(who, at=at)
    found = prove()
    if found:
        tries.passed(who)
        return found
    _failed(request, who, network, at=at)
    return found


def from_network(request: HttpRequest, *, prove: Callable[[], Any], wrong: type[Exception]) -> Any:
    """Let a network try once to say who somebody is, and count it where `prove` raises what is wrong.

    Raises TurnedAway when this network failed too often.
    """
    at, network = timezone.now(), _network(request)
    tries.admit(network, at=at)
    try:
        return prove()
    except wrong:
        _failed(request, network, at=at)
        raise


def _network(request: HttpRequest) -> Who:
    return Who(TriesOf.NETWORK, network_of(client_ip(request)))


def _failed(request: HttpRequest, *counted: Who, at: datetime) -> None:
    ip, told = client_ip(request), getattr(request, FAILURES, [])
    for each in counted:
        tries.failed(each, at=at, ip=ip)
        told.append((each, at, ip))
    setattr(request, FAILURES, told)

"""Which address a browser has proved for all cities, kept in its session for a while."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.requests import ActorRequest
from contracts.views.links import remember

# コードで入った窓口を開いておく長さ
STAY = timedelta(hours=2)
KEY = "proved"


def keep(request: ActorRequest, email: str, *, at: datetime) -> None:
    """Remember, under a new session number, that this browser's reader proved an address."""
    remember(request, KEY, {"email": email, "until": (at + STAY).isoformat()})


def address_of(request: ActorRequest) -> str:
    """Return the address that was proved in this browser and still stands; empty when there is none."""
    proved = request.session.get(KEY, {})
    end = parse_datetime(proved.get("until", ""))
    return str(proved["email"]) if end is not None and timezone.now() < end else ""

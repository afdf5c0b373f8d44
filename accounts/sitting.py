"""How long someone stays signed in: twelve hours at most, half an hour without a sign of them."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from accounts.sessions import AGENT, BEGAN, IP, SEEN
from accounts.whence import address_of

# 画面がひとりでに尋ねるだけの頁。開いたままの画面は、人がいるしるしにならない
BY_ITSELF = frozenset({"work_number", "sign_progress", "batch", "version_sealing"})
NOTED = timedelta(minutes=1)
LONGEST_AGENT = 300


def is_over(request: HttpRequest, *, at: datetime) -> bool:
    """Tell whether the person must sign in again."""
    began, seen = (_moment(request, name) for name in (BEGAN, SEEN))
    too_long = began is not None and at - began >= settings.SITTING_LASTS
    return too_long or (seen is not None and at - seen >= settings.SITTING_IDLE)


def left(request: HttpRequest, *, at: datetime) -> int | None:
    """Tell for how many seconds the person stays signed in at most, whatever they do."""
    began = _moment(request, BEGAN)
    return max(0, int((began + settings.SITTING_LASTS - at).total_seconds())) if began is not None else None


def _moment(request: HttpRequest, name: str) -> datetime | None:
    found = request.session.get(name)
    return datetime.fromtimestamp(found, UTC) if isinstance(found, float) else None


def note(request: HttpRequest, *, at: datetime) -> None:
    """Note that the person is there, and from where; written at most once a minute."""
    seen = _moment(request, SEEN)
    if (seen is not None and at - seen < NOTED) or _asks_by_itself(request):
        return
    stamp(request, at=at)


def stamp(request: HttpRequest, *, at: datetime, anew: bool = False) -> None:
    """Write down when and from where the session was used; `anew` where somebody has just signed in."""
    if anew:
        request.session[BEGAN] = at.timestamp()
    request.session[SEEN] = at.timestamp()
    request.session[IP] = address_of(request.META) or ""
    request.session[AGENT] = request.META.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT]


def _asks_by_itself(request: HttpRequest) -> bool:
    place = request.resolver_match
    return "HX-Request" in request.headers and place is not None and place.url_name in BY_ITSELF


def ended(request: HttpRequest) -> HttpResponseBase:
    """Sign the person out and lead them back to where they were, once they have signed in again."""
    logout(request)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
    messages.info(request, "しばらく操作がなかったか、長い時間がたったため、サインアウトしました。")
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

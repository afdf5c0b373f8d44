"""What every answer says to browsers, and what no request may bring: the outermost wall of the site."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from accounts import whence
from config import failing

# 市が設定できる一番大きなファイル（250 MB）と、フォームのほかの部分。手前の装置と同じ（deploy/nginx/nginx.conf）
LARGEST = 260 * 1024 * 1024
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
# 私たちの装置だけが書いてよいもの
FORWARDED = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")
# アドレスにこれらを持つ頁は、メールで届いた秘密の向こうにある
SECRET = frozenset({"token", "key", "link_id", "inbox_id"})
FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "X-Permitted-Cross-Domain-Policies": "none",
}


class HeadersMiddleware:
    """Refuse odd methods and what is too large, forget what strangers claim to forward, say how each may be used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not whence.is_trusted_proxy(request.META):
            for name in FORWARDED:
                request.META.pop(name, None)
        response = _refused(request) or self.get_response(request)
        for name, value in ALWAYS.items():
            response.setdefault(name, value)
        if _is_secret(request):
            # no-referrer では、頁の中のボタンが Origin: null になり、CSRF の確かめに断られる
            response["Referrer-Policy"] = "strict-origin"
            response["X-Robots-Tag"] = "noindex, nofollow"
        if "Cache-Control" not in response and (_is_secret(request) or settings.SESSION_COOKIE_NAME in request.COOKIES):
            # 共用の端末で、サインアウトの後に「戻る」で読めないように
            add_never_cache_headers(response)
        return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    if request.method not in METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(sorted(METHODS))})
    # PostgreSQL の文字列は NUL を持てない。どの頁も、尋ねる前に断る
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return failing.unreadable()
    told = request.META.get("CONTENT_LENGTH") or "0"
    return failing.too_large() if told.isdecimal() and int(told) > LARGEST else None


def _is_secret(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and bool(SECRET & match.kwargs.keys())

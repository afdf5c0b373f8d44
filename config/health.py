"""`/healthz`: this process answers. `/readyz`: so do the database, which holds us to its walls and time, and Redis."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from accounts import clock


class HealthMiddleware:
    """Answer the two addresses before host names, redirects, sessions and transactions are asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """Say of each part whether it is ready; 503 unless all are."""
    is_there = database_is_ready()
    parts = {"database": is_there, "clock": is_there and clock.agrees(), "redis": redis_is_ready()}
    status = 200 if all(parts.values()) else 503
    return JsonResponse(parts, status=status, headers={"Cache-Control": "no-store"})


def database_is_ready() -> bool:
    """Tell whether the database answers and its row security binds us."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            (unbound,) = cursor.fetchone()
    except DatabaseError:
        connection.close()
        return False
    return not unbound


def redis_is_ready() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False

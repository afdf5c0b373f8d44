"""One line of JSON for each record."""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg import Error as PostgresError
from redis import RedisError

from config.logs import scene

MOST_FRAMES = 12
# 型や設定や相手のことだけを言い、人が書いたものを繰り返さない誤り
OUTSPOKEN = (ImproperlyConfigured, ImportError, AttributeError, TypeError, NameError, RedisError)
LONGEST = 2_000
# よその部品が、アドレスや引数を文に混ぜて書くもの。何が起きたかだけを残す
REWORDED = {
    "django.request": "a request failed",
    "django.security": "a request was refused",
    "django.server": "served",
    "celery.app.trace": "a task ended",
    "gunicorn.error": "the server of pages",
}
PLAIN = (
    "Starting gunicorn", "Listening at", "Using worker", "Booting worker", "Worker exiting", "Shutting down",
    "Handling signal", "Autorestarting worker", "Worker (pid:%s)", "WORKER TIMEOUT",
)  # fmt: skip


class JsonFormatter(logging.Formatter):
    """Write time, level, where from, what, and the scene; of an exception its kind and path, never its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, however many lines the message has."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message(record)[:LONGEST],
            **scene.current(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def message(record: logging.LogRecord) -> str:
    """Return the message; of parts that mix addresses and arguments into theirs, one of our own."""
    root = ".".join(record.name.split(".")[:2])
    known = REWORDED.get(record.name) or REWORDED.get(root)
    if known is None or (record.name == "gunicorn.error" and str(record.msg).lstrip("[").startswith(PLAIN)):
        return record.getMessage()
    data = getattr(record, "data", None)
    if isinstance(data, dict) and "name" in data:  # Celery が、文の材料を添えている
        return f"{known}: {data['name']} [{data.get('id')}]"
    status = getattr(record, "status_code", "")
    return f"{known} {status}".strip()


def failure(error: BaseException) -> dict[str, Any]:
    """Tell of an exception its kind, the path through our code, and what the database names; its words stay out.

    They may repeat what a person typed: "Key (email)=(…) already exists".
    """
    told: dict[str, Any] = {"kind": type(error).__qualname__, "path": path(error)}
    if isinstance(error, OUTSPOKEN):
        told["words"] = str(error)[:LONGEST]
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PostgresError):
            told |= {"sqlstate": cause.sqlstate, "constraint": cause.diag.constraint_name}
        elif cause is not error:
            told.setdefault("causes", []).append(type(cause).__qualname__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return told


def path(error: BaseException) -> list[str]:
    """Return where it passed, the innermost last, by file, line and function."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(name: str) -> str:
    file = Path(name)
    if file.is_relative_to(settings.BASE_DIR) and "site-packages" not in file.parts:
        return str(file.relative_to(settings.BASE_DIR))
    return "/".join(file.parts[-3:])

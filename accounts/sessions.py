"""Sessions in the database that know whose they are, and since when: what `SESSION_ENGINE` names.

The browser holds the key; the row holds only its hash, so that no dump and no backup opens anybody's session.
"""

import hashlib
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

# 始まった時と最後に使った時（秒）、どこから・何で
BEGAN, SEEN, IP, AGENT = "began", "seen", "ip", "agent"


def row_of(key: str | None) -> str:
    """Return the primary key of the row of a session: 160 bits of the hash of its key, in hexadecimal."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in a table that names the member of staff they belong to."""

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Stamp the beginning where somebody has just signed in, and name them on the row."""
        if SESSION_KEY in data:
            now = timezone.now().timestamp()
            data.setdefault(BEGAN, now)
            data.setdefault(SEEN, now)
        row: Any = super().create_model_instance(data)
        row.session_key = row_of(row.session_key)
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row

    def exists(self, session_key: str) -> bool:
        """Tell whether a key is taken."""
        return super().exists(row_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """End the session of a key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(row_of(key))

    def _get_session_from_db(self) -> Any:
        found = self.model.objects.filter(session_key=row_of(self.session_key), expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
        return found

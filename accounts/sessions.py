"""Sessions in the database that know whose they are, and since when: what `SESSION_ENGINE` names."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

# 始まった時と最後に使った時（秒）、どこから・何で
BEGAN, SEEN, IP, AGENT = "began", "seen", "ip", "agent"


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
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row

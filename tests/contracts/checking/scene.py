from datetime import UTC, datetime, timedelta

AT = datetime(2099, 3, 5, 16, 30, tzinfo=UTC)
NEXT_NIGHT = AT + timedelta(days=1)

"""The door at the start: nothing serves in production with unsafe values."""

import sys

from django.conf import settings

from config.safety import engines, values

# gunicorn は、この番号で終わった子を起こし直さずに、自分も終わる
UNSAFE = 3
REFUSED = "安全でない値があるので、始めません。次のすべてを直してから、もう一度起動してください。"


def refuse_unsafe() -> None:
    """List every unsafe value and raise SystemExit, when this is production; do nothing otherwise."""
    if not values.is_production(settings):
        return
    found = [*values.faults(settings), *engines.faults()]
    if found:
        sys.stderr.write("\n".join([REFUSED, *(f"  - {fault}" for fault in found), ""]))
        raise SystemExit(UNSAFE)

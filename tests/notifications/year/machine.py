"""The product's own beat or worker, woken on a morning to come: `python -m tests.notifications.year.machine beat`.

Beat rings for reminders and mails every second instead of at its own pace; all else is as it runs in production.
"""

import sys
from datetime import datetime, timedelta

import time_machine

from tests.notifications.year.lives import JST

# 年明けの、初めの開庁日
MORNING = datetime(2028, 1, 4, 8, tzinfo=JST)
QUIETLY = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR")


def main(part: str, schedule: str) -> None:
    """Run until killed."""
    import django

    django.setup()
    from config.celery import app

    if part == "worker":
        app.worker_main(["worker", "--pool", "solo", *QUIETLY])
    else:
        rings = {name: app.conf.beat_schedule[name] | {"schedule": 1} for name in ("remind", "deliver")}
        app.conf.beat_schedule = rings
        app.start(["beat", "--schedule", schedule, "--loglevel", "ERROR"])


if __name__ == "__main__":
    with time_machine.travel(MORNING + timedelta(seconds=1), tick=True):
        main(*sys.argv[1:])

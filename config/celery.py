"""Celery: only the doorbell. What must be done is a row; losing a message loses time, not work."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class PunctualTask(Task[Any, Any]):
    """A task that does nothing while the clock of its process is wrong; another worker, or a later ring, does it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from accounts import clock  # Django の支度が済むまで import できない

        return super().__call__(*args, **kwargs) if clock.agrees() else None


app = Celery("musubi", task_cls=PunctualTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
@worker_init.connect
def refuse_unsafe(**_later: object) -> None:
    """Let neither worker nor beat start in production with unsafe values; they are listed on the screen."""
    from config.safety import gate  # Django の支度が済むまで import できない

    gate.refuse_unsafe()


@worker_init.connect
def refuse_unfit_keys(**_later: object) -> None:
    """Let no worker start with a key that may not sign; the reason is on the screen.

    Another process looks: a PKCS#11 library that is opened before the workers fork would break in each of them.
    """
    manage = Path(__file__).resolve().parent.parent / "manage.py"
    checked = subprocess.run([sys.executable, str(manage), "signing_key", "check"], check=False)  # noqa: S603
    if checked.returncode:
        raise SystemExit("使えない署名の鍵があるので、worker を始めません。上の理由を確かめてください。")


@worker_init.connect
def sweep_rooms(**_later: object) -> None:
    """Remove what a worker before this one left of files from outside."""
    from django.utils import timezone  # Django の支度が済むまで import できない

    from signing import rooms

    rooms.sweep(at=timezone.now())


@worker_process_init.connect
def warm_up(**_later: object) -> None:
    """Let a process do beside its work what its first signature would wait for.

    Celery gives a new process four seconds to begin, and an authority that is away takes longer: a thread does it.
    """
    from signing import setup  # Django の支度が済むまで import できない

    setup.warm()

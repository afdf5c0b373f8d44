"""An app of the drills alone; it changes nothing but what is named in the room."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.apps import AppConfig
from django.utils import timezone

from tests.torture.room import HONEST, Room


class MischiefConfig(AppConfig):
    name = "tests.torture.mischief"

    def ready(self) -> None:
        """Set the worker's clock wrong while the room says by how many seconds (F13), and lay the poison (F16)."""
        if "worker" not in sys.argv:
            return
        room = Room(Path(os.environ["TORTURE_ROOM"]))
        if (ahead := room.mode("clock")) != HONEST:
            time_machine.travel(timezone.now() + timedelta(seconds=float(ahead))).start()
        _lay_poison(room)


def _lay_poison(room: Room) -> None:
    from contracts.services.signatures import concluding, sealing

    taken, ended = sealing._source, concluding._ends

    def die(book: str, case: str) -> None:
        if case == room.mode(book):
            room.note(book, of=case, pid=os.getpid())
            os.kill(os.getpid(), signal.SIGKILL)

    def source(claim: Any) -> Any:
        die("poison-seal", claim.job.step.version.case.number)
        return taken(claim)

    def ends(version: Any, **known: Any) -> Any:
        die("poison-check", version.case.number)
        return ended(version, **known)

    sealing._source, concluding._ends = source, ends

"""Ask a program of ours about a file from outside, in a process of its own whose memory and time are limited."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any


class Stopped(Exception):
    """The process was stopped at its limit of memory or time, or died."""


class TooSlow(Stopped):
    """The process did not end in the time it was given."""


def ask(program: Path, room: Path, *, seconds: float) -> dict[str, Any]:
    """Run a program on a directory and return the JSON object it writes; raises Stopped.

    Whatever it has started ends with it.
    """
    with subprocess.Popen(  # noqa: S603 - 自分のプログラムだけを、固定の引数で動かす
        [sys.executable, "-I", str(program), str(room)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=room,
        env={"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TooSlow from error
        finally:
            _end(child)
    if child.returncode != 0:
        raise Stopped
    answer: dict[str, Any] = json.loads(said)
    return answer


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End everything in the session of a child."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)

"""いくつものプロセスに、同じ瞬間から働いてもらう。"""

import subprocess
import sys
from collections.abc import Sequence

PYTHON = (sys.executable, "-W", "ignore", "-m")


def together(module: str, arguments: Sequence[str], *, people: int) -> list[str]:
    """Start a module so many times, each with a seed of its own last; return what each printed after the start."""
    command = [*PYTHON, module, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    crowd = [subprocess.Popen([*command, str(seed)], **pipes) for seed in range(people)]
    for each in crowd:
        each.stdout.readline()
    for each in crowd:
        each.stdin.write("\n")
        each.stdin.flush()
    return [each.communicate()[0] for each in crowd]


def wait_for_all() -> None:
    """Say that we are ready, and wait until everyone is."""
    print("ready", flush=True)
    sys.stdin.readline()

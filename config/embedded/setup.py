"""What a running stack needs before the application starts: tables, example data, static files."""

import hashlib
import subprocess
import sys

from config.embedded.children import BASE_DIR
from config.embedded.errors import StackFailed
from config.embedded.stack import Stack


def prepare(stack: Stack, *, static: bool) -> None:
    """Bring tables, example data and, if asked and changed, the collected static files up to date."""
    stamp, now = stack.static / ".stamp", _static_fingerprint()
    stale = static and not (stamp.exists() and stamp.read_text() == now)
    accounts = str(stack.root / "demo/accounts.json")
    manage(stack, "prepare", "--accounts", accounts, *(["--static"] if stale else []))
    if stale:
        stamp.write_text(now)


def manage(stack: Stack, *arguments: str) -> None:
    """Run one management command against the stack; raise StackFailed with its words when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=stack.full_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackFailed(f"manage.py {' '.join(arguments)} に失敗しました。\n{done.stdout}{done.stderr}")


def _static_fingerprint() -> str:
    digest = hashlib.sha256((BASE_DIR / "requirements.lock").read_bytes())
    for path in sorted(path for root in ("static", "var/fonts") for path in (BASE_DIR / root).rglob("*")):
        if path.is_file():
            digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

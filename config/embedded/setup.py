"""What a running stack needs before the application starts: tables, example data, static files."""

import hashlib
import subprocess
import sys

from config.embedded.children import BASE_DIR
from config.embedded.errors import StackFailed
from config.embedded.stack import Stack


def migrate(stack: Stack) -> None:
    """Bring the tables up to date, as the role that owns them."""
    manage(stack, "migrate", "--database", "owner", "--no-input", "--verbosity", "0")


def load_example(stack: Stack) -> None:
    """Load the example municipalities, firms and staff; what is there stays."""
    manage(stack, "load_demo")


def collect_static(stack: Stack) -> None:
    """Collect the static files when one of ours or a package has changed."""
    stamp = stack.static / ".stamp"
    now = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return
    manage(stack, "collectstatic", "--no-input", "--clear", "--verbosity", "0")
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
    for path in sorted((BASE_DIR / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

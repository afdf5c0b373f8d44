"""The server of pages takes its configuration, every hook in it included."""

import subprocess
import sys

from django.conf import settings


def test_gunicorn_takes_every_hook_in_its_configuration():
    command = [sys.executable, "-m", "gunicorn", "--check-config", "--config", "config/gunicorn.py"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr

"""The embedded stack: who its roles are, and that nothing a killed run leaves stops the next one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import psutil
import psycopg
import pytest

from config.embedded import ports
from config.embedded.children import Children
from config.embedded.credentials import load
from config.embedded.errors import StackFailed
from config.embedded.postgres import Postgres
from config.embedded.stack import Stack, StackBusy

HOLD = """
import sys, time
from pathlib import Path
from config.embedded.stack import Stack
stack = Stack(Path(sys.argv[1]), durable=False)
stack.start()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def without_outer_services(monkeypatch):
    """Let a stack of our own start although the suite already names its services."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variable", "role"),
    [("DATABASE_URL", "musubi_app"), ("DATABASE_OWNER_URL", "musubi_owner"), ("DATABASE_OPS_URL", "musubi_ops")],
)
def test_no_role_can_bypass_row_security(variable, role):
    with psycopg.connect(os.environ[variable]) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert row == (role, False, False, False)


def test_a_wrong_password_is_refused():
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(os.environ["DATABASE_URL"], password="wrong")


def test_text_is_cut_into_japanese_trigrams():
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        (pieces,) = connection.execute("SELECT show_trgm('市道改良')").fetchone()

    assert len(pieces) == 5


@pytest.mark.usefixtures("without_outer_services")
def test_a_killed_run_leaves_nothing_that_stops_the_next(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    with holder:
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(StackBusy, match=str(holder.pid)):
            Stack(tmp_path).start()
        holder.send_signal(signal.SIGKILL)

    with Stack(tmp_path, durable=False) as stack:
        url = stack.environment()["DATABASE_URL"]
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not [process for process in psutil.process_iter() if _mentions(process, tmp_path)]


def test_an_orphaned_server_on_the_same_data_is_ended(tmp_path):
    children = Children(ledger=tmp_path / "children.json", logs=tmp_path / "logs")
    first = Postgres(tmp_path / "postgres", load(tmp_path / "credentials.json"), durable=False)
    first.start(children)
    first.wait(children)

    first.end_orphans()

    assert first.child.process.wait(10) is not None
    assert not (first.data / "postmaster.pid").exists()
    children.stop()


def test_an_orphan_named_in_the_ledger_is_killed_but_a_stranger_with_its_number_is_not(tmp_path):
    children = Children(ledger=tmp_path / "children.json", logs=tmp_path / "logs")
    children.start("sleeper", ["sleep", "300"])
    child = children.running[0]
    ledger = children.ledger.read_text()

    children.ledger.write_text(ledger.replace('"started": ', '"started": 1'))
    children.sweep()
    time.sleep(0.2)
    assert child.is_alive()

    children.ledger.write_text(ledger)
    children.sweep()
    assert not child.is_alive()


def test_an_occupied_port_is_named_with_a_way_out():
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        number = taken.getsockname()[1]

        with pytest.raises(StackFailed) as refusal:
            ports.demand(number, purpose="画面", remedy="PORT=8001 を付けると番号を変えられます。")

    assert str(number) in str(refusal.value)
    assert f"PID {os.getpid()}" in str(refusal.value)
    assert "PORT=8001" in str(refusal.value)


def test_secrets_are_readable_by_their_owner_alone(tmp_path):
    made = load(tmp_path / "credentials.json")

    assert (tmp_path / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert load(tmp_path / "credentials.json") == made


def _mentions(process, path):
    try:
        return process.pid != os.getpid() and any(str(path) in part for part in process.cmdline())
    except psutil.Error:
        return False


def test_a_secret_that_an_older_release_did_not_know_is_added_and_the_others_stay(tmp_path):
    path = tmp_path / "credentials.json"
    made = asdict(load(path))
    path.write_text(json.dumps({name: value for name, value in made.items() if name != "ops_password"}))

    loaded = asdict(load(path))

    assert loaded.pop("ops_password") not in {"", made.pop("ops_password")}
    assert loaded == made
    assert load(path) == load(path)

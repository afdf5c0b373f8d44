"""A real clamd on this machine, with one signature of our own: the string by which scanners are tried."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# 一続きに書くと、この試験のファイルそのものが検査にかかる
TEST_STRING = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
CONFIG = """
LocalSocket {room}/clamd.sock
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {room}
TemporaryDirectory {room}
PidFile {room}/clamd.pid
Foreground yes
StreamMaxLength 4M
MaxFileSize 3M
AlertExceedsMax yes
"""
PATIENCE = 60


@contextmanager
def running(room: Path) -> Iterator[tuple[str, str]]:
    """Run clamd until the block ends; gives its socket and its address."""
    (room / "ours.ndb").write_text(f"Musubi.Test:0:*:{TEST_STRING.encode().hex()}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = room / "clamd.conf"
    config.write_text(CONFIG.format(room=room, port=port))
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "clamd がありません（scripts/bootstrap --tests が入れます）"
    with subprocess.Popen([program, "--config-file", str(config)], stdout=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield str(room / "clamd.sock"), f"127.0.0.1:{port}"
        finally:
            process.kill()


def _wait(port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < ends, "clamd が始まりません"
            time.sleep(0.1)
        else:
            return

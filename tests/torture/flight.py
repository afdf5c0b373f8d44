"""One drill from its first contract to the evidence it leaves."""

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from config.embedded.children import BASE_DIR
from config.embedded.errors import StackFailed
from config.embedded.postgres import DATABASE
from tests.torture import people, rig
from tests.torture.checker.evidence import Evidence, gather
from tests.torture.faults import POISONED, Drill, supervised
from tests.torture.rig import BUCKET, Rig

DRAIN_SECONDS = 600
TOKEN = re.compile(r"/(?:sign|download|consent|standing|address|guarantee)/([-\w]{40,})/")
# 間を空けて待つ仕事を、いま試させる。借りている人のいる仕事には触れない
HURRY = (
    "update contracts_signingjob set due_at = now() where state = 'queued' and due_at > now()",
    "update contracts_contractversion set conclude_at = now() where conclude_at > now()",
    "update notifications_delivery set next_attempt_at = now() where state = 'queued' and attempts < %(most)s",
)
# 短い訓練では、送信の途中で死んだ worker の五分の借りを待たない。生きている worker の送信は、この間に済んでいる
RELEASE = (
    "update notifications_delivery set next_attempt_at = now()"
    " where state = 'sending' and next_attempt_at < now() + interval '5 minutes' - interval '30 seconds'"
)
LEFT = (
    "select (select count(*) from contracts_contractversion where state <> 'concluded')"
    " + (select count(*) from notifications_delivery where state in ('queued', 'sending'))"
    " + (select count(*) from contracts_signingjob where state <> 'done')"
)


@dataclass
class Flight:
    """What a drill did, and what it left."""

    contracts: int
    seed: str
    counted: Counter[str]
    restarts: Counter[str]
    seconds: dict[str, float]
    evidence: Evidence
    left: int

    def table(self) -> list[str]:
        """Tell the drill in lines."""
        unclear = sum(each.get("clear") is False for each in self.evidence.people)
        lies = Counter(each["gave"] for each in self.evidence.tsa)
        return [
            f"種 {self.seed}、契約 {self.contracts} 件。"
            + "、".join(f"{name} {spent:.0f} 秒" for name, spent in self.seconds.items()),
            f"時刻認証局の正しい答え {lies.pop('honest', 0)}、嘘と沈黙 {lies.total()}",
            f"はっきりしない答えを受けた人 {unclear}、起こし直し {dict(self.restarts)}",
            *(f"{count:5} 回  {kind}" for kind, count in sorted(self.counted.items())),
        ]


def flown(contracts: int, *, seed: str, seconds: float, kinds: int | None) -> Flight:
    """Fly so many contracts through so many kinds of faults (all by default), each lasting so many seconds."""
    chance, spent, began = random.Random(seed), {}, time.monotonic()
    with rig.standing(contracts) as stood:
        _load(stood, contracts)
        stood.begin()
        spent["支度"] = time.monotonic() - began
        drill = Drill(stood, random.Random(chance.random()), seconds)
        crowd = _crowd(stood, random.Random(chance.random()))
        with supervised(stood) as restarts:
            crowd.come()
            try:
                spent["責め苦"] = _suffer(stood, drill, crowd, kinds=kinds or len(drill.kinds))
                spent["片付け"] = _drain(stood, crowd, release=seconds < 2)
                people.take_again(crowd)
            finally:
                crowd.leave()
        left = _ask(stood, LEFT) or 0
        _sweep(stood)
        _write_where(stood)
        return Flight(contracts, seed, drill.counted, restarts, spent, gather(stood.room.path), left)


def _load(stood: Rig, contracts: int) -> None:
    command = [sys.executable, "-m", "tests.torture.loader", str(stood.room.path), str(contracts)]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=stood.full_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackFailed(done.stdout + done.stderr)


def _crowd(stood: Rig, chance: random.Random) -> people.Crowd:
    manifest = json.loads((stood.room.path / "manifest.json").read_text())
    return people.Crowd(stood.base_url, stood.mailbox, stood.room, manifest, chance)


def _suffer(stood: Rig, drill: Drill, crowd: people.Crowd, *, kinds: int) -> float:
    """Let the faults fall until every kind has and everybody is done, or the time is over."""
    began = time.monotonic()
    while not crowd.links and time.monotonic() < began + DRAIN_SECONDS:
        time.sleep(0.2)  # 最初の一通が届いてから、飛んでいるものを撃つ
    longest = 300 + 3 * len(crowd.firms) + 20 * kinds * drill.seconds
    # 短い訓練では、幾つかの障害が一度ずつ過ぎたら静かにする
    until = (lambda: crowd.are_done(but=len(POISONED))) if kinds >= len(drill.kinds) else lambda: True
    striker = threading.Thread(target=drill.kill_workers, daemon=True)
    befaller = threading.Thread(target=drill.run, kwargs={"at_least": kinds, "until": until}, daemon=True)
    striker.start()
    befaller.start()
    while befaller.is_alive() and not crowd.over.is_set() and time.monotonic() < began + longest:
        _hurry(stood, most=5)
        befaller.join(3)
    while not all(map(stood.room.book, POISONED)) and time.monotonic() < began + longest:
        if crowd.over.wait(1):  # 毒のある文書まで、封印と検証が進むのを待つ
            break
    drill.end()
    for thread in (striker, befaller):
        thread.join()
    drill.mend()
    for book, what in zip(POISONED, ("封印", "検証"), strict=True):
        drill.counted[f"F16 毒のある文書が{what}で worker を殺す"] = len(stood.room.book(book))
    return time.monotonic() - began


def _drain(stood: Rig, crowd: people.Crowd, *, release: bool) -> float:
    """Let the work be finished in peace, ten minutes at most."""
    began = time.monotonic()
    while time.monotonic() < began + DRAIN_SECONDS and not crowd.over.is_set():
        if _ask(stood, LEFT) == 0 and crowd.are_done():
            break
        _hurry(stood, most=1000)
        if release:
            _ask(stood, RELEASE)
        time.sleep(1)
    return time.monotonic() - began


def _hurry(stood: Rig, *, most: int) -> None:
    """Shorten the pauses after failures; nobody waits in a drill for what waits for a quarter of an hour."""
    if stood.room.mode("smtp") == "honest":
        for statement in HURRY:
            _ask(stood, statement, most=most)


def _ask(stood: Rig, question: str, **values: int) -> int | None:
    assert stood.postgres is not None
    with suppress(psycopg.Error), stood.postgres.superuser(DATABASE) as connection:
        connection.execute("set lock_timeout = '2s'")
        found = connection.execute(question, values if "%(" in question else None)
        if found.description is None:
            return None
        (number,) = found.fetchone() or (None,)
        return number
    return None


def _sweep(stood: Rig) -> None:
    """Sweep, as if an hour had passed, what was left by those who were killed."""
    later = "from datetime import *; from signing import rooms; rooms.sweep(at=datetime.now(UTC) + timedelta(hours=1))"
    subprocess.run([sys.executable, "-c", later], cwd=BASE_DIR, env=stood.full_environment(), check=True)


def _write_where(stood: Rig) -> None:
    """Write down for the checker where everything is, and what must never be in a log."""
    assert stood.postgres is not None
    assert stood.redis is not None
    made = stood.credentials
    manifest = json.loads((stood.room.path / "manifest.json").read_text())
    secrets = [made.secret_key, made.vault_master_keyset, made.owner_password, made.app_password, made.redis_password]
    secrets += [each[name] for each in manifest["cities"] for name in ("password", "totp_secret")]
    mails = (path.read_text(errors="replace") for path in stood.mailbox.glob("*.eml"))
    secrets += {token for text in mails for token in TOKEN.findall(text.replace("=\n", ""))}
    where = {
        "database": f"host=127.0.0.1 port={stood.postgres.port} user=postgres dbname={DATABASE}"
        f" password={made.superuser_password}",
        "redis": stood.redis.url,
        "s3": f"http://127.0.0.1:{stood.s3_port}",
        "bucket": BUCKET,
        "mailbox": str(stood.mailbox),
        "logs": str(stood.children.logs),
        "roots": str(stood.home / "pki" / "roots.pem"),
        "secrets": secrets,
        "temporary": sorted(path.name for path in stood.temporary.rglob("*") if path.is_file()),
    }
    (stood.room.path / "where.json").write_text(json.dumps(where))

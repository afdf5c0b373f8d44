"""Where a worker dies: at named points of its work, chosen by the seed, each piece of work at each point once."""

import os
import random
import signal
from pathlib import Path
from typing import Any

# 一つの仕事が、一つの場所で死ぬ割合
ODDS = 0.08
TAKEN, SIGNED, STORED = "受け取った直後", "署名の直後", "保管の直後"
BEFORE_COMMIT, COMMITTED = "確定の直前", "確定の直後"
BEFORE_CONCLUSION, CONCLUDED = "締結の確定の直前", "締結の確定の直後"
BEFORE_MAIL, MAILED = "送信の直前", "送信の直後"
POINTS = (TAKEN, SIGNED, STORED, BEFORE_COMMIT, COMMITTED, BEFORE_CONCLUSION, CONCLUDED, BEFORE_MAIL, MAILED)


class Fates:
    """What is destined for whatever a worker holds in its hands; a death is written down before it comes."""

    def __init__(self, seed: str, ledger: Path) -> None:
        self._seed, self._ledger = seed, ledger
        self.hand = ""

    def meet(self, point: str, *, hand: str = "") -> None:
        """Die here, by SIGKILL, if it is so destined."""
        self.hand = hand or self.hand
        line = f"{point}\t{self.hand}"
        if random.Random(f"{self._seed}/{line}").random() < ODDS and line not in self.deaths():
            with self._ledger.open("a") as ledger:
                ledger.write(f"{line}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def deaths(self) -> list[str]:
        return self._ledger.read_text().splitlines() if self._ledger.exists() else []


def lay(fates: Fates) -> None:
    """Lay the fates on this process and on those it will fork; the product itself knows nothing of them."""
    _on_sealing(fates)
    _on_writing(fates)
    _on_mails(fates)


def _on_sealing(fates: Fates) -> None:
    from accounts import tenancy
    from contracts import tasks
    from contracts.services.signatures import sealing

    sign, do = sealing._sign, tasks._do

    def signing(claim: Any, *arguments: Any, **options: Any) -> Any:
        job = claim.job
        with tenancy.acting_for(job.tenant_id):
            fates.hand = f"{job.step.version.case.number}/{job.document.order}/{job.step.order}"
        fates.meet(TAKEN)
        signed = sign(claim, *arguments, **options)
        fates.meet(SIGNED)
        return signed

    def doing(turn: Any) -> bool:
        done = do(turn)
        if done and turn.work in {"seal", "conclude"}:
            fates.meet(COMMITTED if turn.work == "seal" else CONCLUDED)
        return done

    sealing._sign, tasks._do = signing, doing


def _on_writing(fates: Fates) -> None:
    from contracts.services import evidence
    from vault import files

    store, record = files.store, evidence.record

    def storing(**options: Any) -> Any:
        stored = store(**options)
        fates.meet(STORED)
        return stored

    def recording(action: str, case: Any, **options: Any) -> None:
        record(action, case, **options)
        if action == "document.sealed":
            fates.meet(BEFORE_COMMIT)
        if action == "contract.concluded":
            fates.meet(BEFORE_CONCLUSION, hand=case.number)

    files.store, evidence.record = storing, recording


def _on_mails(fates: Fates) -> None:
    from notifications import delivery

    send = delivery._send

    def sending(message: Any, line: Any, **how: bool) -> str:
        fates.meet(BEFORE_MAIL, hand=f"{message.to[0]} {message.subject}")
        answer = send(message, line, **how)
        fates.meet(MAILED)
        return answer

    delivery._send = sending

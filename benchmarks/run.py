"""The measurements, in the order they are told."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial

from django.conf import settings
from django.utils import timezone

from benchmarks import authority, floor, hsm, many, memory, ours, plain, tuned, works
from benchmarks.measuring import Timing, alternate, machine
from benchmarks.telling import FLOOR, OURS, PLAIN, TUNED, Fact, Row, facts, timed
from config.embedded.pki import PkiPaths
from signing import network, pages
from signing.intake import admit
from signing.renewal import renew
from signing.results import Verdict
from signing.sealable import sealable
from signing.sealing import Sealer
from signing.standing import Standing
from signing.trust import Trust
from signing.verification import verify

OUT = settings.VAR_DIR / "bench"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
KEYS = {"RSA-3072": "signer", "P-256": "p256"}
DISTINCT, VERIFICATIONS, BOOKMARKS, PATIENCE = 10, 1000, 3000, 20
LARGEST = 50 * 1024 * 1024
Works = dict[tuple[str, str], Callable[[], object]]
SEALING = "封印（承認2＋文書タイムスタンプ）"
GOALS = {
    f"{SEALING}: RSA-3072": "60 ms 以下",
    f"{SEALING}: P-256": "60 ms 以下",
    f"{SEALING}: 図面、立ち位置から": "小さな文書の 2 倍以内",
    "検証: 契約書": "30 ms 以下",
    "文書タイムスタンプの延長": "20 ms 以下",
}


class Bench:
    """Everything that is measured in one run, with what it is measured on."""

    def __init__(self, made: PkiPaths, opened: ExitStack) -> None:
        self._made = made
        self.contract, self.drawing = works.contract(), works.drawing()
        self._standings = {each: sealable(each) for each in (self.contract, self.drawing)}
        self._trust = Trust.load([made.trust_roots])
        self._sealers = {
            kind: ours.sealer(made, ours.key(made, made.directory / f"{name}.p12")) for kind, name in KEYS.items()
        }
        self._signers = {kind: plain.signer(made, f"{name}.p12") for kind, name in KEYS.items()}
        self._tuned = {kind: tuned.Tuned(made, each) for kind, each in self._signers.items()}
        self._floors = {kind: floor.Floor(made, name) for kind, name in KEYS.items()}
        self._tokens = opened.enter_context(hsm.tokens(made, KEYS))
        for each in self._tuned.values():
            opened.callback(each.close)
        self.sealer = self._sealers["RSA-3072"]
        self.sealed = {each: each + ours.tails(each, self.sealer) for each in (self.contract, self.drawing)}

    def check(self) -> None:
        """Stop unless all ways do the same work, and do it well: two approvals and a document timestamp."""
        for pdf in self.sealed.values():
            report = verify(pdf, trust=self._trust)
            if report.verdict is not Verdict.VALID or report.level != "PAdES-B-LTA":
                raise SystemExit(f"封印した文書が検証に合格しません: {report.problems}")
        made = [self.sealed[self.contract], *(work() for work in self._others(self.contract, "RSA-3072").values())]
        if any(plain.seals_in(each) != (2, 1) for each in made):
            raise SystemExit("どれかの署名の数が違います。")

    def _others(self, pdf: bytes, kind: str) -> dict[str, Callable[[], bytes]]:
        return {
            PLAIN: lambda: plain.seal(pdf, self._made, self._signers[kind]),
            TUNED: lambda: self._tuned[kind].seal(pdf),
        }

    def every_work(self) -> Works:
        """Return each piece of work, by its title and the way it is done."""
        return dict([*self._sealing(), *self._afterwards(), *self._tokened(), *self._others_of_ours()])

    def _sealing(self) -> Iterator[tuple[tuple[str, str], Callable[[], object]]]:
        for kind in KEYS:
            title = f"{SEALING}: {kind}"
            yield (title, OURS), partial(ours.tails, self.contract, self._sealers[kind])
            yield (title, FLOOR), partial(self._floors[kind].contract, self.contract)
            for way, work in self._others(self.contract, kind).items():
                yield (title, way), work
        small, large = f"{SEALING}: 立ち位置から", f"{SEALING}: 図面、立ち位置から"
        for title, pdf in ((small, self.contract), (large, self.drawing)):
            yield (title, OURS), partial(ours.tails, self._standings[pdf], self.sealer)
            yield (title, FLOOR), self._floors["RSA-3072"].contract
        for way, work in self._others(self.drawing, "RSA-3072").items():
            yield (large, way), work
        yield (f"{SEALING}: 図面、本体から", OURS), partial(ours.tails, self.drawing, self.sealer)
        yield (f"{SEALING}: 図面、本体から", FLOOR), partial(self._floors["RSA-3072"].contract, self.drawing)

    def _afterwards(self) -> Iterator[tuple[tuple[str, str], Callable[[], object]]]:
        for title, pdf in (("検証: 契約書", self.contract), ("検証: 図面（締結の前の検証）", self.drawing)):
            sealed = self.sealed[pdf]
            yield (title, OURS), partial(verify, sealed, trust=self._trust)
            yield (title, PLAIN), partial(plain.verify, sealed, self._trust)
            yield (title, TUNED), partial(plain.verify, sealed, self._trust, diff_policy=None)
        sealed, title = self.sealed[self.contract], "文書タイムスタンプの延長"
        standing, authorities = sealable(sealed), ours.authorities(self._made, authority.later_tsa(self._made))
        yield (title, OURS), lambda: renew(standing, authorities=authorities, at=network.now())
        yield (title, PLAIN), partial(plain.renew, sealed, self._made)
        yield (title, TUNED), partial(self._tuned["RSA-3072"].renew, sealed)
        yield (title, FLOOR), partial(self._floors["RSA-3072"].renewal, sealed)

    def _tokened(self) -> Iterator[tuple[tuple[str, str], Callable[[], object]]]:
        standing = self._standings[self.contract]
        for kind, key in self._tokens.items():
            yield (IN_TOKEN.format(kind), OURS), partial(_approve, ours.sealer(self._made, key), standing)
            yield (IN_MEMORY.format(kind), OURS), partial(_approve, self._sealers[kind], standing)

    def _others_of_ours(self) -> Iterator[tuple[tuple[str, str], Callable[[], object]]]:
        yield ("受付検査: 契約書（子プロセスを含む）", OURS), partial(_admit, self.contract)
        yield ("頁の画像（1枚、幅1240）", OURS), partial(pages.render, self.contract, page=1, width=1240)
        yield ("契約書の印刷", OURS), works.contract

    def facts(self, rows: list[Row]) -> Iterator[Fact]:
        """Yield the figures that are no timing of a single piece of work."""
        yield from self._requests()
        yield from _token_costs(rows)
        extra = memory.extra(self._made, self.contract, OUT)
        found = "、".join(f"{memory.TASKS[task]} {amount:+} MB" for task, amount in extra.items())
        yield Fact(f"{memory.MEGABYTES} MB の文書で余分に要る記憶", "署名は 5 MB 以下", found)
        yield self._batch()
        yield from self._long_contract()

    def _requests(self) -> Iterator[Fact]:
        ways = {OURS: partial(ours.tails, self.contract, self.sealer), **self._others(self.contract, "RSA-3072")}
        for way, work in ways.items():
            before = authority.counts(self._made)
            work()
            used = authority.counts(self._made) - before
            found = f"{used.tsa} / {used.revocation} / {used.connections}（TSA の側の CPU {used.cpu_ms:.0f} ms）"
            yield Fact(f"一件の TSA / 失効情報 / 新しいつなぎ: {way}", "3 / 0 / 0" if way == OURS else "", found)

    def _batch(self) -> Fact:
        distinct = [self.contract + ours.tails(self._standings[self.contract], self.sealer) for _ in range(DISTINCT)]
        batch = many.verified(distinct * (VERIFICATIONS // DISTINCT), self._trust)
        found = f"{batch.wall} 秒（CPU の合計 {batch.cpu} 秒）"
        return Fact(f"検証 {batch.files} 件、{many.PROCESSES} プロセス", "15 秒以内", found)

    def _long_contract(self) -> Iterator[Fact]:
        pdf = works.with_bookmarks(self.contract, BOOKMARKS)
        sealed = pdf + ours.tails(pdf, self.sealer)
        ((_key, timing),) = alternate({"": partial(verify, sealed, trust=self._trust)}, rounds=ROUNDS).items()
        yield Fact(f"しおり {BOOKMARKS} の契約書の検証: {OURS}", "1 秒以内", f"CPU {timing.cpu_ms} ms")
        for name, deep in (("既定", False), ("再帰の上限を外す", True)):
            found = many.pyhanko_within(PATIENCE, sealed, self._trust, deep=deep)
            yield Fact(f"しおり {BOOKMARKS} の契約書の検証: pyHanko（{name}）", "", found)


IN_TOKEN, IN_MEMORY = "承認1: SoftHSM2 の {}", "承認1: 記憶にある {}"


def _admit(pdf: bytes) -> None:
    with admit(pdf, max_bytes=LARGEST):
        pass


def _approve(sealer: Sealer, standing: Standing) -> None:
    sealer.approve(standing, ours.approval(0), final=False)


def _token_costs(rows: list[Row]) -> Iterator[Fact]:
    taken = {row.title: row.ways[OURS].cpu_ms for row in rows}
    for kind in KEYS:
        title = f"SoftHSM2 の鍵が余分に要る時間: {kind}"
        if IN_TOKEN.format(kind) in taken:
            more = taken[IN_TOKEN.format(kind)] - taken[IN_MEMORY.format(kind)]
            yield Fact(title, "5 ms 以下", f"CPU {more:.1f} ms")
        else:
            yield Fact(title, "5 ms 以下", "SoftHSM2 がないので測りません")


def main() -> None:
    """Measure, tell, keep."""
    logging.disable(logging.WARNING)
    about = machine()
    with ExitStack() as opened:
        bench = Bench(opened.enter_context(authority.running(OUT)), opened)
        bench.check()
        rows = _rows(alternate(bench.every_work(), rounds=ROUNDS))
        document = {
            name: {"pages": pages.count(pdf), "bytes": len(pdf), "grown": len(bench.sealed[pdf]) - len(pdf)}
            for name, pdf in (("契約書", bench.contract), ("図面", bench.drawing))
        }
        print("\n".join(f"{name}: {value}" for name, value in (about | document).items()), end="\n\n")
        print(f"CPU ミリ秒の中央値（かっこ内は経過時間）、{ROUNDS} 巡\n{timed(rows)}", end="\n\n")
        found = list(bench.facts(rows))
    print(facts(found), end="\n\n")
    at = timezone.now()
    path = OUT / f"{at:%Y%m%dT%H%M%SZ}.json"
    kept = {"at": at.isoformat(), "machine": about, "documents": document, "rounds": ROUNDS}
    kept |= {"rows": [asdict(each) for each in rows], "facts": [asdict(each) for each in found]}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    print(f"控え: {path.relative_to(settings.BASE_DIR)}")


def _rows(timings: dict[tuple[str, str], Timing]) -> list[Row]:
    titles = dict.fromkeys(title for title, _way in timings)
    return [
        Row(title, GOALS.get(title, ""), {way: taken for (own, way), taken in timings.items() if own == title})
        for title in titles
    ]

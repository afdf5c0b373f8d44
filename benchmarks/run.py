"""The measurements, in the order they are told."""

import json
import logging
from dataclasses import asdict

from django.conf import settings
from django.utils import timezone

from benchmarks import authority, works
from benchmarks.measuring import Timing, alternate, machine
from signing import pages
from signing.intake import examine
from signing.results import Verdict
from signing.trust import Trust
from signing.verification import verify

OUT = settings.VAR_DIR / "bench"
MEBIBYTE = 1024 * 1024
OURS, PLAIN = "封印（承認2＋文書タイムスタンプ）: むすび", "封印（同じ文書・鍵・TSA）: pyHanko の既定のまま"


def measure() -> tuple[dict[str, Timing], dict[str, object]]:
    """Return the timings, and the facts of the document they were taken with."""
    pdf = works.contract()
    with authority.running(OUT) as made:
        sealer, signer, trust = works.sealer(made), works.plain_signer(made), Trust.load([made.trust_roots])
        sealed, plain = works.seal(pdf, sealer), works.seal_plainly(pdf, signer, made)
        _check(sealed, plain, trust)
        timings = alternate(
            {OURS: lambda: works.seal(pdf, sealer), PLAIN: lambda: works.seal_plainly(pdf, signer, made)}, rounds=5
        )
    timings |= alternate({"検証（封印済みの文書）": lambda: verify(sealed, trust=trust)}, rounds=5)
    timings |= alternate({"受付検査（子プロセスを含む）": lambda: examine(pdf, max_bytes=50 * MEBIBYTE)}, rounds=5)
    timings |= alternate({"頁の画像（1枚、幅1240）": lambda: pages.render(pdf, page=1, width=1240)}, rounds=5)
    timings |= alternate({"契約書の印刷": works.contract}, rounds=3)
    facts = {
        "pages": pages.count(pdf),
        "bytes": len(pdf),
        "sealed_bytes": {"musubi": len(sealed), "pyhanko": len(plain)},
    }
    return timings, facts


def _check(sealed: bytes, plain: bytes, trust: Trust) -> None:
    """Stop unless the two ways did the same work: two approvals and a document timestamp."""
    report = verify(sealed, trust=trust)
    if report.verdict is not Verdict.VALID or report.level != "PAdES-B-LTA":
        raise SystemExit(f"封印した文書が検証に合格しません: {report.problems}")
    for pdf in (sealed, plain):
        if works.seals_in(pdf) != (2, 1):
            raise SystemExit(f"署名の数が違います: {works.seals_in(pdf)}")


def table(timings: dict[str, Timing]) -> str:
    """Lay the medians out; columns in ASCII first, so that they stand straight in any terminal."""
    lines = [f"{'CPU ms':>9} {'wall ms':>9} {'rounds':>7}"]
    lines += [f"{t.cpu_ms:9.1f} {t.wall_ms:9.1f} {t.rounds:7}  {name}" for name, t in timings.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure, tell, keep."""
    logging.disable(logging.WARNING)
    about = machine()
    timings, document = measure()
    ratio = {kind: getattr(timings[PLAIN], kind) / getattr(timings[OURS], kind) for kind in ("cpu_ms", "wall_ms")}
    print("\n".join(f"{name}: {value}" for name, value in (about | document).items()), end="\n\n")
    print(table(timings))
    print(f"\npyHanko の既定のまま ÷ むすび: CPU {ratio['cpu_ms']:.1f} 倍、経過時間 {ratio['wall_ms']:.1f} 倍")
    at = timezone.now()
    kept = {"at": at.isoformat(), "machine": about, "document": document, "ratio": ratio}
    path = OUT / f"{at:%Y%m%dT%H%M%SZ}.json"
    results = {name: asdict(timing) for name, timing in timings.items()}
    path.write_text(json.dumps(kept | {"results": results}, ensure_ascii=False, indent=1))
    print(f"控え: {path.relative_to(settings.BASE_DIR)}")

"""Find how much of a year-end morning this machine bears: `python -m benchmarks.load [CITIES] [MINUTES]`.

Everything runs on the machine that is measured: web, worker, database, the authority and the people themselves. The
rate is raised step by step as long as no request fails and 95 of 100 are answered within half a second; the highest
such rate is then held for so many minutes. A figure, not a test: nothing of this is asserted anywhere.
"""

import json
import os
import sys
from dataclasses import asdict

from benchmarks.load.running import Figures, Load, table
from benchmarks.measuring import machine
from config.embedded.children import BASE_DIR

OUT = BASE_DIR / "var/bench"
P95_MS = 500
STEP_SECONDS = int(os.environ.get("STEP_SECONDS", "40"))
RATES = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 150)
SIGNING_SHARE = 0.1


def main(cities: int, minutes: float) -> None:
    """Raise the rate, hold the highest, tell, keep."""
    about = machine()
    print(f"{about['processor']}、{about['cores']} コア、負荷 {about['load']}", flush=True)
    requests = sum(RATES[:8]) * STEP_SECONDS + RATES[7] * minutes * 60
    contracts = int(os.environ.get("CONTRACTS", "0")) or round(requests * SIGNING_SHARE)
    with Load(OUT / "load", cities=cities, contracts=contracts) as load:
        print("、".join(f"{name} {count:,}" for name, count in load.counted.items()), flush=True)
        best, steps = 0, []
        for rate in RATES:
            steps.append(load.measured(rate, STEP_SECONDS))
            print(steps[-1].line(), flush=True)
            if not bears(steps[-1]):
                break
            best = rate
        held = load.measured(best, minutes * 60) if best else None
    if held:
        print(table(held))
    told = {"machine": about, "cities": cities, "counted": load.counted, "best": best}
    told |= {"steps": [asdict(each) for each in steps], "held": asdict(held) if held else None}
    path = OUT / "load.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    print(f"控え: {path}")


def bears(step: Figures) -> bool:
    """Tell whether a rate was borne."""
    return step.errors == 0 and step.p95_ms <= P95_MS


if __name__ == "__main__":
    cities_, minutes_ = (sys.argv[1:] + ["300", "5"][len(sys.argv) - 1 :])[:2]
    main(int(cities_), float(minutes_))

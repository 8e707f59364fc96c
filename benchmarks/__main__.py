"""`python -m benchmarks [NAME ...]`: measure all, or those named; print each ratio beside its goal."""

import sys
import time
from collections.abc import Callable

from benchmarks import day, memory, overlap, pipeline, snapshots, startup, tap_cpu, taps, updates
from benchmarks.measure import Ratio

BENCHMARKS: dict[str, Callable[[], list[Ratio]]] = {
    "pipeline": pipeline.measure,
    "overlap": overlap.measure,
    "memory": memory.measure,
    "snapshots": snapshots.measure,
    "startup": startup.measure,
    "day": day.measure,
    "taps": taps.measure,
    "updates": updates.measure,
    "tap_cpu": tap_cpu.measure,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    missed = 0
    for name in names or BENCHMARKS:
        began = time.monotonic()
        ratios = BENCHMARKS[name]()
        for ratio in ratios:
            print(ratio, flush=True)
        missed += sum(not ratio.met for ratio in ratios)
        print(f"      ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Times, memory and loop lag; what every benchmark measures with."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
CHILD_SECONDS = 180
_TICK = 0.005


@dataclass(frozen=True, slots=True)
class Ratio:
    """One goal of docs/performance.md. `details` says what the two sides came to."""

    goal_id: str
    name: str
    value: float
    goal: float
    at_least: bool
    details: str

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        verdict = "met" if self.met else "MISSED"
        return f"{self.goal_id:5} {self.name:44} {self.value:6.2f}  {sign} {self.goal:<5g} {verdict:7} {self.details}"


Figures = dict[str, float]


def interleaved(contenders: dict[str, Callable[[], Figures]], rounds: int) -> dict[str, list[Figures]]:
    """Call the contenders in turn, every other round backwards; results by name."""
    results: dict[str, list[Figures]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders) if number % 2 else list(reversed(contenders)):
            results[name].append(contenders[name]())
    return results


def middle(results: Sequence[Figures], key: str) -> float:
    """Return the median of one figure over the rounds."""
    return median(result[key] for result in results)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of all values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def run_child(module: str, **parameters: Any) -> dict[str, Any]:
    """Run `python -m module JSON` in a fresh process; its last line of output is the result, as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, json.dumps(parameters)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def clean_environment() -> dict[str, str]:
    """Return this process's environment without Chimera's own variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHIMERA_")}


def peak_memory() -> float:
    """Return the largest resident memory of this process so far, in MiB (Linux)."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


@asynccontextmanager
async def loop_lag() -> AsyncIterator[list[float]]:
    """Note by how many milliseconds a 5 ms sleep oversleeps while the block runs."""
    samples: list[float] = []
    loop = asyncio.get_running_loop()

    async def tick() -> None:
        while True:
            asked = loop.time()
            await asyncio.sleep(_TICK)
            samples.append((loop.time() - asked - _TICK) * 1e3)

    async with asyncio.TaskGroup() as group:
        ticker = group.create_task(tick())
        try:
            yield samples
        finally:
            ticker.cancel()

"""The benchmarks run to their end on tiny sizes; what they measure there means nothing."""

from collections.abc import Callable

import pytest

from benchmarks import __main__ as command
from benchmarks import day, memory, overlap, pipeline, snapshots, startup, tap_cpu, taps, updates
from benchmarks.measure import Ratio

TINY: dict[str, Callable[[], list[Ratio]]] = {
    "pipeline": lambda: pipeline.measure(stores=3, products=50, rounds=1),
    "overlap": lambda: overlap.measure(stores=3, products=50, rounds=1, delay=0.005),
    "memory": lambda: memory.measure(few=1, many=3, products=50),
    "snapshots": lambda: snapshots.measure(products=50, rounds=1),
    "startup": lambda: startup.measure(rounds=1),
    "day": lambda: day.measure(stores=3, products=50, lines=20, speed=60),
    "taps": lambda: taps.measure(stores=3, products=50, rounds=1, idle=3),
    "updates": lambda: updates.measure(updates=20, rounds=1),
    "tap_cpu": lambda: tap_cpu.measure(taps=3, rounds=1),
}
QUICK = ("pipeline",)
"""It uses nearly every part of the bench; the others take their time."""


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in TINY]
)
def test_a_benchmark_gives_ratios_beside_their_goals(name: str) -> None:
    ratios = TINY[name]()

    assert ratios
    assert all(ratio.value > 0 and str(ratio).startswith(ratio.goal_id) for ratio in ratios)


def test_every_benchmark_is_tried_here() -> None:
    assert TINY.keys() == command.BENCHMARKS.keys()


def test_an_unknown_name_is_refused() -> None:
    assert command.main(["nothing"]) == 2

"""P-16: a real morning, with the limits and pauses of production, on a loop whose time runs faster.

`python -m benchmarks.day JSON` runs it once and prints the simulated minutes.
"""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fastloop import FastLoop, LoopClock
from benchmarks.measure import Ratio, run_child
from benchmarks.product import BEFORE_OPENING, Chain, all_verified, open_plant
from benchmarks.servers import Servers

ANSWER_SECONDS = 0.3


def measure(stores: int = 50, products: int = 20_900, lines: int = 200, speed: float = 20) -> list[Ratio]:
    """Sync with default settings; servers answer after 0.3 simulated seconds."""
    with Servers(products=products, discounted=lines, delay=ANSWER_SECONDS / speed) as servers:
        order = {"url": servers.url, "stores": stores, "lines": lines, "speed": speed}
        minutes = run_child("benchmarks.day", **order)["minutes"]
        counts = servers.reset()
    requests = (counts["pages"] + counts["logins"] - 1) / stores
    sent = f"{counts['reads'] + counts['uploads']} requests to the platform"
    return [
        Ratio("P-16", "a real day: simulated minutes", minutes, 15, False, f"{stores} stores verified, {sent}"),
        Ratio("P-16", "requests to the ERP per store", requests, 5, False, f"and {counts['logins']} login"),
    ]


async def run_day(url: str, stores: int, lines: int) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    chain = Chain(url=url, stores=stores, source={}, target={})
    with TemporaryDirectory() as folder:
        async with open_plant(Path(folder), chain, LoopClock(BEFORE_OPENING)) as plant:
            began = loop.time()
            run = await plant.sync(look_every=1)
            took = loop.time() - began
    all_verified(run, stores, lines)
    return {"minutes": took / 60}


def main(order: dict[str, str | int | float]) -> None:
    with asyncio.Runner(loop_factory=lambda: FastLoop(float(order["speed"]))) as runner:
        print(json.dumps(runner.run(run_day(str(order["url"]), int(order["stores"]), int(order["lines"])))))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

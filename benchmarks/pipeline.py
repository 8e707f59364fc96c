"""P-1: the speed of the real sync against the ceiling loop. P-5: what the rest of the process feels."""

from benchmarks.measure import Figures, Ratio, interleaved, middle, run_child
from benchmarks.servers import Servers

_FINEST = 0.05
"""Milliseconds of lag below which there is nothing to compare: a short run may end before its first sample."""


def measure(stores: int = 100, products: int = 10_000, rounds: int = 5) -> list[Ratio]:
    """Run both over the same servers, each round in a fresh process."""
    lines = products * 3 // 10
    with Servers(products=products, discounted=lines) as servers:

        def ceiling() -> Figures:
            servers.reset()
            result = run_child("benchmarks.ceiling", url=servers.url, stores=stores)
            assert (result["products"], result["lines"], result["wrong"]) == (stores * products, stores * lines, 0)
            return result

        def ours() -> Figures:
            servers.reset()
            result = run_child("benchmarks.product", url=servers.url, stores=stores, lines=lines)
            assert servers.reset()["uploads"] == stores
            return result

        results = interleaved({"ceiling": ceiling, "ours": ours}, rounds)
    fast, real = (middle(results[name], "seconds") for name in ("ceiling", "ours"))
    calm, busy = (max(middle(results[name], "lag"), _FINEST) for name in ("ceiling", "ours"))
    total = stores * products
    speeds = f"{total / real / 1e3:,.0f}k products/s of {total / fast / 1e3:,.0f}k"
    memory = f"{middle(results['ours'], 'memory'):.0f} MiB of {middle(results['ceiling'], 'memory'):.0f}"
    return [
        Ratio("P-1", "sync against the ceiling loop", fast / real, 0.60, True, f"{speeds}; {memory}"),
        Ratio("P-5", "loop lag p99 against the ceiling loop", busy / calm, 2, False, f"{busy:.1f} ms of {calm:.1f}"),
    ]

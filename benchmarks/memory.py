"""P-4: memory must not grow with the number of stores."""

from benchmarks.measure import Figures, Ratio, interleaved, middle, run_child
from benchmarks.servers import Servers


def measure(few: int = 100, many: int = 1000, products: int = 2000, rounds: int = 1) -> list[Ratio]:
    """Compare the peak of two syncs of the same catalogues, each in a fresh process."""
    lines = products * 3 // 10
    with Servers(products=products, discounted=lines) as servers:

        def peak(stores: int) -> Figures:
            servers.reset()
            return run_child("benchmarks.product", url=servers.url, stores=stores, lines=lines)

        results = interleaved({"few": lambda: peak(few), "many": lambda: peak(many)}, rounds)
    small, large = middle(results["few"], "memory"), middle(results["many"], "memory")
    details = f"{large:.0f} MiB at {many} stores, {small:.0f} at {few}"
    return [Ratio("P-4", "peak memory, many stores against few", large / small, 1.15, False, details)]

"""P-3: eight stores at once against servers that answer late. What counts then is that nobody waits in line."""

from benchmarks.measure import Ratio, run_child
from benchmarks.servers import Servers

STORES_AT_ONCE = 8
PAGE_SIZE = 100
"""That of the ERP's own default: what is measured is waiting, not computing."""


def measure(stores: int = 32, products: int = 1000, rounds: int = 3, delay: float = 0.05) -> list[Ratio]:
    """Compare with the time the very requests of the run take, eight at a time without a gap.

    They are those the rules ask for: the end of a list is confirmed, what is live is read before and after.
    """
    lines = products * 3 // 10
    shares = []
    with Servers(products=products, discounted=lines, delay=delay) as servers:
        for _ in range(rounds):
            servers.reset()
            took = run_child("benchmarks.product", url=servers.url, stores=stores, lines=lines, page_size=PAGE_SIZE)[
                "seconds"
            ]
            counts = servers.reset()
            requests = sum(counts.values())
            ideal = requests * delay / min(STORES_AT_ONCE, stores)
            shares.append((ideal / took, took, ideal, requests))
    share, took, ideal, requests = sorted(shares)[len(shares) // 2]
    details = f"{took:.2f} s, ideal {ideal:.2f} s: {requests} requests of {delay * 1e3:.0f} ms"
    return [Ratio("P-3", "overlap of eight stores, part of the ideal", share, 0.80, True, details)]

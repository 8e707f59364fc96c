"""Large stores pass through the helper process, and nothing of them depends on its health."""

import os
import signal
from decimal import Decimal
from pathlib import Path

from tests.kit.chain import MakeChain


def helpers() -> list[int]:
    """Return the helper processes of this process."""
    found = [int(pid) for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()]
    return [pid for pid in found if b"core.helper.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_a_large_store_is_verified_also_when_its_helper_is_killed(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, products=900, discounted=800, erp={"page_size": 900})
    (store,) = chain.stores
    run = await chain.sync()
    (helper,) = helpers()
    assert run.outcome == "verified"
    assert chain.live(store) == chain.expected(store).lines == await chain.verified(store)

    os.kill(helper, signal.SIGKILL)
    code = min(chain.live(store))
    dearer = (chain.live(store)[code][0] * Decimal("0.97")).quantize(Decimal("0.01"))
    chain.erp.change(store.cnpj, code, club_price=dearer)
    again = await chain.sync()
    assert again.outcome == "verified"
    assert again.counts[store.name]["changed"] == 1
    assert chain.live(store) == chain.expected(store).lines == await chain.verified(store)


async def test_a_price_that_somebody_changes_behind_our_back_is_seen_in_a_large_store(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, products=900, discounted=800, erp={"page_size": 900})
    (store,) = chain.stores
    await chain.sync()
    chain.platform.alter(store.cnpj, min(chain.live(store)), final_price=Decimal("0.01"))
    assert (await chain.sync()).outcome == "verified"
    assert chain.posts() == 2
    assert (await chain.sync()).outcome == "already_live"
    assert helpers()

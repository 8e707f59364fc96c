"""The debug switch: every call of a run in its log, for as long as it is on."""

from datetime import timedelta

from core.organisations.model import Organisation
from sandbox.faults import Fault
from tests.kit.chain import Chain

LISTING = "/listaprodutos/"


async def switch(chain: Chain, minutes: int) -> None:
    home = await chain.row(Organisation, 1)
    await chain.change(home, debug_until=chain.clock.now() + timedelta(minutes=minutes))


async def test_every_call_is_in_the_log_failed_ones_too_and_no_query(lone: Chain) -> None:
    await switch(lone, 15)
    lone.platform.faults.add(Fault("http_500_html"))
    lines = await lone.log(await lone.sync())

    calls = [line for line in lines if " ms" in line]
    assert sum(LISTING in line for line in calls) == lone.pages()
    assert any("GET admin/integrations/discount_stores: 500," in line for line in calls)
    assert any("POST admin/integrations/discount_stores" in line and ": 20" in line for line in calls)
    assert not any("?" in line for line in calls)


async def test_without_it_and_after_its_time_no_call_is_in_the_log(lone: Chain) -> None:
    await switch(lone, 0)
    lines = await lone.log(await lone.sync())

    assert lines
    assert not any(LISTING in line for line in lines)

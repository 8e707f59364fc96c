"""A process that is stopped or killed in mid-run: the run completes after the restart, in the same message."""

import pytest

from sandbox.faults import Fault
from sandbox.telegram.model import Update
from tests.kit.town import CNPJS, GROUP, Town, until

_DONE = "SELECT count(*) FROM steps WHERE outcome = 'verified'"


async def begun(town: Town) -> Update:
    """Start a run and wait until two stores are done; a stop that waited for the last one's pages would never end."""
    town.erp.faults.add(Fault("delay", times=None, store=CNPJS[-1], parameter=600))
    await town.owner.says("/sync")
    update = town.telegram.world.updates._waiting[-1]
    await until(lambda: town.rows(_DONE) == [(2,)], what="two stores were not done")
    return update


def told_once(town: Town) -> None:
    """One card a chat, edited in place; nothing that Telegram would object to."""
    assert [len(town.cards(chat)) for chat in (town.owner.id, GROUP)] == [1, 1]
    assert town.telegram.violations == []


async def test_a_stop_waits_for_no_page_and_the_run_goes_on_in_the_same_message(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    await begun(town)
    card = await town.telegram.wait_for(GROUP, "Daily sync")
    await bot.stop()
    assert town.states() == ["running"]
    town.erp.faults.clear()
    bot = await town.start()
    ended = await town.success(GROUP)
    await town.success(town.owner.id)
    assert ended.id == card.id
    assert town.all_live()
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert [town.first_pages(cnpj) for cnpj in CNPJS[:2]] == [1, 1]
    assert town.states() == ["success"]
    told_once(town)
    await bot.stop()


async def test_a_killed_process_resumes_and_no_update_counts_twice(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    update = await begun(town)
    await bot.kill()
    town.erp.faults.clear()
    # Telegram did not hear that the first update arrived, and more came while nobody listened.
    town.telegram.world.updates._waiting[:] = [update]
    await town.owner.says("/help")
    await town.start()
    await town.success(GROUP)
    await town.success(town.owner.id)
    await town.telegram.wait_for(town.owner.id, "/history")
    assert town.all_live()
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert [town.first_pages(cnpj) for cnpj in CNPJS[:2]] == [1, 1]
    helps = [m for m in town.telegram.messages(town.owner.id) if m.is_from_bot and "/history" in m.text]
    assert len(helps) == 1
    told_once(town)


@pytest.mark.slow
async def test_a_process_killed_while_an_upload_is_away_reads_back_instead_of_sending_again(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    # The platform stores the list and never answers: the kill comes while nobody knows.
    town.platform.faults.add(Fault("store_then_time_out", times=None))
    await town.owner.says("/sync")
    await until(lambda: len(town.platform.uploads) == len(CNPJS), what="no upload arrived")
    await bot.kill()
    town.platform.faults.clear()
    await town.start()
    await town.success(GROUP)
    await town.success(town.owner.id)
    assert town.all_live()
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    told_once(town)

"""People and their messenger around the real process: the first owner, an outage, groups and cards that go."""

import re
from pathlib import Path

import pytest

from tests.kit.town import CNPJS, GROUP, MakeTown, Town, early, until


async def test_the_first_owner_comes_in_by_the_printed_code_and_strangers_learn_nothing(furnished: Town) -> None:
    town = furnished
    stranger = town.telegram.person(9001, "Eve")
    # What was said while nobody listened is answered, not dropped.
    await stranger.says("/start")
    bot = await town.start(OWNER_ID=None)
    code = re.search(r"/start ([\w-]{20,})", bot.text)
    assert code is not None, bot.text
    first = await town.telegram.wait_for(stranger.id, "no owner yet")
    await town.owner.says(f"/start {code[1]}")
    await town.telegram.wait_for(town.owner.id, "is yours now")
    await stranger.says(f"/start {code[1]}")
    await stranger.says("/sync")
    await town.owner.says("/status")
    await town.telegram.wait_for(town.owner.id, "Daily sync")
    # Now there is somebody to ask, which they are told once.
    second = await town.telegram.wait_for(stranger.id, "ask for access")
    assert [m for m in town.telegram.messages(stranger.id) if m.is_from_bot] == [first, second]
    assert not any("Mercado" in m.text for m in (first, second))
    assert town.states() == []
    assert town.telegram.violations == []


async def test_without_network_the_schedule_fires_and_the_messages_arrive_later(
    make_town: MakeTown, migrated_file: Path
) -> None:
    town = await make_town(early(5, 9, 56))
    await town.furnish(migrated_file, schedule="10 5 * * *")
    await town.telegram.go_down()
    bot = await town.start()
    await until(lambda: town.states() == ["success"], what="nothing fired")
    assert town.all_live()
    assert bot.process.returncode is None
    await town.telegram.come_up()
    await town.success(GROUP)
    # A storm of 429 delays what is said, and nothing is said twice.
    town.telegram.faults.too_many_requests(1, times=3)
    await town.owner.says("/sync")
    card = await town.success(town.owner.id)
    await town.owner.says("/status")
    await town.telegram.wait_for(town.owner.id, "Daily sync", after=card)
    await until(lambda: len(town.cards(GROUP)) == 2, what="the group was not told of the second run")
    assert town.telegram.violations == []


@pytest.mark.slow
async def test_a_lost_group_a_blocked_bot_and_a_deleted_card_do_not_hold_up_a_run(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    town.erp.options.delay_ms = 400
    await town.owner.says("/sync")
    card = await town.telegram.wait_for(town.owner.id, "Daily sync")
    town.telegram.kick_bot(town.group)
    town.telegram.delete_by_person(card)
    town.erp.options.delay_ms = 0
    await until(lambda: town.states() == ["success"], what="the run did not end")
    assert (await town.success(town.owner.id)).id != card.id
    town.owner.blocks_bot()
    assert (await town.command("sync")).code == 0
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert bot.process.returncode is None
    town.owner.unblocks_bot()
    await town.owner.says("/status")
    await until(lambda: [m for m in town.telegram.messages(town.owner.id) if m.is_from_bot][-1].id > card.id + 1)
    assert town.telegram.violations == []

"""Slow: kills at random moments, a long outage, the tour, and the same on PostgreSQL."""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from sandbox.faults import Fault
from tests.kit.postgres import PostgresServer
from tests.kit.process import ROOT
from tests.kit.town import CNPJS, GROUP, Town, until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(10))
async def test_kills_at_any_moment_lose_and_double_nothing(furnished: Town, seed: int) -> None:
    town, dice = furnished, random.Random(seed)
    town.erp.faults.add(Fault("delay", times=None, probability=0.5, seed=seed, parameter=0.3))
    town.platform.faults.add(Fault("delay", times=None, probability=0.5, seed=seed, parameter=0.3))
    bot = await town.start()
    await town.owner.says("/sync")
    kills = 0
    for _ in range(3):
        await asyncio.sleep(dice.uniform(0.05, 2.5))
        if town.states() == ["success"]:
            break
        finished = {cnpj: town.uploads(cnpj) for (cnpj,) in town.rows(_FINISHED)}
        await bot.kill()
        kills += 1
        bot = await town.start()
        assert finished == {cnpj: town.uploads(cnpj) for cnpj in finished}
    await town.success(town.owner.id, 60)
    await town.success(GROUP, 60)
    assert town.all_live()
    assert town.states() == ["success"]
    for cnpj in CNPJS:
        assert 1 <= town.uploads(cnpj) <= 1 + kills
    # A kill between sending a card and noting it may leave one more, which a tap takes away.
    assert all(1 <= len(town.cards(chat)) <= 1 + kills for chat in (town.owner.id, GROUP))
    await town.owner.says("/history")
    await town.telegram.wait_for(town.owner.id, "Runs: 1")
    assert town.telegram.violations == []


async def test_kills_in_mid_run_send_nothing_to_a_store_that_the_old_system_sends(furnished: Town) -> None:
    town = furnished
    document = town.document()
    document["stores"][0]["cut_over"] = False
    assert (await town.command("apply", town.write(document))).code == 0
    town.erp.options.delay_ms = 300
    bot = await town.start()
    await town.owner.says("/sync")
    await until(lambda: all(town.first_pages(cnpj) for cnpj in CNPJS), what="no scan")
    await bot.kill()
    town.erp.options.delay_ms = 0
    town.platform.faults.add(Fault("delay", method="POST", times=None, parameter=0.5))
    bot = await town.start()
    await until(lambda: any(town.uploads(cnpj) for cnpj in CNPJS), what="no upload")
    await bot.kill()
    await town.start()
    await town.success(town.owner.id, 60)
    assert town.states() == ["success"]
    outcomes = dict(town.rows("SELECT cnpj, outcome FROM stores JOIN steps ON steps.store_id = stores.id"))
    assert outcomes.pop(CNPJS[0]) == "skipped"
    assert set(outcomes.values()) <= {"verified", "already_live"}
    assert town.uploads(CNPJS[0]) == 0
    assert town.live(CNPJS[0]) == {}
    assert all(town.live(cnpj) == town.expected(cnpj) for cnpj in CNPJS[1:])


_FINISHED = "SELECT cnpj FROM stores JOIN steps ON steps.store_id = stores.id WHERE outcome IS NOT NULL"


async def test_a_tap_cut_off_by_a_kill_after_its_effect_comes_again_and_starts_nothing_twice(furnished: Town) -> None:
    town, ana = furnished, furnished.owner
    bot = await town.start()
    await ana.says("/sync")
    card = await town.success(ana.id)
    await until(lambda: town.states() == ["success"])
    await (await ana.taps(card, "Run again"))
    question = await town.telegram.wait_for(ana.id, "Run Daily sync again")
    await until(town.caught_up)
    # The answer follows the effect, and the note that the update was handled follows the answer.
    town.telegram.faults.delay(1.5, method="answerCallbackQuery")
    await ana.taps(question, "Run again now")
    await until(lambda: len(town.states()) == 2)
    await bot.kill()
    assert not town.caught_up()
    await town.start()
    await until(town.caught_up)
    await until(lambda: town.states() == ["success", "success"])
    assert town.telegram.violations == []


async def test_an_outage_of_two_minutes_delays_messages_and_nothing_else(furnished: Town) -> None:
    town = furnished
    await town.start()
    await town.owner.says("/status")
    await town.telegram.wait_for(town.owner.id, "Daily sync", timeout=15)
    await town.telegram.go_down()
    assert (await town.command("sync")).code == 0
    await asyncio.sleep(120)
    await town.telegram.come_up()
    await town.success(GROUP, 40)
    assert len(town.cards(GROUP)) == 1
    assert town.telegram.violations == []


async def test_the_tour_ends_well() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHIMERA_")}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--tour", env=kept, cwd=ROOT, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 240)
    assert process.returncode == 0, out.decode()[-4000:]


async def test_a_kill_on_postgresql_is_resumed_too(town: Town, migrated_file: Path, postgres: PostgresServer) -> None:
    url, drop = postgres.clone()
    await town.furnish(migrated_file, url)
    town.settings["DATABASE_URL"] = url
    try:
        bot = await town.start()
        town.erp.options.delay_ms = 500
        await town.owner.says("/sync")
        await until(lambda: all(town.first_pages(cnpj) for cnpj in CNPJS), what="no scan")
        await bot.kill()
        town.erp.options.delay_ms = 0
        bot = await town.start()
        await town.success(town.owner.id)
        assert town.all_live()
        assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
        assert len(town.cards(town.owner.id)) == 1
        assert (await town.command("sync")).code == 0
        await bot.stop()
    finally:
        await town.clear()
        drop()


async def test_a_run_whose_process_was_killed_goes_on_in_another_on_the_same_postgresql(
    town: Town, migrated_file: Path, postgres: PostgresServer
) -> None:
    url, drop = postgres.clone()
    await town.furnish(migrated_file, url)
    town.settings |= {"DATABASE_URL": url, "SECRET_KEY": (town.data / "secret.key").read_text().strip()}
    try:
        town.erp.options.delay_ms = 500
        command = await town.launch("sync", WORKER_ID="cron", DATA_DIR=str(town.folder / "elsewhere"))
        await until(lambda: all(town.first_pages(cnpj) for cnpj in CNPJS), what="no scan")
        bot = await town.start()
        await command.kill()
        town.erp.options.delay_ms = 0
        await town.success(GROUP, 120)
        assert town.all_live()
        assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
        assert len(bot.events("run taken over")) == 1
        assert len(town.cards(GROUP)) == 1
    finally:
        await town.clear()
        drop()

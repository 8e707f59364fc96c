"""A PostgreSQL server that goes away under the running bot, and comes back."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.locks import named
from tests.kit.postgres import PostgresServer, shut
from tests.kit.town import OWNER, Town, until
from tests.process.test_refused_starts import refused
from tests.process.test_workers import waiting_for_the_name


@pytest.fixture
async def url(town: Town, migrated_file: Path, postgres: PostgresServer) -> AsyncIterator[str]:
    """The database of a furnished town."""
    made, drop = postgres.clone()
    await town.furnish(migrated_file, made)
    town.settings |= {"DATABASE_URL": made, "SECRET_KEY": (town.data / "secret.key").read_text().strip()}
    yield made
    await town.clear()
    drop()


async def test_an_outage_is_told_in_a_few_lines_and_leaves_the_name_with_its_process(town: Town, url: str) -> None:
    bot = await town.start()
    with shut(url):
        await until(lambda: bot.events("database_away"))
        await asyncio.sleep(4)
    await until(lambda: bot.events("database_back"))
    await asyncio.sleep(1.5)

    # Somebody else who is given the same name by mistake, on a machine of their own.
    refused(await town.command("sync", DATA_DIR=str(town.folder / "elsewhere")), "under the name “main”")
    await town.owner.says("/sync")
    await town.success(OWNER)
    await bot.stop()

    (back,) = bot.events("database_back")
    assert 4 <= back["seconds"] < 60
    assert len(bot.events("database_away")) == 1
    assert "Traceback" not in bot.text
    lines = [json.loads(line) for line in bot.text.splitlines() if line.startswith("{")]
    written = Counter((line["logger"], line["event"], line.get("lanes"), line.get("line")) for line in lines)
    assert max(written[key] for key in written if key[0] != "chimera.run") <= 2, "as it went, and as it was away"
    assert sum(line["times"] for line in bot.events("repeated")) > 10


async def test_a_process_whose_name_went_to_another_one_stops_and_says_so(town: Town, url: str) -> None:
    bot = await town.start()
    with waiting_for_the_name(named(url, "main"), "main") as send_away:
        send_away()
        assert await bot.ended() == 2
    assert "Another Chimera works on this database under the name “main”." in bot.text
    assert "Traceback" not in bot.text

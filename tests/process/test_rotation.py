"""Slow: the key of secrets is changed as docs/using.md says, in a bot and a cron job that share one PostgreSQL."""

from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet, InvalidToken

from core.secrets import SecretBox
from tests.kit.postgres import PostgresServer
from tests.kit.town import OWNER, Running, Town
from tests.process.test_refused_starts import refused

pytestmark = pytest.mark.slow


def sealed_with(url: str, key: str) -> list[bool]:
    """Tell of every stored secret whether this one key opens it."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT secrets FROM integrations").fetchall()
    return [_opens(key, token) for (secrets,) in rows for token in secrets.values()]


def _opens(key: str, token: str) -> bool:
    try:
        Fernet(key).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


async def again(town: Town, running: Running, keys: str) -> Running:
    await running.stop()
    return await town.start(SECRET_KEY=keys)


async def syncs(town: Town) -> None:
    """Have the bot sync, for which it opens the secrets of the ERP and the platform."""
    asked = await town.owner.says("/sync")
    await town.telegram.wait_for(OWNER, "Success", timeout=120, after=asked)


async def test_a_key_is_changed_in_one_process_after_the_other_and_every_run_succeeds(
    town: Town, migrated_file: Path, postgres: PostgresServer
) -> None:
    url, drop = postgres.clone()
    await town.furnish(migrated_file, url)
    town.settings["DATABASE_URL"] = url
    old, new = (town.data / "secret.key").read_text().strip(), SecretBox.new_key()
    cron = {"WORKER_ID": "cron", "DATA_DIR": str(town.folder / "elsewhere")}
    try:
        bot = await town.start()
        assert (await town.command("sync", SECRET_KEY=f"{old},{new}", **cron)).code == 0
        bot = await again(town, bot, f"{old},{new}")
        assert all(sealed_with(url, old)), "sealed with a key that not all of them know yet"

        assert (await town.command("sync", SECRET_KEY=f"{new},{old}", **cron)).code == 0
        assert all(sealed_with(url, new))
        assert not any(sealed_with(url, old))
        refused(await town.command("sync", SECRET_KEY=old, **cron), "do not open with this key")
        await syncs(town)

        # What is saved before the last process was started again may still be sealed with the old key.
        document = town.document()
        document["integrations"].append(town.document()["integrations"][0] | {"name": "Second ERP"})
        saved = await town.command("apply", town.write(document), SECRET_KEY=f"{old},{new}", **cron)
        assert saved.code == 0, saved.err
        assert any(sealed_with(url, old))
        refused(await town.command("sync", SECRET_KEY=new, **cron), "do not open with this key")
        bot = await again(town, bot, f"{new},{old}")
        assert all(sealed_with(url, new))

        assert (await town.command("sync", SECRET_KEY=new, **cron)).code == 0
        await again(town, bot, new)
        await syncs(town)
    finally:
        await town.clear()
        drop()

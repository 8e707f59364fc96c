"""What must not start says why in one sentence, with exit code 2, and leaves everything as it was."""

import asyncio
import socket
import sqlite3
from pathlib import Path

from core.secrets import SecretBox
from tests.kit.town import Finished, Town, until


def refused(found: Finished, *words: str) -> None:
    """Check for exit code 2 and one sentence that has all these words."""
    assert found.code == 2, found
    assert found.out == ""
    assert found.err.count("\n") == 1, found.err
    assert "Traceback" not in found.err
    for word in words:
        assert word in found.err


def content(folder: Path) -> dict[str, bytes]:
    """Return every file that matters; the lock may note a process's number, and SQLite its helpers."""
    ignored = ("lock", "chimera.db-shm", "chimera.db-wal")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in ignored}


async def test_a_missing_malformed_or_refused_token_makes_no_folder(town: Town) -> None:
    missing, malformed, database, no_server, no_key, no_address = await asyncio.gather(
        town.command("run", BOT_TOKEN=None, LOCALE="pt_BR"),
        town.command("run", BOT_TOKEN="not a token"),
        town.command("run", DATABASE_URL="mysql://me:secret@nowhere/x"),
        town.command(
            "export", DATABASE_URL="postgresql://me:secret@127.0.0.1:1/x", DATA_DIR=str(town.folder / "other")
        ),
        town.command("export", SECRET_KEY="short"),
        town.command("export", TELEGRAM_API="nonsense"),
    )
    refused(no_key, "secret key is not usable")
    refused(no_address, "CHIMERA_TELEGRAM_API", "https://api.telegram.org")
    refused(database, "CHIMERA_DATABASE_URL", "postgresql://")
    refused(no_server, "database cannot be opened", "Connection refused")
    assert "secret" not in database.err + no_server.err
    refused(missing, "CHIMERA_BOT_TOKEN não está definido")
    refused(malformed, "looks like 123456:")
    refused(await town.command("run", BOT_TOKEN="42:another-token"), "refused the bot token")
    assert not town.data.exists()


async def test_a_file_in_place_of_the_folder_is_said(town: Town) -> None:
    town.data.write_text("mine")
    refused(await town.command("export"), "data folder", "cannot be used")
    assert town.data.read_text() == "mine"


async def test_a_wrong_or_lost_key_and_a_newer_database_change_nothing_and_an_old_key_may_go(furnished: Town) -> None:
    town = furnished
    before = content(town.data)
    refused(await town.command("export", SECRET_KEY=SecretBox.new_key()), "do not open with this key")
    assert content(town.data) == before
    key = (town.data / "secret.key").read_bytes()
    (town.data / "secret.key").unlink()
    refused(await town.command("export"), "key file", "is gone")
    assert not (town.data / "secret.key").exists()
    new = SecretBox.new_key()
    assert (await town.command("export", SECRET_KEY=f"{new},{key.decode()}")).code == 0
    assert (await town.command("export", SECRET_KEY=new)).code == 0, "the old key is still needed"
    (town.data / "secret.key").write_text(new)
    (town.data / "secret.key").chmod(0o600)
    with sqlite3.connect(town.data / "chimera.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = content(town.data)
    refused(await town.command("export"), "newer Chimera", "9999")
    assert content(town.data) == before


async def test_a_second_process_a_taken_port_and_a_second_bot_with_the_token_leave(furnished: Town) -> None:
    town = furnished
    running = await town.start()
    await until(lambda: any(one.method == "getUpdates" and one.status == 200 for one in town.telegram.world.calls))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        beside, no_port, rival = await asyncio.gather(
            town.command("run"),
            town.command("run", DATA_DIR=str(town.folder / "second"), HTTP_PORT=port),
            town.launch(DATA_DIR=str(town.folder / "third")),
        )
    refused(beside, "in use by another Chimera", str(running.process.pid))
    refused(no_port, port, "CHIMERA_HTTP_PORT")
    assert await rival.ended() == 2
    assert "Another bot runs with this token" in rival.text
    assert "Traceback" not in rival.text
    await town.owner.says("/status")
    await town.telegram.wait_for(town.owner.id, "Daily sync")
    assert running.process.returncode is None


async def test_a_turned_clock_is_refused_with_the_real_telegram(town: Town) -> None:
    refused(await town.command("run", TELEGRAM_API="https://api.telegram.org"), "CHIMERA_CLOCK")
    assert not town.data.exists()

"""A start seals with the newest key what an older one sealed, while other processes go on saving."""

import asyncio

from sqlalchemy import select, text

from core.configuration.stored import load_stored
from core.connections.model import Integration
from core.connections.repository import open_secrets, seal_anew, seal_secrets
from core.db.database import Database
from core.organisations.repository import ensure_organisation
from core.secrets import SecretBox
from tests.kit.databases import Databases
from tests.kit.postgres import PostgresServer

OLD, NEW = SecretBox.new_key(), SecretBox.new_key()
BEFORE, STARTING = SecretBox(f"{OLD},{NEW}"), SecretBox(f"{NEW},{OLD}")
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


async def start(database: Database) -> None:
    async with database.writing() as session:
        await seal_anew(session, STARTING)


async def until_it_waits(database: Database) -> None:
    async with asyncio.timeout(30), database.reading() as session:
        while not await session.scalar(_WAITING):
            await session.rollback()


async def test_a_password_saved_while_another_process_starts_is_not_put_back(
    postgres: PostgresServer, databases: Databases
) -> None:
    with postgres.lent() as url:
        async with databases.at(url) as database:
            async with database.writing() as session:
                home = await ensure_organisation(session, "Mercado Azul", "America/Sao_Paulo", "en")
                await session.flush()
                erp = Integration(organisation_id=home.id, name="ERP", module="rp", settings={})
                seal_secrets(erp, {"password": "yesterdays"}, BEFORE)
                session.add(erp)
            async with asyncio.TaskGroup() as tasks, database.writing() as session:
                stored = await load_stored(session, home.id, lock=True)
                seal_secrets(stored.integrations.live["ERP"], {"password": "todays"}, BEFORE)
                await session.flush()
                tasks.create_task(start(database))
                await until_it_waits(database)
            async with database.reading() as session:
                found = (await session.scalars(select(Integration))).one()

    assert open_secrets(found, SecretBox(NEW)) == {"password": "todays"}

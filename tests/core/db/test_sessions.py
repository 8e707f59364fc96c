"""What our sessions on a real PostgreSQL tell the driver and the server about waiting for each other."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.environment import Environment
from bot.locks import WorkerLock, server_address
from core.db.database import Database
from jobs.engine import _database_engine
from tests.kit.postgres import PostgresServer

_WANTED = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_LIMITS = "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')"


@pytest.fixture
def environment(postgres: PostgresServer, tmp_path: Path) -> Environment:
    return Environment(data_dir=tmp_path, database_url=f"{postgres.empty()}&tcp_user_timeout=90000")


def patience(connection: psycopg.Connection | psycopg.AsyncConnection) -> dict[str, str]:
    told = connection.info.get_parameters()
    return {name: told[name] for name in _WANTED}


async def asked(connection: Any) -> tuple[dict[str, str], Any]:
    raw = await connection.get_raw_connection()
    return patience(raw.driver_connection), (await connection.execute(sa.text(_LIMITS))).one()


async def test_every_session_waits_only_so_long_for_a_server_that_is_gone(environment: Environment) -> None:
    wanted = _WANTED | {"tcp_user_timeout": "90000"}
    database = Database(environment.url)
    async with database.engine.connect() as connection:
        assert await asked(connection) == (wanted, ("10min", "0"))
    async with database._locking.connect() as connection:
        assert await asked(connection) == (wanted, ("10min", "0"))
    await database.close()

    engine = _database_engine(environment.engine_url)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert patience(driver) == wanted
    engine.dispose()

    lock = WorkerLock(server_address(environment.url), "main")
    lock.acquire()
    assert patience(lock._open_connection) == wanted
    assert lock._open_connection.execute(_LIMITS).fetchone() == ("10min", "0")
    lock.release()

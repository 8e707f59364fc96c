"""Whether somebody works under a name, on a real PostgreSQL: the lock, and sessions that outlived theirs."""

import time

import psycopg
import pytest

from bot.locks import WorkerLock, Workers, named, server_address
from tests.kit.postgres import PostgresServer


@pytest.fixture
def server(postgres: PostgresServer) -> str:
    address = server_address(postgres.empty())
    assert address is not None
    return address


def _becomes_vacant(workers: Workers) -> None:
    """Wait for the server to notice that a session ended."""
    for _ in range(100):
        with workers.vacant("cron") as free:
            if free:
                return
        time.sleep(0.05)
    raise TimeoutError


def test_a_name_is_vacant_only_when_nobody_goes_by_it(server: str) -> None:
    workers = Workers(named(server, "asker"))
    with workers.vacant("cron") as free, workers.vacant("cron") as again:
        assert (free, again) == (True, False), "who asks keeps the name free"
    _becomes_vacant(workers)

    lock = WorkerLock(server, "cron")
    lock.acquire()
    with workers.vacant("cron") as free:
        assert not free
    lock.release()
    _becomes_vacant(workers)

    # The server restarted, say: the process lives on, its lock does not.
    with psycopg.connect(named(server, "cron")), workers.vacant("cron") as free:
        assert not free
    _becomes_vacant(workers)


def test_a_server_that_cannot_be_asked_makes_nobody_vacant(server: str) -> None:
    with Workers(server.replace("/empty_", "/missing_")).vacant("cron") as free:
        assert not free


def test_on_sqlite_every_other_name_is_vacant() -> None:
    with Workers(server_address("sqlite:////tmp/chimera.db")).vacant("cron") as free:
        assert free

"""Whether somebody works under a name, on a real PostgreSQL: the lock, and sessions that outlived theirs."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager

import psycopg
import pytest

from bot.locks import NameTaken, WorkerLock, Workers, _key, named, server_address
from core.errors import StartError
from tests.kit.postgres import PostgresServer, shut


@pytest.fixture
def server(postgres: PostgresServer) -> str:
    address = server_address(postgres.empty())
    assert address is not None
    return address


@contextmanager
def waiting_for_the_name(url: str, name: str = "cron") -> Iterator[Callable[[], None]]:
    """Have a session that gets the lock the moment it is free; yields what sends its holder away."""
    with closing(psycopg.connect(url, autocommit=True)) as rival, psycopg.connect(url, autocommit=True) as server:
        key = _key(name)
        pid = rival.info.backend_pid
        rival.pgconn.send_query(f"SELECT pg_advisory_lock({key})".encode())
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = %s"
        while server.execute(waits, (pid,)).fetchone() != (1,):
            time.sleep(0.01)

        def send_away() -> None:
            holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            server.execute(f"{holders} AND objid = {key}".encode())

        yield send_away


def held(url: str) -> bool:
    """Tell whether a process that starts now is refused."""
    second = WorkerLock(url, "cron")
    try:
        second.acquire()
    except NameTaken:
        return True
    finally:
        second.release()
    return False


@asynccontextmanager
async def kept(lock: WorkerLock) -> AsyncIterator[asyncio.Task[None]]:
    """Keep the name inside the block."""
    lock.acquire()
    keeping = asyncio.ensure_future(lock.keep())
    await asyncio.sleep(0)
    yield keeping
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    lock.release()


async def becomes_held(url: str, keeping: asyncio.Task[None]) -> None:
    """Wait until the name is taken again. A try of ours may stand in the way of theirs, which waits then."""
    for _ in range(20):
        assert not keeping.done(), keeping
        if await asyncio.to_thread(held, url):
            return
        await asyncio.sleep(0.4)
    raise TimeoutError


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


def test_a_process_that_starts_while_somebody_asks_after_it_waits_for_its_name(server: str) -> None:
    lock = WorkerLock(named(server, "cron"), "cron")
    with ThreadPoolExecutor(1) as others:
        with Workers(named(server, "asker")).vacant("cron") as free:
            starting = others.submit(lock.acquire)
            with pytest.raises(TimeoutError):
                starting.result(timeout=0.3)
            assert free
        assert starting.result(timeout=30) is None
    lock.release()


def test_a_server_that_cannot_be_asked_makes_nobody_vacant(server: str) -> None:
    with Workers(server.replace("/empty_", "/missing_")).vacant("cron") as free:
        assert not free


async def test_a_name_that_was_lost_with_the_server_is_taken_again(server: str) -> None:
    async with kept(WorkerLock(named(server, "cron"), "cron")) as keeping:
        with shut(server):
            await asyncio.sleep(0.1)
        await becomes_held(named(server, "asker"), keeping)


def crash(url: str) -> None:
    """Kill a session of the server, which then ends all others and comes up anew."""
    with closing(psycopg.connect(url)) as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            victim.execute("SELECT 1")


def take_at_once(lock: WorkerLock) -> None:
    """Take a name from the first moment on in which the server lets anybody in. Raises NameTaken."""
    while True:
        try:
            lock.acquire()
        except NameTaken:
            raise
        except StartError:
            time.sleep(0.01)
        else:
            lock.release()
            return


async def test_who_comes_just_after_the_servers_crash_takes_no_name_of_a_process_that_lives(server: str) -> None:
    async with kept(WorkerLock(named(server, "cron"), "cron")) as keeping:
        crash(server)
        with pytest.raises(NameTaken, match="“cron”"):
            await asyncio.to_thread(take_at_once, WorkerLock(named(server, "newcomer"), "cron"))
        assert not keeping.done()


async def test_a_process_whose_name_another_one_took_meanwhile_stops(server: str) -> None:
    address = named(server, "cron")
    async with kept(WorkerLock(address, "cron")) as keeping:
        with waiting_for_the_name(address) as send_away:
            send_away()
            with pytest.raises(NameTaken, match="“cron”"):
                await asyncio.wait_for(keeping, 10)


async def test_a_process_that_only_asks_for_us_takes_no_name(server: str) -> None:
    async with kept(WorkerLock(named(server, "cron"), "cron")) as keeping:
        with waiting_for_the_name(named(server, "asker")) as send_away:
            send_away()
            await asyncio.sleep(1.5)
            assert not keeping.done()
        await becomes_held(named(server, "asker"), keeping)


async def test_a_session_of_ours_that_the_server_still_believes_in_is_ended(server: str) -> None:
    lock = WorkerLock(named(server, "cron"), "cron")
    lock.acquire()
    assert lock._connection is not None
    here, there = socket.socketpair()
    there.close()
    before = os.dup(lock._connection.fileno())
    os.dup2(here.fileno(), lock._connection.fileno())
    here.close()
    session = lock._session
    keeping = asyncio.ensure_future(lock.keep())
    for _ in range(100):
        assert not keeping.done(), keeping
        await asyncio.sleep(0.05)
        if lock._session != session:
            break
    assert lock._session != session
    assert held(named(server, "asker"))
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    lock.release()
    os.close(before)


def test_on_sqlite_every_other_name_is_vacant() -> None:
    with Workers(server_address("sqlite:////tmp/chimera.db")).vacant("cron") as free:
        assert free

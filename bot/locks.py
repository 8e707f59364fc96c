"""One owner per data folder and per worker name: a second one would steal running work."""

import asyncio
import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg
import structlog
from sqlalchemy.engine import make_url

from core.db.database import async_url, sync_url
from core.db.sessions import let_go
from core.errors import StartError
from core.texts import T

LOCK_FILE = "lock"
_LOOK_SECONDS = 1.0
"""Pause between two tries to reach the server: while it is back and we are not, our name is free."""
_TRIES = 5
"""So often, a second apart, a start asks for its name: who only asks whether we live (`Workers.vacant`) may hold it."""
_SETTLED_SECONDS = 4.0
"""So long a newcomer takes no name from a server that has just come up: whose name it is may have been cut off."""

_SETTLED = """
    SELECT pg_sleep(greatest(0, %s - extract(epoch FROM now() - up.since)))
    FROM (SELECT greatest(pg_postmaster_start_time(), max(backend_start)) AS since
          FROM pg_stat_activity WHERE backend_type = 'checkpointer') AS up
"""
_TAKE = """
    SELECT pg_try_advisory_lock(%s), pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""
_HOLDER = """
    SELECT pid, backend_start, application_name = current_setting('application_name')
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
    AND classid = 0 AND objid::bigint = %s AND objsubid = 1
"""

log = structlog.get_logger(__name__)


class FolderBusy(StartError):
    """Another process owns the data folder."""


class FolderLock:
    """Held from before the first write until the process ends; the system frees it on any death."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Make the folder if need be and take it. Raises FolderBusy, StartError."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self._folder / LOCK_FILE).open("a+", encoding="ascii")
        except OSError as error:
            reason = error.strerror or "?"
            raise StartError(
                T("The data folder {folder} cannot be used: {reason}.", folder=str(self._folder), reason=reason)
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "?"
            file.close()
            raise FolderBusy(
                T(
                    "The data folder {folder} is in use by another Chimera (process {owner}). "
                    "Stop that one first, or choose another CHIMERA_DATA_DIR.",
                    folder=str(self._folder),
                    owner=owner,
                )
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class NameTaken(StartError):
    """Another live process works under the worker's name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            T(
                "Another Chimera works on this database under the name “{name}”. "
                "Give this one its own CHIMERA_WORKER_ID.",
                name=name,
            )
        )


class WorkerLock:
    """On PostgreSQL: a session lock on the worker's name, whatever machine it runs on. On SQLite there is none."""

    def __init__(self, url: str | None, worker_id: str) -> None:
        """`url` is the address of a PostgreSQL server, as psycopg reads it; None on SQLite."""
        self._url = url
        self._worker_id = worker_id
        self._connection: psycopg.Connection | None = None
        self._session: tuple[int, datetime] | None = None

    def acquire(self) -> None:
        """Take the name, as soon as nobody asks after it. Raises NameTaken; StartError when the database is away."""
        try:
            for _ in range(_TRIES):
                if self.acquire_now():
                    return
                if self._works_elsewhere():
                    break
                time.sleep(_LOOK_SECONDS)
        except psycopg.Error as error:
            raise StartError(T("The database cannot be opened: {cause}", cause=" ".join(str(error).split()))) from None
        self.release()
        raise NameTaken(self._worker_id)

    def acquire_now(self) -> bool:
        """Take the name unless somebody has it. Raises psycopg.Error.

        A server forgets names when it restarts, or ends all sessions after the crash of one: who had a name
        then has the time to take it again.
        """
        if self._url is None:
            return True
        if self._connection is None:
            self._connect(self._url)
            self._open_connection.execute(_SETTLED, (_SETTLED_SECONDS,))
        return self._take()

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def keep(self) -> None:
        """Hold the acquired name for good: a server that restarts forgets it. Raises NameTaken if we came too late."""
        if self._url is None:
            await asyncio.get_running_loop().create_future()
        while True:
            await self._touched()
            if not await asyncio.to_thread(self._alive):
                await self._return_to_work()

    def alone(self) -> bool:
        """Tell, while we hold the name, that no other session goes by it: one may have lost its lock and live."""
        asked = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = %s AND pid <> pg_backend_pid()"
        )
        row = self._open_connection.execute(asked, (session_name(self._worker_id),)).fetchone()
        return row is not None and row[0] == 0

    @property
    def _open_connection(self) -> psycopg.Connection:
        assert self._connection is not None  # noqa: S101 - asked of an acquired lock only
        return self._connection

    def _connect(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        let_go(self._connection)

    def _take(self) -> bool:
        row = self._open_connection.execute(_TAKE, (_key(self._worker_id),)).fetchone()
        if row is None or not row[0]:
            return False
        self._session = row[1:]
        return True

    async def _touched(self) -> None:
        """Return when something comes from the server: the end of our session, most often."""
        loop, touched, socket = asyncio.get_running_loop(), asyncio.Event(), self._open_connection.fileno()
        loop.add_reader(socket, touched.set)
        try:
            await touched.wait()
        finally:
            loop.remove_reader(socket)

    def _alive(self) -> bool:
        try:
            self._open_connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    async def _return_to_work(self) -> None:
        since = time.monotonic()
        log.warning("database_away", worker=self._worker_id)
        while True:
            if await asyncio.to_thread(self._taken_again):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        log.warning("database_back", worker=self._worker_id, seconds=round(time.monotonic() - since, 1))

    def _taken_again(self) -> bool:
        """Take the name anew; False means that it is too early to tell. Raises NameTaken."""
        self.release()
        try:
            self._connect(str(self._url))
            if self._take():
                return True
            elsewhere = self._works_elsewhere()
        except psycopg.Error:
            return False
        if elsewhere:
            raise NameTaken(self._worker_id)
        return False

    def _works_elsewhere(self) -> bool:
        """Tell whether who holds the name works under it; who only asks after us is not meant."""
        connection = self._open_connection
        for pid, begun, namesake in connection.execute(_HOLDER, (_key(self._worker_id),)):
            if (pid, begun) == self._session:
                # We, before the connection broke; the server has not noticed yet.
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
            elif namesake:
                return True
        return False


class Workers:
    """Knows which names of workers nobody goes by any more. On SQLite that is every name but one's own."""

    def __init__(self, url: str | None) -> None:
        """`url` is the address of a PostgreSQL server, as psycopg reads it; None on SQLite."""
        self._url = url

    @contextmanager
    def vacant(self, worker_id: str) -> Iterator[bool]:
        """Tell whether no process works under a name, and keep it free meanwhile."""
        if self._url is None:
            yield True
            return
        lock = WorkerLock(self._url, worker_id)
        try:
            yield _held_alone(lock)
        finally:
            lock.release()


def _held_alone(lock: WorkerLock) -> bool:
    try:
        return lock.acquire_now() and lock.alone()
    except psycopg.Error:
        return False


def server_address(url: str) -> str | None:
    """Return a database's address as psycopg reads it; None on SQLite."""
    address = sync_url(async_url(url))
    if address.get_backend_name() != "postgresql":
        return None
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def named(url: str, worker_id: str) -> str:
    """Return the address of a PostgreSQL server with the worker's name for its sessions."""
    name = {"application_name": session_name(worker_id)}
    return make_url(url).update_query_dict(name).render_as_string(hide_password=False)


def session_name(worker_id: str) -> str:
    """Return what the sessions of a worker are called on the server, whatever characters its name has."""
    return f"chimera-{_key(worker_id):08x}"


def _key(worker_id: str) -> int:
    return zlib.crc32(f"chimera:{worker_id}".encode())
